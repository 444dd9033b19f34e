"""Exchange rates into the database, their numbers as exact text."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from data.clock import now
from data.database import upsert
from data.fx.csv_file import parse
from data.fx.rates import ExchangeRate
from data.tables import currencies, operations


def import_csv(connection: Connection, text: str) -> int:
    """Keep the rates of a CSV file, over those of the same day and pair; gives how many it has.

    Raises RateFileError, and keeps nothing, when anything in it is wrong.
    """
    rates = parse(text)
    save(connection, rates)
    return len(rates)


def save(connection: Connection, rates: Iterable[ExchangeRate]) -> None:
    """Keep rates, over those of the same day and pair, as a new version of the data."""
    rows = [vars(each) | {"rate": f"{each.rate:f}"} for each in rates]
    upsert(connection, currencies.exchange_rate, rows)
    _publish(connection)


def remove(connection: Connection, rate: ExchangeRate) -> None:
    """Take out the rate of a day and pair, as a new version of the data."""
    table = currencies.exchange_rate
    found = (
        table.c.date == rate.date,
        table.c.from_currency == rate.from_currency,
        table.c.to_currency == rate.to_currency,
    )
    connection.execute(delete(table).where(*found))
    _publish(connection)


def _publish(connection: Connection) -> None:
    """A new version of the data, of the same instant; before the first sync there is none to follow."""
    version = operations.data_version
    last = select(version.c.data_at).order_by(version.c.version.desc()).limit(1)
    data_at = connection.execute(last).scalar()
    if data_at is not None:
        values = {"committed_at": now(), "data_at": data_at, "reason": "exchange rates"}
        connection.execute(insert(version).values(**values))

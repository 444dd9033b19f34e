"""Exchange rates into the database, their numbers as exact text."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

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
    version = operations.data_version
    last = select(version.c.data_at).order_by(version.c.version.desc()).limit(1)
    data_at = connection.execute(last).scalar()
    if data_at is not None:
        values = {"committed_at": now(), "data_at": data_at, "reason": "exchange rates"}
        connection.execute(insert(version).values(**values))

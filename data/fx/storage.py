"""Exchange rates in the database, their numbers as exact text."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import Connection, Engine, select

from data.database import upsert
from data.fx.csv_file import parse
from data.fx.rates import ExchangeRate
from data.tables import currencies

table = currencies.exchange_rate


def import_csv(connection: Connection, text: str) -> int:
    """Keep the rates of a CSV file, over those of the same day and pair; gives how many it has.

    Raises RateFileError, and keeps nothing, when anything in it is wrong.
    """
    rates = parse(text)
    save(connection, rates)
    return len(rates)


def save(connection: Connection, rates: Iterable[ExchangeRate]) -> None:
    """Keep rates, over those of the same day and pair."""
    upsert(connection, table, [vars(each) | {"rate": f"{each.rate:f}"} for each in rates])


def exchange_rates(engine: Engine) -> list[ExchangeRate]:
    """Every rate, oldest first."""
    query = select(*table.c).order_by(*table.primary_key)
    with engine.connect() as connection:
        return [
            ExchangeRate(row.date, row.from_currency, row.to_currency, Decimal(row.rate))
            for row in connection.execute(query)
        ]

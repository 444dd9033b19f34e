"""Rates in the database: exact, one for a day and pair, and a bad file changes nothing."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from data.fx.csv_file import RateFileError
from data.fx.rates import ExchangeRate
from data.fx.storage import exchange_rates, import_csv

FIRST = "date,from,to,rate\n2026-02-28,eur,usd,1.10\n2026-01-31,eur,usd,0.00000123456789012345\n"
LATER = "date,from,to,rate\n2026-02-28,EUR,USD,1.2\n2026-02-28,eur,usd,1.2\n"


def test_a_later_file_replaces_the_same_days(engine: Engine) -> None:
    with engine.begin() as connection:
        assert import_csv(connection, FIRST) == 2
        assert import_csv(connection, LATER) == 2
    assert exchange_rates(engine) == [
        ExchangeRate(date(2026, 1, 31), "eur", "usd", Decimal("0.00000123456789012345")),
        ExchangeRate(date(2026, 2, 28), "eur", "usd", Decimal("1.2")),
    ]


def test_a_bad_file_changes_nothing(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(RateFileError):
        import_csv(connection, f"{FIRST}2026-03-31,eur,usd,none\n")
    assert exchange_rates(engine) == []

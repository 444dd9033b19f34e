"""Rates in the database: exact, one for a day and pair, and a bad file changes nothing."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import Engine, insert

from dashboard.metrics.conversion import rates_into
from data import frames
from data.fx.csv_file import RateFileError
from data.fx.storage import import_csv
from data.tables import operations
from tests.data.strategies import NOW

FIRST = "date,from,to,rate\n2026-02-28,eur,usd,1.10\n2026-01-31,eur,usd,0.00000123456789012345\n"
LATER = "date,from,to,rate\n2026-02-28,EUR,USD,1.2\n2026-02-28,eur,usd,1.2\n"


def test_a_later_file_replaces_the_same_days(engine: Engine) -> None:
    with engine.begin() as connection:
        assert import_csv(connection, FIRST) == 2
        assert import_csv(connection, LATER) == 2
    kept = frames.exchange_rates(engine)
    assert kept["rate"].tolist() == ["0.00000123456789012345", "1.2"]
    table = rates_into("usd", kept)
    assert table.closing("eur", "2026-01") == Fraction(Decimal("0.00000123456789012345"))
    assert table.dated("eur", "2026-03") == date(2026, 2, 28)


def test_rates_are_a_new_version_of_the_data(engine: Engine) -> None:
    synced = {"committed_at": NOW, "data_at": NOW, "reason": "sync"}
    with engine.begin() as connection:
        import_csv(connection, FIRST)
        assert frames.data_status(engine).version is None
        connection.execute(insert(operations.data_version).values(**synced))
    with engine.begin() as connection:
        import_csv(connection, LATER)
    status = frames.data_status(engine)
    assert (status.version, status.data_at) == (2, NOW)


def test_a_bad_file_changes_nothing(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(RateFileError):
        import_csv(connection, f"{FIRST}2026-03-31,eur,usd,none\n")
    assert frames.exchange_rates(engine).empty

"""Rates as people change them: whole, as a new version of the data, failures in words."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, insert, text

from data import frames
from data.fx import editing
from data.fx.rates import ExchangeRate
from data.tables import operations
from data.writing import NotChangedError
from tests.data.strategies import NOW

RATE = ExchangeRate(date(2026, 1, 31), "eur", "usd", Decimal("1.10"))
OTHER = ExchangeRate(date(2026, 1, 31), "gbp", "usd", Decimal("1.3"))


def version(engine: Engine) -> int | None:
    return frames.data_status(engine).version


def test_rates_are_kept_and_taken_out_each_as_a_version(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        synced = {"committed_at": NOW, "data_at": NOW, "reason": "sync"}
        connection.execute(insert(operations.data_version).values(**synced))
    editing.keep(database_url, [RATE, OTHER])
    assert version(engine) == 2
    editing.remove(database_url, RATE)
    assert version(engine) == 3
    assert frames.exchange_rates(engine)["from_currency"].tolist() == ["gbp"]
    assert frames.data_status(engine).data_at == NOW


def test_a_rate_that_is_gone_already_is_no_failure(engine: Engine, database_url: str) -> None:
    editing.remove(database_url, RATE)
    assert frames.exchange_rates(engine).empty


def test_a_database_that_refuses_says_so_in_words(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("drop table exchange_rate"))
    with pytest.raises(NotChangedError, match="nothing was changed") as raised:
        editing.keep(database_url, [RATE])
    assert "exchange_rate" not in str(raised.value)

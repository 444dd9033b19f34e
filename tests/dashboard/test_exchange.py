"""Rates as people bring them: a file is read whole or its mistakes are named."""

import pytest

from dashboard import access, exchange


def test_a_file_of_rates() -> None:
    found, wrong, text = exchange.read_file(b"\xef\xbb\xbfdate,from,to,rate\n2026-01-31,EUR,USD,1.1\n")
    assert [rate.from_currency for rate in found] == ["eur"]
    assert not wrong
    assert text.startswith("date")


def test_every_mistake_is_named() -> None:
    found, wrong, text = exchange.read_file(b"date,from,to,rate\n2026-01-31,eur,usd,0\nx,eur,usd,1\n")
    assert not found
    assert [sentence.split(":")[0] for sentence in wrong] == ["line 2, column rate", "line 3, column date"]
    assert text.endswith("x,eur,usd,1\n")


def test_a_file_in_another_encoding_is_told_apart() -> None:
    found, wrong, _ = exchange.read_file(b"date,from,to,rate\n2026-01-31,\xe9ur,usd,1\n")
    assert not found
    assert wrong == ["line 2: it is not UTF-8 text; save the file as CSV UTF-8"]


def test_without_the_permission_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PERMISSIONS", {"edit exchange rates": frozenset()})
    with pytest.raises(access.ForbiddenError, match="edit exchange rates"):
        exchange.keep([])

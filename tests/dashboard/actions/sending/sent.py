"""Quotes as people send and accept them, for tests."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dashboard import cache
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import sending as quote_sending
from dashboard.quoting.desk import Draft
from data import config
from data.catalog import DEFAULT_FILE
from data.quotes import drafts as quotes
from tests.dashboard.actions.conftest import Desk
from tests.dashboard.actions.quoted import Quoted

SIGNED = b"%PDF-1.7\nsigned\n%%EOF\n"
ACCEPTED_ON = date(2026, 1, 5)


def now(quoted: Quoted) -> Draft:
    """The quote as it is here."""
    found = quotes.latest(quoted.desk.url, quoted.id)
    assert found is not None
    return found


def sent(quoted: Quoted, to: str = "") -> str:
    """Compare and send it."""
    known = cache.snapshot()
    assert known is not None
    compared = quote_sending.prepare(now(quoted), quoted.priced)
    return quote_sending.send(known, now(quoted), *compared, to)


def accept(quoted: Quoted, content: bytes = SIGNED) -> str:
    """Note that it was signed."""
    yes = quote_accepting.acceptance(quoted.offer, "Ada Byron", ACCEPTED_ON)
    return quote_accepting.accept(now(quoted), yes, quote_accepting.look(yes), "signed.pdf", content)


def rows(desk: Desk, column: Any) -> list[Any]:
    """What a column holds."""
    with desk.engine.connect() as connection:
        return list(connection.scalars(select(column).order_by(column)))


def sell_dearer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From now on the price list is another."""
    file = tmp_path / "sold.toml"
    file.write_text(DEFAULT_FILE.read_text().replace("= 2160000", "= 2260000"))
    monkeypatch.setenv("CATALOG_FILE", str(file))
    config.use(None)


ADDING: dict[str, Any] = {
    "plan": "professional", "capacity": 5, "addons": ["sso"], "currency": "usd", "interval": "1month",
    "term": 0, "start": "date", "start_on": "2026-01-03", "collection": "send_invoice", "net_days": 30,
    "of.plan": "professional", "of.capacity": 10, "of.period_start": "2026-01-03",
    "of.renews_on": "2026-02-03", "discount.whole.percent": "7.5", "discount.whole.reason": "More seats",
    "fee.1.name": "Training", "fee.1.amount": "300",
}  # fmt: skip


def adding(desk: Desk, revises: str | None = None, **changes: Any) -> Quoted:
    """A quote that adds to a subscription of ten seats."""
    name = desk.scenario.subscribe(4_900, 10)
    return Quoted(desk, {**ADDING, "of.subscription": name, **changes}, revises=revises)

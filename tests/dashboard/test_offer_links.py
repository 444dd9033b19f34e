"""What whoever has a link to a quote's papers is given, over HTTP: these papers, and else a kind word."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select, update
from starlette.applications import Starlette

from dashboard import offer_links
from dashboard.quoting import linking as quote_linking
from data import clock, config
from data.audit import Entry
from data.quotes import drafts as quotes
from data.quotes import links as quote_links
from data.quotes import offers as quote_offers
from data.quotes.offers import Document, Offer
from data.tables.actions import audit_entry
from data.tables.offers import quote_link, quote_offer
from data.tables.quotes import sales_quote
from data.writing import NotChangedError, transaction
from tests.asking import asked

PAPERS = {"order_form": b"%PDF-ours", "stripe": b"%PDF-theirs", "signed": b"%PDF-signed"}


@dataclass
class Sent:
    """A quote that was sent with its papers, and visitors without a session."""

    url: str
    offer: Offer
    app: Starlette

    def link(self, until: timedelta = timedelta(1)) -> str:
        """A new link's token."""
        at = clock.now()
        made = Entry(at, "sam", "sales", "Make link to quote", "done", None, self.offer.id)
        return quote_links.make(self.url, self.offer, at + until, made)

    def get(self, path: str, client: str = "192.0.2.1") -> httpx.Response:
        """What a visitor is answered."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(client, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://ops") as session:
                return await session.get(path)

        return asked(ask)

    def set(self, table: Any, **values: Any) -> None:
        """Change all rows of a table: there is one quote."""
        with transaction(self.url) as connection:
            connection.execute(update(table).values(**values))

    def audited(self) -> list[tuple[str, str, str | None]]:
        """Who did what to which paper by links."""
        entry = audit_entry.c
        query = select(entry.person, entry.what, entry.reason).where(entry.role == "link")
        with transaction(self.url) as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]


@pytest.fixture
def sent(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    url = engine.url.render_as_string(hide_password=False)
    for name, value in (
        ("DATABASE_URL", url),
        ("SELLER_NAME", "<b>Northwind</b>"),
        ("SELLER_EMAIL", "ask@nw.example"),
    ):
        monkeypatch.setenv(name, value)
    config.use(None)
    key, at = quotes.create(url, {"prospect": "Initech"}, "sam"), clock.now()
    row = {"id": "qt_1", "quote_id": key, "version": 1, "seal": "x", "wanted": {}, "state": "open"}
    with transaction(url) as connection:
        connection.execute(
            quote_offer.insert().values(**row, written_at=at, expires_at=at + timedelta(9), customer_id=None)
        )
        connection.execute(sales_quote.update().values(state="sent"))
    for kind, content in PAPERS.items():
        quote_offers.keep(url, "qt_1", Document(f"{kind}.pdf", kind, content, at, "sam"))
    yield Sent(url, quote_offers.offers(url, key)[0], Starlette(routes=offer_links.routes()))
    config.use(None)


def test_a_link_gives_the_papers_for_the_customer_and_nothing_else(sent: Sent) -> None:
    token = sent.link()
    sent.set(quote_link, expires_at=clock.month_start("2098-06"))
    sent.set(quote_offer, expires_at=clock.month_start("2099-01"))
    page = sent.get(f"/offer/{token}")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store, private")
    assert "To accept until 31 Dec 2098, sign" in page.text
    assert "This link is good until 31 May 2098." in page.text
    assert "noindex" in page.headers["x-robots-tag"]
    assert "&lt;b&gt;Northwind&lt;/b&gt;" in page.text
    assert "the order form and send it back to ask@nw.example" in page.text
    paths = re.findall(r'href="([^"]+)"', page.text)
    got = [sent.get(f"/offer/{path}") for path in paths]
    assert [each.content for each in got] == [PAPERS["order_form"], PAPERS["stripe"]]
    assert {each.headers["content-type"] for each in got} == {"application/pdf"}
    assert got[0].headers["content-disposition"].startswith('attachment; filename="Order form ')
    assert sent.audited() == [
        ("customer", "Open quote by link", "Order form, by the link that sam made"),
        ("customer", "Open quote by link", "Quote, by the link that sam made"),
    ]
    for path in ("signed.pdf", "signed", "../healthz", "order-form.pdf/x"):
        assert sent.get(f"/offer/{token}/{path}").status_code == 404
    (link,) = quote_links.links(sent.url, "qt_1")
    assert (link.opened, link.first_opened_at == link.last_opened_at) == (1, True)
    with transaction(sent.url) as connection:
        kept = list(connection.scalars(select(quote_link.c.token_sha256)))
    assert token not in kept[0]


def _revoked(sent: Sent) -> None:
    for link in quote_links.links(sent.url, "qt_1"):
        for _ in range(2):  # the second time it is taken back already
            quote_links.revoke(
                sent.url, link, Entry(clock.now(), "sam", "sales", "Revoke link to quote", "done")
            )


def _state(state: str) -> Callable[[Sent], None]:
    def ends(sent: Sent) -> None:
        sent.set(quote_offer, state="canceled")
        sent.set(sales_quote, state=state)

    return ends


PAST = datetime(2026, 1, 1, tzinfo=UTC)


ENDS: Mapping[str, Callable[[Sent], None]] = {
    "This link was taken back": _revoked,
    "This link was good until": lambda sent: sent.set(quote_link, expires_at=PAST),
    "This offer has expired": lambda sent: sent.set(quote_offer, expires_at=PAST),
    "There is a newer offer in the place of this one": _state("superseded"),
    "This offer was taken back": _state("withdrawn"),
    "You have declined this offer": _state("declined"),
}
"""What is said, and what has happened: what comes later in the table says more."""


def test_what_is_over_says_so_and_gives_nothing(sent: Sent) -> None:
    token = sent.link()
    for says, ends in ENDS.items():
        if says == "This link was good until":
            token = sent.link()
        ends(sent)
        for path in ("", "/order-form.pdf", "/quote.pdf"):
            answer = sent.get(f"/offer/{token}{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (410, "text/html; charset=utf-8")
            assert says in answer.text
        assert "Ask &lt;b&gt;Northwind&lt;/b&gt; for a new one at ask@nw.example." in answer.text
    assert sent.audited() == []


def test_a_link_is_good_as_long_as_the_offer_and_a_year_at_most(sent: Sent) -> None:
    today = clock.now().date()
    for ends, usual in (
        (None, today + timedelta(30)),
        (clock.now(), today + timedelta(1)),
        (datetime.combine(today + timedelta(9), time(), UTC), today + timedelta(8)),
        (clock.month_start("2099-01"), today + timedelta(364)),
    ):
        assert quote_linking.usual(replace(sent.offer, expires_at=ends)) == usual <= quote_linking.latest()


def test_guesses_and_floods_are_held_back(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    minute = [30.0]
    monkeypatch.setattr(offer_links.time, "monotonic", lambda: minute[0])
    for module, name in ((offer_links, "GUESSES"), (offer_links, "VISITS"), (quote_links, "MOST")):
        monkeypatch.setattr(module, name, 2)
    sent.app = Starlette(routes=offer_links.routes())
    token = sent.link()
    guesses = [sent.get(f"/offer/{number:043}").status_code for number in range(3)]
    assert guesses == [404, 404, 429]
    assert [sent.get(f"/offer/{token}").status_code for _ in range(3)] == [200, 200, 429]
    minute[0] = 90.0
    assert [sent.get(f"/offer/{token}", "192.0.2.2").status_code for _ in range(3)] == [200, 200, 429]
    minute[0] = 120.0
    assert sent.get(f"/offer/{token}").status_code == 200
    sent.link()
    with pytest.raises(NotChangedError, match="2 links to it already"):
        sent.link()
    sent.set(quote_offer, state="canceled")
    with pytest.raises(NotChangedError, match="would lead nowhere"):
        sent.link()

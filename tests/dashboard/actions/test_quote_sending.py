"""Quotes sent and accepted as people do it, with a mail server and a sandbox on this machine."""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from aiosmtpd.controller import Controller
from alembic import command
from sqlalchemy import Engine, select, update

from dashboard import cache
from dashboard.actions import resuming
from dashboard.actions.base import ActionError, UnknownOutcomeError
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import linking as quote_linking
from dashboard.quoting import listing as quote_list
from dashboard.quoting import papers as quote_papers
from dashboard.quoting import sending as quote_sending
from dashboard.quoting.desk import Draft
from data import clock, config, frames
from data.catalog import DEFAULT_FILE
from data.config import settings
from data.migrations import alembic_config
from data.quotes import drafts as quotes
from data.quotes import links as quote_links
from data.quotes.offers import moved
from data.quotes.settling import _Seen
from data.quotes.states import ACCEPTED, SENT
from data.refresh import refresh
from data.sandbox.store import Store
from data.tables.addons import addon_setup
from data.tables.offers import quote_offer
from data.tables.provisioning import provisioning_request
from data.writing import transaction
from tests.dashboard.actions.conftest import Desk, desk_of
from tests.dashboard.actions.quoted import ENTERPRISE, Quoted
from tests.data.test_mail import Box
from tests.sandbox_server import API_KEY

SIGNED = b"%PDF-1.7\nsigned\n%%EOF\n"
ACCEPTED_ON = date(2026, 1, 5)


@pytest.fixture
def box() -> Box:
    """An empty mailbox."""
    return Box()


@pytest.fixture
def desk(
    served: Callable[[Store], str], sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, box: Box
) -> Iterator[Desk]:
    """A desk that the settings name, with a mail server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    with sqlite_engine.begin() as connection:  # it has all tables
        command.stamp(alembic_config(connection), "head")
    with desk_of(served, sqlite_engine, attempts=2) as desk:
        known = {"DATABASE_URL": desk.url, "STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": desk.stripe}
        known |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
        for name, value in (known | {"MAIL_FROM": "sales@example.com"}).items():
            monkeypatch.setenv(name, value)
        config.use(None)
        refresh(settings())
        yield desk
    config.use(None)
    server.stop()


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


def test_sent_by_mail_signed_billed_and_set_up(
    desk: Desk, box: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quoted = Quoted(desk, ENTERPRISE)
    assert sent(quoted, "ada@example.com") == ""
    sell_dearer(monkeypatch, tmp_path)
    monkeypatch.setenv("CUSTOMER_URL", "https://offers.example.com")
    config.use(None)
    assert quote_linking.mail(now(quoted), quoted.offer, "ada@example.com") == ""
    for envelope in box.held:
        message = message_from_bytes(envelope.content)
        papers = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
        assert [part.get_payload(decode=True)[:5] for part in papers] == [b"%PDF-"] * 2  # type: ignore[index]
        assert "$144,000.73 over 36 months" in message.get_payload(0).get_payload()  # type: ignore[union-attr]
    assert len(box.held) == 2
    text: Any = message_from_bytes(box.held[-1].content).get_payload(0)
    linked = re.search(rb"https://offers\.example\.com/offer/([\w-]{43})\s", text.get_payload(decode=True))
    led = quote_links.found(desk.url, linked[1].decode()) if linked else None
    assert led is not None
    assert (led.offer.id, quote_links.kinds(desk.url, led.offer.id)) == (
        quoted.offer.id,
        ["order_form", "stripe"],
    )
    with pytest.raises(ActionError, match="name, an @"):
        quote_linking.mail(now(quoted), quoted.offer, "ada")
    assert len(quote_linking.links(quoted.offer)) == 1
    known = cache.snapshot()
    assert known is not None
    assert quote_list.frame(known, [now(quoted)])["total"].tolist() == [144_000_73]
    order_form = quote_papers.documents(quoted.offer)[0].content
    for content, told in ((b"<html>", "has to be a PDF"), (order_form, "as it was sent")):
        with pytest.raises(ActionError, match=told):
            accept(quoted, content)
    assert accept(quoted) == ""
    assert (quoted.state(), quoted.offer.completed_at is not None) == ("accepted", True)
    assert rows(desk, addon_setup.c.addon) == ["custom_domain", "sla", "sso"]
    assert rows(desk, provisioning_request.c.key).count(f"{quoted.id}:1:accepted") == 1
    with pytest.raises(ActionError, match="accepted it at Stripe already"):
        accept(quoted)
    assert [each.kind for each in quote_papers.documents(quoted.offer)] == [
        "order_form",
        "stripe",
        "signed",
    ]
    assert [entry.what for entry in desk.audited()].count("Mail quote") == 4


def test_what_a_customer_does_at_stripe_is_noted_and_completed_once(desk: Desk) -> None:
    sold = {**ENTERPRISE, "addons": ["sso", "sla"], "discount.whole.percent": None}
    yes, no = (Quoted(desk, sold) for _ in "12")
    for quoted in (yes, no):
        desk.do(quoted.write())
        desk.do(quoted.send())
    assert desk.client.post(f"/v1/quotes/{yes.offer.id}/accept").is_success
    desk.scenario.until("2026-02-20")  # the other one expires
    with pytest.raises(ActionError, match="has expired"):
        accept(no)
    refresh(settings())
    for _ in range(2):
        assert quote_accepting.settle(settings()) == {}
        assert (yes.state(), yes.offer.accepted_by, no.state()) == ("accepted", "Stripe", "expired")
        assert yes.offer.completed_at is not None
        with transaction(desk.url) as connection:  # somebody's own note of it comes later
            moved(connection, _Seen(yes.named), SENT, ACCEPTED, clock.now())
        assert yes.offer.told is None
        assert rows(desk, provisioning_request.c.type).count("quote.accepted") == 1
    promise = next(each for each in rows(desk, addon_setup.c.settings) if "tier" in each)
    assert promise["begins"] == "2026-01"  # since they accepted, whenever it was seen
    desk.scenario.until("2028-12-30")
    theirs = [total for day, _, total, _ in desk.scenario.invoices() if total == yes.priced.years[2].billed]
    assert len(theirs) == 1


def test_a_revision_takes_the_place_of_what_was_sent(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    second = Quoted(desk, {**ENTERPRISE, "capacity": 260}, revises=first.id)
    sent(second)
    assert (first.state(), second.state()) == ("superseded", "sent")
    assert (first.offer.state, second.offer.state) == ("canceled", "open")
    assert (first.at_stripe()["status"], second.at_stripe()["status"]) == ("canceled", "open")
    quote_sending.end(now(second), second.offer, "declined", "Too dear")
    assert (second.state(), second.at_stripe()["status"]) == ("declined", "canceled")


def test_a_revision_that_is_cut_short_or_comes_too_late_leaves_one_offer(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    second = Quoted(desk, {**ENTERPRISE, "capacity": 260}, revises=first.id)
    send, shown = quote_sending.prepare(now(second), second.priced)
    assert ("What it revises", "open", "canceled") in shown.rows
    known = cache.snapshot()
    assert known is not None
    desk.fault(method="POST", after=1, retry_after=0.001)  # the new one is open, the old one still is
    with pytest.raises(UnknownOutcomeError):
        quote_sending.send(known, now(second), send, shown, "")
    desk.client.delete("/sandbox/faults")
    assert (first.state(), second.state()) == ("sent", "approved")
    resuming.resume(desk.url, desk.gateway, clock.now() + timedelta(minutes=5))
    assert (first.state(), second.state()) == ("superseded", "sent")
    assert (first.at_stripe()["status"], second.at_stripe()["status"]) == ("canceled", "open")
    third = Quoted(desk, {**ENTERPRISE, "capacity": 270}, revises=second.id)
    send, shown = quote_sending.prepare(now(third), third.priced)
    assert desk.client.post(f"/v1/quotes/{second.offer.id}/accept").is_success
    with pytest.raises(ActionError, match="revised was open, is accepted"):
        quote_sending.send(known, now(third), send, shown, "")
    with pytest.raises(ActionError, match="has accepted the quote that this one revises"):
        quote_sending.prepare(now(third), third.priced)
    assert third.at_stripe()["status"] == "draft"


def test_what_a_revision_takes_back_is_superseded_though_a_sync_sees_it_first(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    second = Quoted(desk, {**ENTERPRISE, "capacity": 260}, revises=first.id)
    desk.do(second.write())
    send = replace(second.send(), revises=first.offer.id)
    shown = desk.preview(send)
    desk.fault(method="POST", after=1, retry_after=0.001)
    with pytest.raises(UnknownOutcomeError):
        desk.do(send, shown)
    desk.client.delete("/sandbox/faults")
    assert desk.client.post(f"/v1/quotes/{first.offer.id}/cancel").is_success  # done, and never answered
    refresh(settings())
    quote_accepting.settle(settings())
    assert first.state() == "sent"
    resuming.resume(desk.url, desk.gateway, clock.now() + timedelta(minutes=5))
    assert (first.state(), second.state()) == ("superseded", "sent")


def test_who_accepts_after_the_planned_start_is_told_what_is_billed_then(desk: Desk) -> None:
    plain = {name: value for name, value in ENTERPRISE.items() if not name.startswith("ramp.")}
    on = {"start": "date", "start_on": "2026-02-01", "expires_on": "2026-03-01", "term": 12}
    quoted = Quoted(desk, {**plain, **on})
    desk.do(quoted.write())
    desk.do(quoted.send())
    early = desk.preview(quoted.accept())
    assert (early.warnings, early.money and early.money.due) == ((), quoted.priced.fees)
    desk.scenario.until("2026-02-01 09:30")
    same = desk.preview(quoted.accept())
    assert (same.warnings, same.money and same.money.due) == ((), quoted.priced.first_invoice)
    desk.scenario.until("2026-02-03")
    late = desk.preview(quoted.accept())
    assert "It was to begin on 1 Feb 2026, which is past" in late.warnings[0]
    assert late.money is not None
    assert late.money.due == quoted.priced.first_invoice
    desk.do(quoted.accept(), late)
    assert [total for _, _, total, _ in desk.scenario.invoices()] == [late.money.due]


def test_stripe_tax_is_asked_again_once_it_can_know_where_the_customer_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTE_TAX", "automatic")
    config.use(None)
    quoted, where = Quoted(desk, ENTERPRISE), f"/v1/customers/{desk.scenario.customer}"
    assert desk.client.post(where, data={"address[country]": ""}).is_success
    with pytest.raises(ActionError, match="where the customer is"):
        quote_sending.prepare(now(quoted), quoted.priced)
    assert (quoted.offer.state, quoted.at_stripe()["status"]) == ("canceled", "canceled")
    assert desk.client.post(where, data={"address[country]": "DE"}).is_success
    quote_sending.prepare(now(quoted), quoted.priced)
    assert quoted.at_stripe()["automatic_tax"]["status"] == "complete"


def test_a_prospect_becomes_a_customer_though_the_mail_is_refused(desk: Desk) -> None:
    told = {**ENTERPRISE, "prospect": "Beta Ltd", "prospect_email": "beta@example.com"}
    quoted = Quoted(desk, told, customer="")
    assert "does not take mail for nobody@example.com" in sent(quoted, "nobody@example.com")
    assert quoted.state() == "sent"
    customer = desk.scenario.found("customers", str(quoted.offer.customer_id))
    assert (customer["name"], customer["email"]) == ("Beta Ltd", "beta@example.com")
    assert [each.id for each in quotes.listed(desk.url, None, customer["id"])] == [quoted.id]
    revised = Quoted(desk, {**told, "capacity": 260}, customer="", revises=quoted.id)
    quote_sending.prepare(now(revised), revised.priced)
    assert revised.offer.customer_id == customer["id"]
    other = Quoted(desk, told, customer="")
    with pytest.raises(ActionError, match="a customer with this e-mail already"):
        quote_sending.prepare(now(other), other.priced)


def test_nothing_is_sent_where_the_totals_differ_or_the_quote_was_changed(desk: Desk) -> None:
    quoted = Quoted(desk, ENTERPRISE)
    quote_sending.prepare(now(quoted), quoted.priced)
    wrong = {**quoted.offer.wanted, "expected": {"first": 1, "again": 2, "fees": 3}}
    with desk.engine.begin() as connection:
        connection.execute(update(quote_offer).values(wanted=wrong))
    with pytest.raises(ActionError, match=r"Stripe comes to \$42,178.91 for .* the quote to \$0.01"):
        quote_sending.prepare(now(quoted), quoted.priced)
    assert (quoted.state(), quoted.offer.state, quoted.at_stripe()["status"]) == (
        "approved",
        "canceled",
        "canceled",
    )
    quote_sending.prepare(now(quoted), quoted.priced)
    last = quoted.offer.wanted["stages"][-1]
    other = [*quoted.offer.wanted["stages"][:-1], {**last, "net": last["net"] + 1}]
    with desk.engine.begin() as connection:
        mine = quote_offer.c.id == quoted.offer.id
        connection.execute(
            update(quote_offer).where(mine).values(wanted={**quoted.offer.wanted, "stages": other})
        )
    with pytest.raises(ActionError, match=r"for a period from month 25 on, the quote to \$"):
        quote_sending.prepare(now(quoted), quoted.priced)
    assert (quoted.offer.state, quoted.at_stripe()["status"]) == ("canceled", "canceled")
    quote_sending.prepare(now(quoted), quoted.priced)
    assert desk.client.post(f"/v1/quotes/{quoted.offer.id}/cancel").is_success  # by somebody at Stripe
    send, shown = quote_sending.prepare(now(quoted), quoted.priced)
    before = now(quoted)
    quote_desk.keep(quoted.id, before.fields, {**before.fields, "capacity": 251})
    known = cache.snapshot()
    assert known is not None
    for draft in (before, now(quoted)):
        with pytest.raises(ActionError, match=r"changed meanwhile|Only a quote that is approved"):
            quote_sending.send(known, draft, send, shown, "")
    with pytest.raises(ActionError, match="changed meanwhile"):  # past the page's own look
        desk.do(send, shown)
    assert quoted.at_stripe()["status"] == "draft"


ADDING: dict[str, Any] = {
    "plan": "professional", "capacity": 5, "addons": ["sso"], "currency": "usd", "interval": "1month",
    "term": 0, "start": "date", "start_on": "2026-01-03", "collection": "send_invoice", "net_days": 30,
    "of.plan": "professional", "of.capacity": 10, "of.period_start": "2026-01-03",
    "of.renews_on": "2026-02-03", "discount.whole.percent": "7.5", "discount.whole.reason": "More seats",
    "fee.1.name": "Training", "fee.1.amount": "300",
}  # fmt: skip


def adding(desk: Desk, **changes: Any) -> Quoted:
    """A quote that adds to a subscription of ten seats."""
    name = desk.scenario.subscribe(4_900, 10)
    return Quoted(desk, {**ADDING, "of.subscription": name, **changes})


def test_an_addition_is_sent_signed_and_billed_by_the_subscription(desk: Desk, box: Box) -> None:
    quoted = adding(desk)
    assert sent(quoted, "ada@example.com") == ""
    message = message_from_bytes(box.held[0].content)
    papers = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert [part.get_payload(decode=True)[:5] for part in papers] == [b"%PDF-"]  # type: ignore[index]
    assert "adds to your subscription" in message.get_payload(0).get_payload()  # type: ignore[union-attr]
    assert (quoted.state(), quoted.offer.state, quoted.offer.id) == ("sent", "open", f"{quoted.id}-1")
    shown = quote_accepting.look(quote_accepting.acceptance(quoted.offer, "Ada Byron", ACCEPTED_ON))
    assert shown.money is not None
    assert (shown.money.total, shown.money.now) == (quoted.priced.first_invoice, True)
    assert accept(quoted) == ""
    assert (quoted.state(), quoted.offer.state) == ("accepted", "accepted")
    assert quoted.offer.completed_at is not None
    name = quoted.fields["of.subscription"]
    assert [each["quantity"] for each in desk.scenario.subscription(name)["items"]["data"]] == [10, 5, 1]
    invoice = desk.scenario.found("invoices", str(quoted.offer.invoice_id))
    assert (invoice["total"], invoice["status"]) == (quoted.priced.first_invoice, "open")
    assert rows(desk, addon_setup.c.addon) == ["sso"]
    assert rows(desk, provisioning_request.c.key).count(f"{quoted.id}:1:accepted") == 1
    with pytest.raises(ActionError, match="is added already"):
        accept(quoted)
    again = adding(desk, **{"of.subscription": name})
    with pytest.raises(ActionError, match="not what this quote adds to"):
        sent(again)


def test_an_addition_is_not_made_where_the_subscription_or_the_quote_is_another(desk: Desk) -> None:
    changed, late, reduced = adding(desk), adding(desk), adding(desk)
    for quoted in (changed, late):
        sent(quoted)
    subscription = changed.fields["of.subscription"]
    told = {"items[0][id]": desk.scenario.item(subscription)["id"], "items[0][quantity]": "12"}
    assert desk.client.post(f"/v1/subscriptions/{subscription}", data=told).is_success
    with pytest.raises(ActionError, match="not what this quote adds to"):
        accept(changed)
    quote_sending.end(now(changed), changed.offer, "declined", "Not now")
    assert (changed.state(), changed.offer.state) == ("declined", "canceled")
    yes = quote_accepting.acceptance(late.offer, "Ada Byron", ACCEPTED_ON)
    shown = quote_accepting.look(yes)
    with desk.engine.begin() as connection:
        connection.execute(update(quote_offer).values(expires_at=shown.at))
    with pytest.raises(ActionError, match="has expired"):
        quote_accepting.accept(now(late), yes, shown, "signed.pdf", SIGNED)
    assert desk.states() == ["done"] * 2  # making coupons: nothing is left of what was refused
    assert quote_accepting.settle(settings()) == {}
    assert (late.state(), late.offer.state) == ("expired", "canceled")
    coupon = {"discounts[0][coupon]": desk.scenario.coupon("forever", percent_off=25)}
    assert desk.client.post(f"/v1/subscriptions/{reduced.fields['of.subscription']}", data=coupon).is_success
    with pytest.raises(ActionError, match=r"Stripe comes to .* discount of the subscription"):
        sent(reduced)
    assert (reduced.state(), list(quote_sending.offers(reduced.id))) == ("approved", [])


def test_what_is_finalized_already_is_not_taken_back(desk: Desk) -> None:
    quoted = Quoted(desk, ENTERPRISE)
    desk.do(quoted.write())
    assert desk.client.post(f"/v1/quotes/{quoted.offer.id}/finalize").is_success
    with pytest.raises(ActionError, match="is open, not a draft"):
        quote_sending.prepare(now(quoted), quoted.priced)
    assert (quoted.at_stripe()["status"], quoted.offer.state) == ("open", "written")


def test_an_accepted_term_governs_its_renewals(desk: Desk) -> None:
    plain = {name: value for name, value in ENTERPRISE.items() if not name.startswith("ramp.")}
    terms = {"term": 12, "notice_days": 60}
    renews, ends = (Quoted(desk, {**plain, **terms, "renewal": each}) for each in ("renews", "ends"))
    for quoted in (renews, ends):
        sent(quoted)
        assert accept(quoted) == ""
    refresh(settings())
    due = {each["subscription_id"]: each for each in renewals(desk, "2026-02-01")}
    one, other = (due[quoted.offer.subscription_id] for quoted in (renews, ends))
    assert [f"{each['due_at']:%Y-%m-%d}" for each in (one, other)] == ["2027-01-03"] * 2
    assert (one["governs"], one["auto_renews"], (one["due_at"] - one["notice_at"]).days) == (
        "quote",
        True,
        60,
    )
    assert (other["governs"], other["auto_renews"], other["notice_at"] is pd.NaT) == ("schedule", False, True)
    desk.scenario.until("2027-01-20")
    refresh(settings())
    (again,) = renewals(desk, "2027-01-20")
    assert (again["subscription_id"], f"{again['due_at']:%Y-%m-%d}", again["arr"]) == (
        renews.offer.subscription_id,
        "2028-01-03",
        one["arr"],
    )
    assert desk.scenario.status(str(ends.offer.subscription_id)) == "canceled"
    assert len(desk.scenario.invoices()) == 3


def renewals(desk: Desk, day: str) -> list[dict[str, Any]]:
    """The renewals of the thirteen months from a day on, as its page reads them."""
    since = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return frames.renewals(desk.engine, since, since + timedelta(days=395)).to_dict("records")

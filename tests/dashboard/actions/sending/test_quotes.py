"""Quotes sent and accepted as people do it, with a mail server and a sandbox on this machine."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import update

from dashboard import cache
from dashboard.actions.base import ActionError
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import linking as quote_linking
from dashboard.quoting import listing as quote_list
from dashboard.quoting import papers as quote_papers
from dashboard.quoting import sending as quote_sending
from data import clock, config, frames
from data.config import settings
from data.quotes import drafts as quotes
from data.quotes import links as quote_links
from data.quotes.offers import moved
from data.quotes.settling import _Seen
from data.quotes.states import ACCEPTED, SENT
from data.refresh import refresh
from data.tables.addons import addon_setup
from data.tables.offers import quote_offer
from data.tables.provisioning import provisioning_request
from data.writing import transaction
from tests.dashboard.actions.conftest import Desk
from tests.dashboard.actions.quoted import ENTERPRISE, Quoted
from tests.dashboard.actions.sending.sent import (
    accept,
    now,
    rows,
    sell_dearer,
    sent,
)
from tests.data.test_mail import Box


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
        text: Any = message.get_payload(0)
        assert b"order form Q-1001" in text.get_payload(decode=True)
        assert b"$144,000.73 over 36 months" in text.get_payload(decode=True)
    assert len(box.held) == 2
    text = message_from_bytes(box.held[-1].content).get_payload(0)
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
    assert [each.id for each in quote_desk.open_beside(now(yes), yes.customer)] == [no.id]
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

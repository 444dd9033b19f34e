"""Quotes that add to a running subscription, sent and accepted."""

from email import message_from_bytes

import pytest
from sqlalchemy import update

from dashboard.actions.base import ActionError
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import sending as quote_sending
from data.config import settings
from data.tables.addons import addon_setup
from data.tables.offers import quote_offer
from data.tables.provisioning import provisioning_request
from tests.dashboard.actions.conftest import Desk
from tests.dashboard.actions.sending.sent import ACCEPTED_ON, SIGNED, accept, adding, now, rows, sent
from tests.data.test_mail import Box


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

"""Refunds, and drafts whose lines are edited before they are final."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions import resuming
from dashboard.actions.base import ActionError, UnknownOutcomeError
from dashboard.actions.downtime import CreditDowntime, fitting, tax_on
from dashboard.actions.drafts import AddLine, ChangeLine, FinalizeInvoice, RemoveLine
from dashboard.actions.invoices import CreditInvoice, MarkInvoicePaid, SendInvoice
from dashboard.actions.refunds import RefundPayment
from data.addons.claims import credited
from data.money import half_up
from data.sandbox.billing.people import create_tax_rate
from data.sync import sync
from tests.dashboard.actions.arranged import paid_in_two
from tests.dashboard.actions.claimed import SETUP, claimed
from tests.dashboard.actions.conftest import Desk


def paid(desk: Desk, **fields: Any) -> str:
    """An invoice of $50 that was paid by card."""
    return str(desk.scenario.subscription(desk.scenario.subscribe(5_000, **fields))["latest_invoice"])


def draft(desk: Desk) -> str:
    """A draft that a subscription of $20 has made."""
    name = desk.scenario.subscribe(2_000, collection_method="send_invoice", days_until_due=30)
    return str(desk.scenario.subscription(name)["latest_invoice"])


def of(desk: Desk, invoice: str) -> dict[str, Any]:
    """The invoice as it is now."""
    return dict(desk.scenario.store.get("invoices", invoice) or {})


def test_a_refund_in_two_parts(desk: Desk) -> None:
    customer, invoice = desk.scenario.customer, paid(desk)
    first = RefundPayment(customer, invoice, 2_000, "requested_by_customer", "mark-1")
    shown = desk.preview(first)
    assert shown.rows[0] == ("Given back", "$0.00", "$20.00")
    desk.do(first, shown)
    with pytest.raises(ActionError, match=r"between \$0\.01 and \$30\.00"):
        desk.preview(RefundPayment(customer, invoice, 3_001))
    desk.do(RefundPayment(customer, invoice, 3_000))
    with pytest.raises(ActionError, match="Nothing that was paid"):
        desk.preview(RefundPayment(customer, invoice, 1))
    assert [each["amount"] for each in desk.scenario.store.all("refunds")] == [2_000, 3_000]


def test_a_refund_is_taken_from_several_payments(desk: Desk) -> None:
    customer, invoice = paid_in_two(desk)
    with pytest.raises(ActionError, match=r"between \$0\.01 and \$50\.00"):
        desk.preview(RefundPayment(customer, invoice, 5_001))
    command = RefundPayment(customer, invoice, 4_000, mark="m")
    shown = desk.preview(command)
    assert shown.rows[:2] == (("Given back", "$0.00", "$40.00"), ("Payments", "–", "$30.00 and $10.00"))
    desk.do(command, shown)
    assert sorted(each["amount"] for each in desk.scenario.store.all("refunds")) == [1_000, 3_000]
    assert desk.audited()[-1].after["refunded by this"] == 4_000
    assert desk.preview(RefundPayment(customer, invoice, 1_000)).rows[0][1] == "$40.00"


def test_what_it_may_have_changed_itself_is_not_called_refused(desk: Desk) -> None:
    command = CreditInvoice(desk.scenario.customer, paid(desk), 700, balance=700)
    shown = desk.preview(command)
    desk.fault(path="/v1/credit_notes", method="POST", kind="drop")
    with pytest.raises(UnknownOutcomeError):
        desk.do(command, shown)
    desk.client.delete("/sandbox/faults")
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["unknown"]
    assert len(list(desk.scenario.store.all("credit_notes"))) == 1


def test_the_downtime_of_a_month_is_credited_once_whichever_invoice_is_named(desk: Desk) -> None:
    customer, first, second = desk.scenario.customer, paid(desk), paid(desk)
    claimed(desk, "2026-10", "2026-11")
    command = CreditDowntime(customer, first, SETUP, "2026-10", 60, 700, "usd", "Uptime 99.8% in 2026-10")
    shown = desk.preview(command)
    assert shown.rows[0] == ("Credited", "$50.00 possible", "$7.00")
    assert [(each.kind, each.size) for each in shown.stakes] == [("credit", 700)]
    desk.do(command, shown)
    [note] = desk.scenario.store.all("credit_notes")
    assert (note["invoice"], note["amount"], note["memo"]) == (first, 700, "Uptime 99.8% in 2026-10")
    issued = credited(desk.url, SETUP)["2026-10"]
    assert (issued.state, issued.amount, issued.credit) == ("done", 700, 700)
    assert credited(desk.url, "another") == {}
    for again in (command, replace(command, invoice_id=second)):
        with pytest.raises(ActionError, match="2026-10 was issued already"):
            desk.preview(again)
    next_one = replace(command, month="2026-11", invoice_id=second)
    with pytest.raises(ActionError, match=r"Only \$43\.00 of this invoice"):
        desk.preview(replace(next_one, invoice_id=first, amount=4_301))
    with pytest.raises(ActionError, match="in USD, the fee in EUR"):
        desk.preview(replace(next_one, currency="eur"))
    desk.do(replace(next_one, refund=True))
    assert [each["amount"] for each in desk.scenario.store.all("refunds")] == [700]
    with pytest.raises(ActionError, match="Nobody claims the credit of 2026-12"):
        desk.do(replace(next_one, month="2026-12"))
    claimed(desk, "2026-12", minutes=61)
    with pytest.raises(ActionError, match="downtime of 2026-12 was changed meanwhile"):
        desk.do(replace(next_one, month="2026-12"))
    assert len(desk.scenario.store.all("credit_notes")) == 2


def test_a_credit_that_was_voided_at_stripe_may_be_issued_again(desk: Desk) -> None:
    customer, invoice = desk.scenario.customer, draft(desk)
    desk.do(SendInvoice(customer, invoice))
    claimed(desk, "2026-10")
    command = CreditDowntime(customer, invoice, SETUP, "2026-10", 60, 700, "usd", "Downtime")
    desk.do(command)
    [note] = desk.scenario.store.all("credit_notes")
    assert desk.client.post(f"/v1/credit_notes/{note['id']}/void").status_code == 200
    sync(desk.engine, desk.gateway)
    assert credited(desk.url, SETUP) == {}
    desk.do(command)
    sync(desk.engine, desk.gateway)
    assert credited(desk.url, SETUP)["2026-10"].amount == 700
    assert [each["status"] for each in desk.scenario.store.all("credit_notes")] == ["void", "issued"]


def test_a_credit_that_no_invoice_has_left_is_issued_in_parts_and_never_more_of_it(desk: Desk) -> None:
    customer, first, second, third = desk.scenario.customer, paid(desk), paid(desk), paid(desk)
    claimed(desk, "2026-10")
    part = CreditDowntime(customer, first, SETUP, "2026-10", 60, 5_000, "usd", "Downtime", credit=7_000)
    desk.do(part)
    issued = credited(desk.url, SETUP)["2026-10"]
    assert (issued.state, issued.amount, issued.credit) == ("done", 5_000, 7_000)
    with pytest.raises(ActionError, match="has credited its part of 2026-10 already"):
        desk.preview(replace(part, amount=1))
    with pytest.raises(ActionError, match=r"more than the credit of \$70\.00"):
        desk.preview(replace(part, invoice_id=second, amount=2_001))
    with pytest.raises(ActionError, match="2026-10 was issued already"):
        desk.preview(replace(part, invoice_id=second, amount=2_000, credit=0))
    rest = replace(part, invoice_id=second, amount=1_500)
    shown = desk.preview(rest)
    desk.do(replace(part, invoice_id=third, amount=500))
    with pytest.raises(ActionError, match="credit notes was 1, is 2"):  # somebody credited meanwhile
        desk.do(rest, shown)
    desk.do(rest)
    assert credited(desk.url, SETUP)["2026-10"].amount == 7_000
    assert sorted(each["amount"] for each in desk.scenario.store.all("credit_notes")) == [500, 1_500, 5_000]


def test_the_tax_of_the_invoice_is_credited_with_the_fee(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    rate = desk.scenario.do(create_tax_rate, "DE", "19", "VAT")
    invoice = paid(desk, default_tax_rates=[rate])
    claimed(desk, "2026-10")
    command = CreditDowntime(
        desk.scenario.customer, invoice, SETUP, "2026-10", 60, 700, "usd", "Downtime", refund=True
    )
    with pytest.raises(ActionError, match="taxes of this invoice are other"):
        desk.preview(command)
    shown = desk.preview(replace(command, tax=133))
    assert shown.rows[-2:] == (("Of that the fee's share", "–", "$7.00"), ("Of that its tax", "–", "$1.33"))
    assert [(each.kind, each.size) for each in shown.stakes] == [("refund", 833)]
    desk.do(replace(command, tax=133), shown)
    assert [each["amount"] for each in desk.scenario.store.all("credit_notes")] == [833]


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.integers(0, 27))
def test_what_fits_an_invoice_fits_with_its_tax_and_a_cent_more_does_not(
    left: int, untaxed: int, percent: int
) -> None:
    total = untaxed + half_up(Fraction(untaxed * percent, 100))
    most = fitting(left, total, untaxed)
    assert most + tax_on(most, total, untaxed) <= left
    assert most + 1 + tax_on(most + 1, total, untaxed) > left


def test_a_draft_is_edited_and_made_final(desk: Desk) -> None:
    customer, invoice = desk.scenario.customer, draft(desk)
    add = AddLine(customer, invoice, "Set-up", 30_000, "mark-1")
    shown = desk.preview(add)
    assert shown.rows == (("Line", "–", "Set-up: $300.00"), ("Lines together", "$20.00", "$320.00"))
    desk.do(add, shown)
    lines = {each["description"]: each for each in of(desk, invoice)["lines"]["data"]}
    line = lines["Set-up"]["id"]
    less = ChangeLine(customer, invoice, line, "Set-up, half", 15_000)
    assert [(each.kind, each.size) for each in desk.preview(less).stakes] == [("credit", 15_000)]
    desk.do(less)
    assert of(desk, invoice)["total"] == 17_000
    own = next(each["id"] for name, each in lines.items() if name != "Set-up")
    for command in (ChangeLine(customer, invoice, own, "Free", 0), RemoveLine(customer, invoice, own)):
        with pytest.raises(ActionError, match="comes from its price"):
            desk.preview(command)
    desk.do(RemoveLine(customer, invoice, line))
    assert of(desk, invoice)["total"] == 2_000
    desk.do(AddLine(customer, invoice, "Goodwill", -500))
    final = FinalizeInvoice(customer, invoice)
    shown = desk.preview(final)
    assert shown.mails[0].startswith("The invoice goes to acme@example.com")
    desk.do(final, shown)
    after = of(desk, invoice)
    assert (after["status"], after["total"]) == ("open", 1_500)
    with pytest.raises(ActionError, match="Only a draft can be changed"):
        desk.preview(AddLine(customer, invoice, "Late", 1))
    assert desk.states() == ["done"] * 5


def test_lines_need_words_and_an_amount(desk: Desk) -> None:
    customer, invoice = desk.scenario.customer, draft(desk)
    for command, said in (
        (AddLine(customer, invoice, " ", 1), "Say what the line is for"),
        (AddLine(customer, invoice, "x" * 501, 1), "500 letters"),
        (AddLine(customer, invoice, "x", 0), "needs an amount"),
        (RemoveLine(customer, invoice, "il_none"), "not there any more"),
    ):
        with pytest.raises(ActionError, match=said):
            desk.preview(command)


def test_what_was_refunded_by_itself_is_not_credited_again(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer, invoice = desk.scenario.customer, paid(desk)
    desk.do(RefundPayment(customer, invoice, 1_000, "fraudulent"))
    desk.do(CreditInvoice(customer, invoice, 500, refund=500))
    with pytest.raises(ActionError, match=r"between \$0\.01 and \$35\.00"):
        desk.preview(CreditInvoice(customer, invoice, 3_501, balance=3_501))
    desk.do(CreditInvoice(customer, invoice, 3_500, balance=3_500))
    assert [each["amount"] for each in desk.scenario.store.all("credit_notes")] == [500, 3_500]


def test_what_was_paid_elsewhere_is_not_refunded_to_a_card(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    customer, invoice = desk.scenario.customer, draft(desk)
    desk.do(SendInvoice(customer, invoice))
    desk.do(MarkInvoicePaid(customer, invoice))
    with pytest.raises(ActionError, match=r"Only \$0\.00 of it was paid by card"):
        desk.preview(CreditInvoice(customer, invoice, 500, refund=500))
    desk.do(CreditInvoice(customer, invoice, 500, elsewhere=500))


def test_a_draft_that_is_sent_is_final(sqlite_desk: Desk) -> None:
    invoice = draft(sqlite_desk)
    shown = sqlite_desk.preview(SendInvoice(sqlite_desk.scenario.customer, invoice))
    assert (shown.rows[0], len(shown.warnings)) == (("Status", "Draft", "Open"), 1)
    sqlite_desk.do(SendInvoice(sqlite_desk.scenario.customer, invoice), shown)
    assert of(sqlite_desk, invoice)["status"] == "open"

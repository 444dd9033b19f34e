"""One invoice in words: how its amount due comes about, why a payment failed."""

from typing import Any

import pandas as pd
import pytest

from dashboard.metrics import invoices
from tests.data.lives import day

ROW: dict[str, Any] = {
    "status": "open",
    "currency": "usd",
    "collection_method": "charge_automatically",
    "billing_reason": "subscription_cycle",
    "subtotal": 10_000,
    "discount": 1_000,
    "tax": 900,
    "total": 9_900,
    "pre_payment_credit_notes_amount": 400,
    "amount_due": 9_000,
    "amount_paid": 0,
    "amount_remaining": 9_000,
    "attempt_count": 2,
    "po_number": "4711",
}


def told(**more: Any) -> dict[str, str]:
    return dict(invoices.amounts(ROW | more))


def test_amounts_lead_from_the_subtotal_to_what_is_open() -> None:
    assert told() == {
        "Subtotal": "$100.00",
        "Discounts": "−$10.00",
        "Tax": "$9.00",
        "Total": "$99.00",
        "Credit notes": "−$4.00",
        "Customer's balance": "−$5.00",
        "Amount due": "$90.00",
        "Paid": "$0.00",
        "Open": "$90.00",
    }


def test_what_is_nothing_is_left_out() -> None:
    plain = told(discount=0, tax=None, pre_payment_credit_notes_amount=0, total=9_000)
    assert list(plain) == ["Subtotal", "Total", "Amount due", "Paid", "Open"]


def test_tax_that_is_in_the_prices_is_said_to_be() -> None:
    inclusive = told(tax=900, total=9_000, pre_payment_credit_notes_amount=0)
    assert inclusive["Tax, in the amounts above"] == "$9.00"


def test_a_credit_goes_to_the_balance_and_nothing_is_due() -> None:
    credit = told(subtotal=-500, discount=0, tax=0, total=-500, amount_due=0, amount_remaining=0)
    assert "Customer's balance" not in credit
    assert credit["Total"] == "−$5.00"


def test_flags() -> None:
    texts = [flag.text for flag in invoices.flags(ROW)]
    assert texts == ["Open", "Charged automatically", "Renewal", "2 payments failed", "PO 4711"]
    strange = ROW | {
        "status": "odd_one",
        "collection_method": None,
        "billing_reason": None,
        "po_number": None,
    }
    assert [flag.text for flag in invoices.flags(strange)] == ["Odd one"]


@pytest.mark.parametrize(
    ("decline", "code", "message", "reason"),
    [
        ("insufficient_funds", "card_declined", "No.", "Insufficient funds"),
        ("generic_decline", "card_declined", "Your card was declined.", "Your card was declined."),
        ("generic_decline", None, None, "Declined by the bank"),
        (None, "expired_card", None, "Expired card"),
        (None, None, None, "Not known"),
    ],
)
def test_why_a_payment_failed(
    decline: str | None, code: str | None, message: str | None, reason: str
) -> None:
    assert invoices.why(decline, code, message) == reason


def test_tries_name_the_card_and_why_they_failed() -> None:
    frame = pd.DataFrame(
        {
            "status": ["failed", "succeeded"],
            "brand": ["visa", None],
            "last4": ["4242", None],
            "decline_reason": ["expired_card", None],
            "failure_code": [None, None],
            "failure_message": [None, None],
        }
    )
    tried = invoices.tried(frame)
    assert list(tried["card"]) == ["Visa 4242", ""]
    assert list(tried["reason"]) == ["Expired card", ""]


def test_why_nothing_was_tried() -> None:
    rows = (
        {"status": "draft"},
        {"status": "paid", "amount_due": 0},
        {"status": "paid"},
        {"collection_method": "send_invoice"},
        {},
    )
    said = [invoices.untried(ROW | row) for row in rows]
    assert len(set(said)) == 5


def test_lines_are_recognised_by_day_less_discount_and_tax_within() -> None:
    lines = pd.DataFrame(
        {
            "amount": [3_100, 3_100],
            "discount": [0, 310],
            "tax": [100, None],
            "period_start": [day("2026-01-15"), None],
            "period_end": [day("2026-02-15"), None],
        }
    ).astype(dict.fromkeys(("amount", "discount", "tax"), "Int64"))
    told_ = invoices.rendered(lines, ROW, day("2026-02-01").date())
    assert list(told_["net"]) == [3_100, 2_790]
    assert list(told_["recognised"].fillna(-1)) == [1_700, -1]
    within = invoices.rendered(lines, ROW | {"total": 9_000}, day("2027-02-01").date())
    assert list(within["recognised"].fillna(-1)) == [3_000, -1]


def test_dates_that_are_known() -> None:
    names = dict.fromkeys(name for name, _ in invoices.DATES)
    row = names | {"created_at": day("2026-06-01"), "period_start": None, "period_end": None}
    assert invoices.dates(row) == [("Created", "1 Jun 2026, 00:00 UTC")]

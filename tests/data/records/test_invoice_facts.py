"""What a row of an invoice says beyond Stripe's fields: purchase order, when it is due, when it closes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from data.clock import from_epoch
from data.records.invoices import invoice, invoice_rows, po_number
from data.tables import mirror

AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("custom_fields", "metadata", "found"),
    [
        (None, None, None),
        ([{"name": "PO number", "value": "4711"}], None, "4711"),
        ([{"name": "P.O. #", "value": " 47 11 "}], None, "47 11"),
        ([{"name": "Purchase Order No.", "value": "A"}], {"po": "B"}, "A"),
        ([{"name": "Cost centre", "value": "12"}], {"purchase_order": "B"}, "B"),
        ([{"name": "PO", "value": ""}], {"PO-Number": "B"}, "B"),
        ([{"name": "Post code", "value": "12"}], {"point": "B", "position": "C", "pos": "D"}, None),
        ([], {"customer_po": "7"}, "7"),
        ([{"name": None, "value": "7"}], {}, None),
    ],
)
def test_a_purchase_order_is_found_by_what_people_call_it(
    custom_fields: list[dict[str, Any]] | None, metadata: dict[str, str] | None, found: str | None
) -> None:
    assert po_number(custom_fields, metadata) == found


@pytest.mark.parametrize(
    ("moments", "due", "falls_due", "closed"),
    [
        ({}, None, None, None),
        ({"finalized_at": 100}, None, 100, None),
        ({"finalized_at": 100}, 200, 200, None),
        ({"finalized_at": 100, "paid_at": 150}, 200, 200, 150),
        ({"finalized_at": 100, "marked_uncollectible_at": 130, "paid_at": 150}, None, 100, 130),
        ({"finalized_at": 100, "voided_at": 150}, None, 100, 150),
    ],
)
def test_when_it_is_due_and_when_it_closes(
    moments: dict[str, int], due: int | None, falls_due: int | None, closed: int | None
) -> None:
    row = invoice({"id": "in_1", "due_date": due, "status_transitions": moments}, AT)
    assert (row["falls_due_at"], row["closed_at"]) == (from_epoch(falls_due), from_epoch(closed))


def test_payments_come_with_their_invoice_where_they_were_expanded() -> None:
    payment = {
        "id": "inpay_1",
        "status": "paid",
        "currency": "usd",
        "amount_paid": 5,
        "amount_requested": 5,
        "payment": {"type": "payment_intent", "payment_intent": {"id": "pi_1"}},
        "status_transitions": {"paid_at": 7, "canceled_at": None},
    }
    rows = invoice_rows([{"id": "in_1", "payments": {"data": [payment]}}, {"id": "in_2"}], AT)
    (row,) = rows[mirror.invoice_payment]
    assert (row["invoice_id"], row["payment_intent_id"], row["charge_id"]) == ("in_1", "pi_1", None)
    assert (row["amount_paid"], row["paid_at"]) == (5, from_epoch(7))

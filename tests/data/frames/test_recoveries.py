"""Failed payments and what came of their invoices."""

from typing import Any

import pytest

from data.frames.recoveries import failed_payments
from data.tables import mirror
from tests.data.frames.conftest import Fill
from tests.data.lives import day, item, life, price

MAY = ["2026-05"]


def bill(number: int, **more: Any) -> dict[str, Any]:
    """An invoice of a running subscription, whose first payment failed on 4 May."""
    about = {"id": f"in_{number}", "customer_id": "cus_1", "subscription_id": "sub_1", "currency": "usd"}
    about |= {"status": "open", "billing_reason": "subscription_cycle", "attempt_count": 1}
    money = {"collection_method": "charge_automatically", "amount_due": 10_00}
    return about | money | {"finalized_at": day("2026-05-04T09:00")} | more


@pytest.mark.parametrize(
    ("invoice", "expected"),
    [
        ({}, ["open", 1, None, 1, 10_00]),
        ({"status": "paid"}, None),
        ({"status": "paid", "attempt_count": 3, "paid_at": day("2026-05-12")}, ["recovered", 3, 8, 1, 10_00]),
        ({"status": "uncollectible", "attempt_count": 4}, ["written_off", 4, None, 1, 10_00]),
        (
            {"status": "uncollectible", "attempt_count": 4, "subscription_id": "sub_2"},
            ["lost", 4, None, 1, 10_00],
        ),
        ({"status": "void", "attempt_count": 2}, ["voided", 2, None, 1, 10_00]),
        ({"billing_reason": "subscription_create"}, None),
        ({"collection_method": "send_invoice"}, None),
        ({"subscription_id": None}, None),
        ({"finalized_at": day("2026-06-01")}, None),
    ],
)
def test_what_came_of_a_failed_payment(
    fill: Fill, invoice: dict[str, Any], expected: list[Any] | None
) -> None:
    ended = {
        "id": "sub_2",
        "customer_id": "cus_1",
        "status": "canceled",
        "cancellation_reason": "payment_failed",
    }
    engine = fill(
        life(item(price())),
        rows={
            mirror.invoice: [bill(1, **invoice)],
            mirror.subscription: [ended | {"ended_at": day("2026-05-25"), "start_at": day("2026-01-01")}],
        },
    )
    frame = failed_payments(engine, MAY).drop(columns=["month", "currency"])
    found = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    assert found == ([] if expected is None else [expected])


def test_filters(fill: Fill) -> None:
    line = {
        "id": "il_1",
        "invoice_id": "in_1",
        "product_id": "prod_a",
        "price_id": price().id,
        "amount": 10_00,
    }
    engine = fill(life(item(price())), rows={mirror.invoice: [bill(1), bill(2)], mirror.invoice_line: [line]})

    def count(**filters: Any) -> int:
        return int(failed_payments(engine, MAY, **filters)["invoices"].sum())

    assert (count(), count(products=["prod_a"]), count(products=["prod_b"])) == (2, 1, 0)
    assert (count(intervals=["1month"]), count(intervals=["1year"]), count(currencies=["eur"])) == (1, 0, 0)
    assert count(audiences=[]) == 0
    assert failed_payments(engine, []).empty

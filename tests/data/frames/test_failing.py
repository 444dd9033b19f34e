"""Payments that failed: what is tried again, why it failed, what became of it."""

from sqlalchemy import Engine

from data import frames
from data.tables import mirror
from tests.data.frames.invoicing import closed, invoice, noon, put


def test_open_invoices_whose_payment_failed_with_why(engine: Engine) -> None:
    charge = {"customer_id": "cus_1", "status": "failed", "amount": 10_000}
    with engine.begin() as connection:
        put(
            connection,
            mirror.invoice,
            [
                invoice("a", attempt_count=2, next_payment_attempt=noon("2026-06-20")),
                invoice("b", attempt_count=1, next_payment_attempt=noon("2026-06-17"), total=500),
                invoice("never", attempt_count=3),
                invoice("untried"),
                closed("paid", "2026-05-01", "paid", "2026-05-03", attempt_count=2),
            ],
        )
        put(
            connection,
            mirror.charge,
            [
                charge | {"id": "ch_1", "created_at": noon("2026-05-02"), "decline_reason": "lost_card"},
                charge
                | {
                    "id": "ch_2",
                    "created_at": noon("2026-05-04"),
                    "decline_reason": "expired_card",
                    "payment_intent_id": "pi_b",
                    "amount": 400,
                },
            ],
        )
        payment = {"id": "inpay_b", "invoice_id": "in_b", "payment_intent_id": "pi_b"}
        put(connection, mirror.invoice_payment, [payment])
    found = frames.failing_payments(engine)
    assert list(found["invoice_id"]) == ["in_b", "in_a", "in_never"]
    assert list(found["decline_reason"]) == ["expired_card", "lost_card", "lost_card"]
    assert list(found["open"]) == [500, 10_000, 10_000]
    assert frames.failing_payments(engine, currencies=["eur"]).empty


def test_what_became_of_failed_payments_by_month(engine: Engine) -> None:
    with engine.begin() as connection:
        put(
            connection,
            mirror.invoice,
            [
                closed("recovered", "2026-04-01", "paid", "2026-04-09", attempt_count=3),
                closed("at once", "2026-04-01", "paid", "2026-04-01", attempt_count=1),
                closed("lost", "2026-04-02", "uncollectible", "2026-05-01", attempt_count=8, total=300),
                closed("given up", "2026-04-02", "void", "2026-05-01", attempt_count=1, total=20),
                invoice("trying", "2026-05-01", attempt_count=1, next_payment_attempt=noon("2026-06-20")),
                invoice("stuck", "2026-05-31", attempt_count=4, total=1),
                closed("long ago", "2026-01-01", "paid", "2026-04-09", attempt_count=3),
            ],
        )
    found = frames.payment_recovery(engine, noon("2026-03-01"))
    told = {(row.month, row.outcome): (row.invoices, row.amount) for row in found.itertuples()}
    assert told == {
        ("2026-04", "recovered"): (1, 10_000),
        ("2026-04", "written off"): (1, 300),
        ("2026-04", "voided"): (1, 20),
        ("2026-05", "trying"): (1, 10_000),
        ("2026-05", "open"): (1, 1),
    }

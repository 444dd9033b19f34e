"""The parts of a month's end that other tools count otherwise, summed."""

from typing import Any

import pytest
from sqlalchemy import update

from data import frames
from data.frames import Engine
from data.history import Life
from data.tables import mirror
from tests.data.frames.conftest import Fill
from tests.data.lives import amount_off, day, discount, item, life, percent, price

NOW = day("2026-06-15")
Parts = dict[str, tuple[int, int]]


def parts(engine: Engine, month: str = "2026-06") -> Parts:
    """ARR and items by part."""
    found = frames.bridge_parts(engine, month, NOW).groupby("part")
    return {str(name): (int(rows["arr"].sum()), int(rows["items"].sum())) for name, rows in found}


def leaving(of: Life, asked: str) -> dict[Any, Any]:
    """A row that says when the end of a subscription was asked for."""
    return {"id": of.id, "canceled_at": day(asked)}


def cancel(engine: Engine, of: str, asked: str) -> None:
    with engine.begin() as connection:
        table = mirror.subscription
        connection.execute(update(table).where(table.c.id == of).values(canceled_at=day(asked)))


def test_what_is_counted_is_the_run_rate(fill: Fill) -> None:
    engine = fill(
        life(item(price()), item(price(5_00, product="prod_b"), 3, "si_2")),
        life(item(price(99_00, "year")), id="sub_2", customer_id="cus_2", start="2026-05-02"),
        life(item(price(7_00, currency="eur")), id="sub_3", customer_id="cus_3", status="trialing"),
    )
    for month in ("2026-04", "2026-05", "2026-06"):
        frame = frames.bridge_parts(engine, month, NOW)
        ends = frames.month_end(engine)
        assert frame["arr"].sum() == ends.loc[ends["month"] == month, "arr"].sum()
    assert set(frame["part"]) == {"counted"}


def test_set_to_end_from_when_it_was_asked_for(fill: Fill) -> None:
    engine = fill(
        life(item(price())),
        life(item(price(20_00)), id="sub_2", customer_id="cus_2", status="canceled", ended="2026-06-10"),
    )
    cancel(engine, "sub_1", "2026-06-01")
    cancel(engine, "sub_2", "2026-04-20")
    assert [
        parts(engine, month).get("leaving", (0, 0)) for month in ("2026-03", "2026-04", "2026-05", "2026-06")
    ] == [
        (0, 0),
        (240_00, 1),
        (240_00, 1),
        (120_00, 1),
    ]


LIMITED = discount(percent("50", "repeating"), "2026-01-01", "2026-05-10")
LASTING = discount(percent("10"), "2026-01-01")
AMOUNT = discount(amount_off(3_00), "2026-01-01")


@pytest.mark.parametrize(
    ("given", "april", "june"),
    [
        ([LIMITED], (60_00, 1), (0, 0)),
        ([LASTING], (0, 0), (0, 0)),
        ([LIMITED, LASTING], (54_00, 1), (0, 0)),
        ([AMOUNT, LIMITED], (42_00, 1), (0, 0)),
    ],
    ids=["limited", "lasting", "both", "amount and limited"],
)
def test_what_limited_coupons_take_off(fill: Fill, given: Any, april: Any, june: Any) -> None:
    engine = fill(life(item(price()), discounts=given))
    assert parts(engine, "2026-04").get("limited", (0, 0)) == april
    assert parts(engine).get("limited", (0, 0)) == june


def test_limited_coupons_over_several_items_and_subscriptions(fill: Fill) -> None:
    both = [AMOUNT, LIMITED]
    engine = fill(
        life(item(price(10_00)), item(price(20_00), 2, "si_2"), discounts=both),
        life(item(price(10_00)), id="sub_2", customer_id="cus_2", discounts=[LIMITED]),
        life(item(price(10_00), 2), id="sub_3", customer_id="cus_3"),
    )
    # 50.00 a month less 3.00 is 47.00, and half of it is taken off; 5.00 of the other subscription.
    assert parts(engine, "2026-04")["limited"] == ((23_50 + 5_00) * 12, 3)


def test_what_stopped_counting_is_worth_what_it_was(fill: Fill) -> None:
    engine = fill(
        life(item(price(30_00)), status="unpaid", start="2026-01-01"),
        rows={
            mirror.invoice: [
                {
                    "id": "in_1",
                    "customer_id": "cus_1",
                    "subscription_id": "sub_1",
                    "status": "open",
                    "billing_reason": "subscription_cycle",
                    "collection_method": "charge_automatically",
                    "attempt_count": 4,
                    "created_at": day("2026-04-01"),
                    "finalized_at": day("2026-04-01"),
                }
            ]
        },
    )
    assert parts(engine, "2026-03").keys() >= {"counted"}
    assert "unpaid" not in parts(engine, "2026-03")
    assert parts(engine)["unpaid"] == (360_00, 1)


def test_invoiced_and_never_paid(fill: Fill) -> None:
    sent = {"subscription_id": "sub_1", "customer_id": "cus_1", "created_at": day("2026-01-01")}
    paid = {"id": "in_1", "paid_at": day("2026-05-04"), "amount_paid": 10_00}
    engine = fill(life(item(price())), rows={mirror.invoice: [sent | paid]})
    with engine.begin() as connection:
        connection.execute(update(mirror.subscription).values(collection_method="send_invoice"))
    assert parts(engine, "2026-04")["never_paid"] == (120_00, 1)
    assert "never_paid" not in parts(engine, "2026-05")


def test_what_stripe_does_not_show_is_named(fill: Fill) -> None:
    engine = fill(
        life(item(price(unit_amount=None)), start="2026-01-01"),
        life(item(price(8_00)), id="sub_2", customer_id="cus_2", discounts=[discount(None)]),
    )
    assert parts(engine)["price not known"] == (0, 1)
    assert parts(engine)["discount not known"] == (96_00, 1)
    assert parts(engine)["counted"][0] == 96_00


def test_prices_with_their_tax_inside_are_named(fill: Fill) -> None:
    engine = fill(life(item(price())), life(item(price(99_00, "year")), id="sub_2", customer_id="cus_2"))
    assert "with_tax" not in parts(engine)
    with engine.begin() as connection:
        table = mirror.price
        yearly = table.c.recurring_interval == "year"
        connection.execute(update(table).where(yearly).values(tax_behavior="inclusive"))
    frame = frames.bridge_parts(engine, "2026-06", NOW)
    assert frame.loc[frame["part"] == "with_tax", "interval"].tolist() == ["1year"]


def test_audiences_narrow_every_part(fill: Fill) -> None:
    engine = fill(life(item(price()), discounts=[LIMITED]))
    assert frames.bridge_parts(engine, "2026-04", NOW, audiences=[999]).empty

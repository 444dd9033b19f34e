"""Coupons in force, and what items would bring without them."""

from data import frames
from tests.data.frames.conftest import NOW, Fill
from tests.data.lives import amount_off, day, discount, item, life, percent, price


def test_discounted_items_by_coupon(fill: Fill) -> None:
    quarter, free = percent("25"), percent("100")
    engine = fill(
        life(item(price(10_00), 4), discounts=[discount(quarter)]),
        life(item(price(10_00)), id="sub_2", customer_id="cus_2", discounts=[discount(quarter)]),
        life(item(price(20_00)), id="sub_3", customer_id="cus_3", discounts=[discount(free)]),
        life(
            item(price(10_00)), id="sub_4", customer_id="cus_4", discounts=[discount(percent("50", "once"))]
        ),
        life(
            item(price(10_00)),
            id="sub_5",
            customer_id="cus_5",
            discounts=[discount(amount_off(5_00), end="2026-05-01")],
        ),
    )
    rows = frames.discounts_in_force(engine, day(NOW))
    assert rows[["coupons", "subscriptions", "arr", "list_arr"]].to_numpy().tolist() == [
        [free.id, 1, 0, 240_00],
        [quarter.id, 2, 450_00, 600_00],
    ]
    before = frames.discounts_in_force(engine, day("2026-04-30"))
    assert before["list_arr"].sum() - before["arr"].sum() == 240_00 + 150_00 + 60_00
    assert frames.discounts_in_force(engine, day(NOW), currencies=["eur"]).empty

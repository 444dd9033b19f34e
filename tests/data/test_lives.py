"""Mirror rows as lives: what is read, and what is left out."""

from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine, Table

from data.database import upsert
from data.history import Life
from data.lives import lives
from data.tables import mirror
from data.timeline import timeline
from data.valuation import Tier
from tests.data.lives import amount_off, day, discount, item, life, percent, price, row, store


def read(engine: Engine, *given: Life, rows: dict[Table, list[dict[str, Any]]] | None = None) -> list[Life]:
    with engine.begin() as connection:
        store(connection, *given)
        for table, values in (rows or {}).items():
            upsert(connection, table, [row(table, **each) for each in values])
        return list(lives(connection, None))


def test_a_life_comes_back_as_it_was_stored(engine: Engine) -> None:
    given = life(
        item(price("10.5", "month", 3), 2, created="2026-01-01"),
        created="2026-01-01",
        trial_start="2026-01-01",
        trial_end="2026-01-15",
        discounts=[discount(percent("12.5"), "2026-01-01"), discount(amount_off(5_00, "repeating"))],
    )
    (found,) = read(engine, given)
    assert (found.id, found.trial_end, found.items[0].price) == (
        "sub_1",
        day("2026-01-15"),
        given.items[0].price,
    )
    assert [each.coupon for each in found.discounts] == [each.coupon for each in given.discounts]


def test_only_the_customers_asked_for(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in (1, 2, 3):
            store(connection, life(item(price()), id=f"sub_{number}", customer_id=f"cus_{number}"))
        found = list(lives(connection, ["cus_1", "cus_3"]))
    assert [each.id for each in found] == ["sub_1", "sub_3"]
    assert all(each.items[0].price for each in found)


def test_a_customers_discount_reaches_what_has_none_of_its_own(engine: Engine) -> None:
    plain = life(item(price()))
    own = life(item(price()), id="sub_2", discounts=[discount(percent("10"))])
    general = {"id": "di_1", "customer_id": "cus_1", "coupon_id": "half", "position": 0}
    half = {"id": "half", "duration": "forever", "percent_off": "50"}
    with_general = {mirror.discount: [general], mirror.coupon: [half]}
    first, second = read(engine, plain, own, rows=with_general)
    assert [segment.arr for each in (first, second) for segment in timeline(each)] == [60_00, 108_00]
    with engine.begin() as connection:
        assert list(lives(connection, ["cus_1"])) == [first, second]


def test_a_tiered_price_in_packs(engine: Engine) -> None:
    tiered = {
        "id": "price_t",
        "product_id": "prod_t",
        "currency": "usd",
        "billing_scheme": "tiered",
        "tiers_mode": "volume",
        "tiers": [{"up_to": 2, "unit_amount": 500}, {"up_to": None, "unit_amount": 400, "flat_amount": 100}],
        "transform_quantity": {"divide_by": 10, "round": "up"},
        "recurring_interval": "month",
        "recurring_interval_count": 1,
    }
    known = {"id": "si_t", "subscription_id": "sub_1", "price_id": "price_t", "quantity": 25, "position": 0}
    (found,) = read(engine, life(), rows={mirror.price: [tiered], mirror.subscription_item: [known]})
    (only,) = found.items
    assert only.price
    assert only.price.tiers == (
        Tier(2, Fraction(500), Fraction(0)),
        Tier(None, Fraction(400), Fraction(100)),
    )
    assert timeline(found)[0].arr == (3 * 400 + 100) * 12


def test_a_coupon_with_its_products_and_currencies(engine: Engine) -> None:
    coupon = {
        "id": "some",
        "duration": "forever",
        "amount_off": 100,
        "currency": "usd",
        "currency_options": {"usd": {"amount_off": 100}, "eur": {"amount_off": 90}},
        "applies_to_products": ["prod_b"],
    }
    applied = {"id": "di_1", "subscription_id": "sub_1", "coupon_id": "some", "position": 0}
    (found,) = read(engine, life(item(price())), rows={mirror.coupon: [coupon], mirror.discount: [applied]})
    (only,) = found.discounts
    assert only.coupon
    assert (only.coupon.amount_off("usd"), only.coupon.amount_off("eur"), only.coupon.amount_off("gbp")) == (
        100,
        90,
        0,
    )
    assert only.coupon.products == frozenset({"prod_b"})


@pytest.mark.parametrize("table", [mirror.subscription_item, mirror.discount])
def test_deleted_parts_are_left_out(engine: Engine, table: Table) -> None:
    given = life(item(price()), discounts=[discount(percent("50"))])
    with engine.begin() as connection:
        store(connection, given)
        connection.execute(table.update().values(deleted_at=day("2026-02-01")))
        (found,) = lives(connection, None)
    left = found.items if table is mirror.subscription_item else found.discounts
    assert left == ()


def test_a_subscription_that_vanished_ended_then(engine: Engine) -> None:
    with engine.begin() as connection:
        store(connection, life(item(price())))
        connection.execute(mirror.subscription.update().values(deleted_at=day("2026-02-01")))
        (found,) = lives(connection, None)
    assert found.ended == day("2026-02-01")


def test_a_price_that_was_not_readable_is_not_counted(engine: Engine) -> None:
    bare = {"id": "si_1", "subscription_id": "sub_1", "price_id": "price_x", "quantity": 1, "position": 0}
    (found,) = read(engine, life(), rows={mirror.subscription_item: [bare]})
    assert [segment.evidence for segment in timeline(found)] == ["price not known"]

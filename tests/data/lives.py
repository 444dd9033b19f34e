"""Small lives for tests, with defaults: as objects, and as rows of the mirror."""

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, delete

from data.database import upsert
from data.discounts import Coupon, Discount
from data.history import Item, Life
from data.movements import movements
from data.tables import mirror
from data.tabular import table_of
from data.timeline import SEGMENTS, Segment
from data.valuation import Price

MIRROR = (mirror.subscription, mirror.subscription_item, mirror.price, mirror.discount, mirror.coupon)


def day(text: str) -> datetime:
    """An instant from "2026-01-31" or "2026-01-31T12:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def price(
    amount: int | str = 10_00,
    interval: str | None = "month",
    count: int = 1,
    product: str = "prod_a",
    **more: Any,
) -> Price:
    """A price by unit; amount in minor units. Its id says what it is."""
    given = {"currency": "usd", "unit_amount": Fraction(amount)} | more
    name = f"price_{product}_{amount}_{count}{interval}_{given['currency']}"
    return Price(name, product, interval=interval, interval_count=count, **given)


def item(of: Price, quantity: int | None = 1, name: str = "si_1", created: str | None = None) -> Item:
    """An item of a price."""
    return Item(name, of, quantity, day(created) if created else None)


def percent(off: str, duration: str = "forever", **more: Any) -> Coupon:
    """A coupon of so many percent."""
    return Coupon(f"percent_{off}_{duration}", duration, percent_off=Fraction(off), **more)


def amount_off(off: int, duration: str = "forever", currency: str = "usd", **more: Any) -> Coupon:
    """A coupon of an amount in minor units."""
    return Coupon(f"amount_{off}_{duration}", duration, amounts_off=((currency, off),), **more)


def discount(
    coupon: Coupon | None, start: str | None = None, end: str | None = None, item_id: str | None = None
) -> Discount:
    """A coupon applied from an instant to another."""
    return Discount(coupon, item_id, day(start) if start else None, day(end) if end else None)


def life(*items: Item, start: str = "2026-01-01", discounts: Iterable[Discount] = (), **more: Any) -> Life:
    """An active subscription; instants are given as text."""
    instants = ("created", "trial_start", "trial_end", "ended")
    given: dict[str, Any] = {"id": "sub_1", "customer_id": "cus_1", "status": "active", "currency": "usd"}
    given |= {name: day(value) if name in instants and value else value for name, value in more.items()}
    return Life(start=day(start), items=items, discounts=tuple(discounts), **given)


def row(table: Table, **values: Any) -> dict[str, Any]:
    """A whole row of a table; what is not given is null."""
    seen = {"observed_at": day("2026-01-01")} if "observed_at" in table.columns else {}
    return dict.fromkeys(table.columns.keys()) | seen | values


def clear(connection: Connection, tables: Iterable[Table]) -> None:
    """Empty some tables."""
    for table in tables:
        connection.execute(delete(table))


def store(connection: Connection, *lives: Life) -> None:
    """Write subscriptions to the mirror, in place of what is stored of them."""
    for each in lives:
        for table in (mirror.subscription_item, mirror.discount):
            connection.execute(delete(table).where(table.c.subscription_id == each.id))
        upsert(connection, mirror.subscription, [_subscription(each)])
        upsert(connection, mirror.subscription_item, [_item(each, found) for found in each.items])
        upsert(connection, mirror.price, [_price(found.price) for found in each.items if found.price])
        found = list(enumerate(each.discounts))
        upsert(connection, mirror.discount, [_discount(each, *pair) for pair in found])
        upsert(connection, mirror.coupon, [_coupon(given.coupon) for _, given in found if given.coupon])


def _subscription(each: Life) -> dict[str, Any]:
    return row(
        mirror.subscription,
        id=each.id,
        customer_id=each.customer_id,
        status=each.status,
        currency=each.currency,
        start_at=each.start,
        created_at=each.created or each.start,
        trial_start_at=each.trial_start,
        trial_end_at=each.trial_end,
        ended_at=each.ended,
    )


def _item(each: Life, found: Item) -> dict[str, Any]:
    return row(
        mirror.subscription_item,
        id=f"{each.id}_{found.id}",
        subscription_id=each.id,
        price_id=found.price.id if found.price else None,
        quantity=found.quantity,
        created_at=found.created,
    )


def _price(found: Price) -> dict[str, Any]:
    return row(
        mirror.price,
        id=found.id,
        product_id=found.product_id,
        currency=found.currency,
        unit_amount_decimal=None if found.unit_amount is None else str(found.unit_amount),
        recurring_interval=found.interval,
        recurring_interval_count=found.interval_count,
        recurring_usage_type=found.usage_type,
    )


def _discount(each: Life, position: int, found: Discount) -> dict[str, Any]:
    return row(
        mirror.discount,
        id=f"{each.id}_{position}",
        subscription_id=each.id,
        coupon_id=found.coupon.id if found.coupon else None,
        position=position,
        start_at=found.start,
        end_at=found.end,
    )


def _coupon(found: Coupon) -> dict[str, Any]:
    currency, amount = found.amounts_off[0] if found.amounts_off else (None, None)
    return row(
        mirror.coupon,
        id=found.id,
        duration=found.duration,
        percent_off=None if found.percent_off is None else str(found.percent_off),
        amount_off=amount,
        currency=currency,
    )


def moves(segments: Iterable[Segment], now: datetime) -> pd.DataFrame:
    """The movements of segments as a frame."""
    return movements(table_of(segments, SEGMENTS), now).to_pandas()

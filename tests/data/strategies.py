"""Random small lives: few customers, plans and days, so that everything meets everything."""

from datetime import timedelta

from hypothesis import strategies as st

from data.discounts import Discount
from data.history import Item, Life
from tests.data.lives import amount_off, day, item, percent, price

NOW = day("2026-04-15T12:00")
FIRST = day("2026-01-01")

PRICES = (
    price(10_00),
    price(10_00, product="prod_b"),
    price(99_00, "year"),
    price(7_77, "week", product="prod_c"),
    price(25_00, "month", 3, product="prod_b"),
    price(10_00, currency="eur"),
    price(0),
    price(5, usage_type="metered", product="prod_c"),
)
COUPONS = (percent("50"), percent("33.3", "repeating"), amount_off(4_00), amount_off(9_00, "once"))
STATUSES = (
    "active",
    "active",
    "active",
    "past_due",
    "trialing",
    "canceled",
    "canceled",
    "unpaid",
    "incomplete",
)

instants = st.integers(0, 104 * 4).map(lambda quarter: FIRST + timedelta(hours=6 * quarter))
later = st.integers(0, 400).map(lambda quarter: timedelta(hours=6 * quarter))
maybe_later = st.none() | later


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    """A coupon from an instant on, perhaps until another."""
    start, length = draw(instants), draw(maybe_later)
    return Discount(draw(st.sampled_from(COUPONS)), None, start, start + length if length else None)


@st.composite
def items(draw: st.DrawFn, number: int) -> Item:
    """An item of one of the prices."""
    return item(draw(st.sampled_from(PRICES)), draw(st.integers(0, 3)), f"si_{number}")


@st.composite
def small_life(draw: st.DrawFn, number: int) -> Life:
    """A subscription of one of three customers."""
    start, status, trial = draw(instants), draw(st.sampled_from(STATUSES)), draw(maybe_later)
    given = [draw(items(number)) for number in range(draw(st.integers(1, 2)))]
    return Life(
        id=f"sub_{number}",
        customer_id=f"cus_{draw(st.integers(1, 3))}",
        status=status,
        currency=given[0].price.currency if given[0].price else "usd",
        start=start,
        created=start,
        trial_start=start if trial else None,
        trial_end=min(start + trial, NOW) if trial else None,
        ended=min(start + draw(later), NOW) if status == "canceled" else None,
        items=tuple(given),
        discounts=tuple(draw(st.lists(discounts(), max_size=2))),
    )


@st.composite
def small_lives(draw: st.DrawFn) -> list[Life]:
    """Up to six subscriptions."""
    return [draw(small_life(number)) for number in range(draw(st.integers(0, 6)))]

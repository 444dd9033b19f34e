"""Quotes that add to a running subscription: the rest of its period by days, then whole periods."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Joined, Quote
from dashboard.quotes.pricing import price
from dashboard.quotes.reading import Reading, read
from data.catalog import load

SOLD = load()
TODAY = date(2026, 11, 21)
FIELDS = {
    "customer_id": "cus_1", "plan": "enterprise", "currency": "usd", "interval": "1year", "term": 0,
    "capacity": 50, "start": "date", "start_on": "2027-04-01", "collection": "send_invoice", "net_days": 30,
    "of.subscription": "sub_1", "of.plan": "enterprise", "of.capacity": 250,
    "of.period_start": "2026-07-01", "of.renews_on": "2027-07-01",
}  # fmt: skip


def reading(**changes: Any) -> Reading:
    fields = FIELDS | {name.replace("__", "."): value for name, value in changes.items()}
    return read(fields, SOLD, TODAY)


def test_seats_and_an_add_on_until_the_renewal() -> None:
    """50 seats at 144 and single sign-on at 1,440 a year, for 91 of 365 days."""
    found = reading(addons=["sso"], discount__whole__percent="10", discount__whole__reason="more seats")
    assert not found.broken
    assert found.quote is not None
    priced = price(found.quote, SOLD)
    (part,) = priced.periods
    assert part.share == Fraction(91, 365)
    assert [(each.key, each.at_list, each.net) for each in part.charges] == [
        ("enterprise", 179_507, 161_556),  # 720,000 x 91 / 365 = 179,506.8
        ("sso", 35_901, 32_311),  # 144,000 x 91 / 365 = 35,901.4
    ]
    assert priced.total == priced.first_invoice == 193_867
    assert priced.arr == priced.last_arr == 648_000 + 129_600


def test_from_the_renewal_it_is_billed_for_whole_periods() -> None:
    quote = reading(start="renewal", term=24, addons=["priority_support"], capacity=None).quote
    assert quote is not None
    priced = price(quote, SOLD)
    assert [period.share for period in priced.periods] == [1, 1]
    assert [each.key for each in priced.periods[0].charges] == ["priority_support"]  # no seats are added
    assert priced.first_invoice == 432_000  # 10% of what the list asks for the 250 seats that run


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"start": "acceptance"}, "start", "the first part is billed exactly from it"),
        ({"start_on": "2026-11-20"}, "start_on", "from 2026-11-21 to 2027-06-30"),
        ({"start_on": "2027-07-02"}, "start_on", "or the renewal"),
        ({"start_on": None}, "start_on", "Choose a day"),
        ({"start": "renewal"}, "term", "for how many months"),
        ({"capacity": None}, "capacity", "Say what is added"),
        ({"plan": "business"}, "plan", "that of the running subscription"),
        ({"of__plan": "gone"}, "of.subscription", "not known well enough"),
        ({"of__capacity": None}, "of.capacity", "how many run now"),
        ({"of__addons": ["sso"], "addons": ["sso"]}, "addons", "Single sign-on runs already."),
        ({"of__renews_on": "2026-11-21"}, "of.subscription", "It has renewed"),
        ({"ramp__1__price": "3"}, "ramp.1.price", "no ramp"),
        ({"discount__whole__amount": "3"}, "discount.whole.amount", "a percentage"),
        ({"discount__whole__percent": "3", "discount__whole__months": 12}, "discount.whole.months", "no end"),
        ({"of__capacity": -1}, "of.capacity", "whole number from 1"),
        ({"term": 5}, "term", "multiple of 12"),
    ],
)
def test_what_cannot_be_added_is_told_at_its_field(changes: dict[str, Any], field: str, told: str) -> None:
    found = reading(**changes)
    assert told in " ".join(each.told for each in found.broken if each.field == field)


@given(
    st.integers(1, 366), st.integers(0, 366), st.integers(0, 3_000), st.integers(0, 500), st.integers(0, 3),
    st.sampled_from(["usd", "jpy"]), st.sampled_from(["1month", "1year"]),
    st.dictionaries(
        st.sampled_from(["enterprise", "sso", WHOLE]),
        st.builds(Discount, percent=st.decimals(Decimal("0.01"), Decimal(100), places=2)),
    ),
)  # fmt: skip
@settings(max_examples=60)
def test_a_split_of_the_period_loses_nothing(
    days: int,
    left: int,
    running: int,
    added: int,
    more: int,
    currency: str,
    every: str,
    off: dict[str, Discount],
) -> None:
    """What is left of a period costs its share, but for half a unit a line and each discount."""
    begun = TODAY - timedelta(days=min(left, days))

    def quote(start: date) -> Quote:
        join = Joined("sub_1", "enterprise", running, begun, begun + timedelta(days=days))
        return Quote(
            "enterprise", added, currency, every, more * INTERVALS[every], ("sso",), discounts=off,
            start=start, joins=join,
        )  # fmt: skip

    whole, after = price(quote(begun), SOLD), price(quote(TODAY), SOLD)
    share = quote(TODAY).share
    assert whole.periods[0].charges == whole.whole.charges
    assert after.periods[-more:] == whole.periods[-more:] if more else True
    part = after.periods[0] if share else None
    for place, charge in enumerate(whole.whole.charges):
        net = part.charges[place].net if part else 0
        asked = part.charges[place].agreed if part else 0
        assert abs(asked - charge.agreed * share) <= Fraction(1, 2)
        assert 0 <= net <= asked
        assert abs(net - charge.net * share) <= 3  # the discounts' own rounding, once each
    assert after.total == sum(period.net for period in after.periods)

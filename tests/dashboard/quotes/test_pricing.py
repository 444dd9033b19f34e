"""What quotes come to: hand-worked examples, and what holds for all of them."""

from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.quotes.listing import graduated, volume
from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Fee, Quote, Step
from dashboard.quotes.pricing import NoListPriceError, price
from data.catalog import load
from data.list_prices import Tier
from data.sandbox.billing.pricing import amount_of, discounted

SOLD = load()
PERCENT = Decimal("22")
TIERS = [Tier(up_to=100, flat_amount=180_000), Tier(up_to=500, unit_amount=1_200), Tier(unit_amount=900)]


def enterprise(**named: object) -> Quote:
    given = {"plan": "enterprise", "capacity": 250, "currency": "usd", "interval": "1year", "term": 36}
    return Quote(**{**given, **named})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("capacity", "amount"),
    [(1, 180_000), (100, 180_000), (101, 181_200), (500, 660_000), (501, 660_900), (1_000, 1_110_000)],
)
def test_graduated_tiers(capacity: int, amount: int) -> None:
    assert graduated(TIERS, capacity) == amount


@pytest.mark.parametrize(("capacity", "amount"), [(1, 1_100), (10, 2_000), (11, 880), (50, 4_000)])
def test_volume_tiers(capacity: int, amount: int) -> None:
    assert (
        volume([Tier(up_to=10, unit_amount=100, flat_amount=1_000), Tier(unit_amount=80)], capacity) == amount
    )


@given(
    st.integers(0, 3_000), st.lists(st.tuples(st.integers(1, 500), st.integers(0, 900), st.integers(0, 900)))
)
def test_tiers_cost_what_they_cost_at_stripe(capacity: int, steps: list[tuple[int, int, int]]) -> None:
    tops = [sum(step[0] for step in steps[: place + 1]) for place in range(len(steps))]
    tiers = [
        Tier(up_to=top, unit_amount=step[1], flat_amount=step[2])
        for top, step in zip(tops, steps, strict=True)
    ]
    tiers.append(Tier(unit_amount=7, flat_amount=3))
    theirs = {"billing_scheme": "tiered", "tiers": [tier.model_dump() for tier in tiers]}
    assert graduated(tiers, capacity) == amount_of({**theirs, "tiers_mode": "graduated"}, capacity)
    assert volume(tiers, capacity) == amount_of({**theirs, "tiers_mode": "volume"}, capacity)


def test_the_quote_of_a_contract() -> None:
    quote = enterprise(
        addons=("sso", "custom_domain", "sla", "priority_support"),
        tiers={"sla": Decimal("99.95")},
        discounts={WHOLE: Discount(percent=PERCENT)},
        ramp={2: Step(capacity=300), 3: Step(capacity=400)},
        fees=(Fee("Onboarding", 250_000),),
    )
    found = price(quote, SOLD)
    first = {charge.key: charge.at_list for charge in found.periods[0].charges}
    assert first == {
        "enterprise": 4_320_000,  # a year of 1,800 for 100 seats and 12 for each of 150
        "sso": 144_000,
        "custom_domain": 47_040,
        "sla": 576_000,  # 99.95% is twice the price of 99.9%
        "priority_support": 432_000,  # 10% of the plan, above its minimum of 2,400
    }
    assert [year.at_list for year in found.years] == [5_519_040, 6_311_040, 7_895_040]
    assert [year.billed for year in found.years] == [4_304_851 + 250_000, 4_922_611, 6_158_131]
    assert found.total == 4_554_851 + 4_922_611 + 6_158_131
    assert found.arr == 4_304_851
    assert found.first_invoice == 4_554_851
    assert found.effective_discount == Fraction(19_725_120 - 15_385_593, 19_725_120)


def test_a_share_of_the_plan_has_a_minimum() -> None:
    small = price(enterprise(plan="business", addons=("priority_support",), term=12), SOLD)
    assert small.periods[0].charges[1].at_list == 240_000


def test_a_discount_ends_and_a_price_is_agreed_for_a_year() -> None:
    quote = enterprise(
        interval="1month",
        term=15,
        discounts={
            "enterprise": Discount(amount=10_000, months=3),
            WHOLE: Discount(percent=Decimal(50), months=1),
        },
        ramp={2: Step(unit_price=1_000)},
    )
    found = price(quote, SOLD)
    assert [period.net for period in found.periods[:5]] == [175_000, 350_000, 350_000, 360_000, 360_000]
    assert [charge.agreed for charge in found.periods[12].charges] == [250_000]
    assert [(year.number, year.months) for year in found.years] == [(1, 12), (2, 3)]
    assert found.last_arr == 250_000 * 12
    assert found.acv == sum(period.net for period in found.periods) * 12 // 15


def test_an_add_on_is_ramped_too() -> None:
    quote = enterprise(addons=("sso",), ramp={1: Step(addons={"sso": 0}), 3: Step(addons={"sso": 100_000})})
    nets = [[charge.net for charge in period.charges] for period in price(quote, SOLD).periods]
    assert nets == [[4_320_000, 0], [4_320_000, 0], [4_320_000, 100_000]]


def test_what_is_not_listed_is_not_priced() -> None:
    with pytest.raises(NoListPriceError, match="enterprise"):
        price(enterprise(interval="6month"), SOLD)


PERCENTS = st.decimals(Decimal("0.01"), Decimal(100), places=2)
DISCOUNTS = st.builds(
    Discount,
    percent=st.none() | PERCENTS,
    amount=st.integers(0, 9_000_000),
    months=st.none() | st.integers(1, 36),
)
ADDONS = ("sso", "custom_domain", "sla", "priority_support")
STEPS = st.builds(
    Step,
    capacity=st.none() | st.integers(1, 5_000),
    unit_price=st.none() | st.integers(0, 90_000),
    addons=st.dictionaries(st.sampled_from(ADDONS), st.integers(0, 900_000), max_size=2),
)


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """Any quote of the enterprise plan."""
    interval = draw(st.sampled_from(["1month", "3month", "1year"]))
    addons = tuple(draw(st.lists(st.sampled_from(ADDONS), unique=True)))
    return Quote(
        "enterprise",
        draw(st.integers(1, 5_000)),
        draw(st.sampled_from(["usd", "eur", "gbp", "jpy"])),
        interval,
        INTERVALS[interval] * draw(st.integers(1, 36 // INTERVALS[interval])),
        addons,
        {"sla": Decimal("99.99")} if "sla" in addons else {},
        draw(st.dictionaries(st.sampled_from(["enterprise", *addons, WHOLE]), DISCOUNTS, max_size=3)),
        draw(st.dictionaries(st.integers(1, 3), STEPS, max_size=2)),
        tuple(
            Fee(f"Fee {n}", each) for n, each in enumerate(draw(st.lists(st.integers(0, 10**6), max_size=2)))
        ),
    )


@given(quotes())
@settings(max_examples=80)
def test_lines_sum_to_periods_years_and_the_total(quote: Quote) -> None:
    found = price(quote, SOLD)
    charges = [charge for period in found.periods for charge in period.charges]
    assert all(0 <= charge.net <= charge.agreed for charge in charges)
    assert found.total == sum(charge.net for charge in charges) + sum(fee.amount for fee in quote.fees)
    assert found.total == sum(year.billed for year in found.years)
    assert sum(year.months for year in found.years) == quote.term
    assert found.first_invoice == found.periods[0].net + found.fees
    assert found.arr == found.periods[0].net * 12 // INTERVALS[quote.interval]


@given(quotes())
@settings(max_examples=60)
def test_discounts_are_what_stripe_takes_off(quote: Quote) -> None:
    """Each line's own coupon, then that of the whole, on what the first left."""
    for period in price(quote, SOLD).periods[::11]:
        left = [charge.agreed for charge in period.charges]
        for place, charge in enumerate(period.charges):
            own = [_coupon(quote, charge.key, period.month)]
            left[place] -= sum(sum(each) for each in discounted([left[place]], own, quote.currency))
        whole = discounted(left, [_coupon(quote, WHOLE, period.month)], quote.currency)
        assert [charge.net for charge in period.charges] == [
            amount - off for amount, off in zip(left, whole[0], strict=True)
        ]


def _coupon(quote: Quote, key: str, month: int) -> dict[str, object]:
    """A discount as Stripe's coupon; one that takes nothing where it does not hold."""
    discount = quote.discounts.get(key)
    if discount is None or not discount.holds(month):
        return {"amount_off": 0, "currency": quote.currency}
    if discount.percent is not None:
        return {"percent_off": f"{discount.percent}"}
    return {"amount_off": discount.amount, "currency": quote.currency}


@given(st.integers(1, 5_000), st.sampled_from(["usd", "eur", "gbp", "jpy"]), st.integers(1, 3))
def test_a_year_is_twelve_months_where_the_catalog_says_so(capacity: int, currency: str, years: int) -> None:
    def total(interval: str) -> int:
        return price(Quote("enterprise", capacity, currency, interval, 12 * years), SOLD).total

    assert total("1month") == total("3month") == total("1year")


@given(quotes(), st.integers(1, 5_000))
@settings(max_examples=60)
def test_a_ramp_loses_nothing(quote: Quote, capacity: int) -> None:
    """Each year of a ramp costs what the same year costs in a quote of that capacity and price throughout."""
    plain = {"discounts": MappingProxyType({}), "fees": ()}
    ramped = Quote(**{**vars(quote), **plain})
    for year, period in {period.year: period for period in price(ramped, SOLD).periods}.items():
        stands = ramped.stands(year)
        steady = Quote(
            **{
                **vars(ramped),
                "capacity": stands.capacity,
                "ramp": {1: Step(unit_price=stands.unit_price, addons=stands.addons)},
                "term": INTERVALS[quote.interval],
            }
        )
        assert price(steady, SOLD).periods[0].charges == period.charges

"""The worked examples of the definitions that are rates, each with its published figure."""

from fractions import Fraction

import pandas as pd
import pytest

from dashboard.metrics.rates import customers, mrr, value
from dashboard.metrics.rates.kept import PARTS, gross_retention, kept, net_retention
from dashboard.metrics.rates.rate import Rate, exact, rate, undefined
from dashboard.metrics.selection import Selection


def percent(found: Rate, places: int = 0) -> str:
    return "–" if found.value is None else f"{float(found.value):.{places}%}"


def test_chartmogul_gross_and_net_mrr_churn() -> None:
    assert percent(mrr.gross_churn(100, -10, -10)) == "20%"
    assert percent(mrr.net_churn(100, -10, -10, 10)) == "10%"


def test_stripe_rate_against_the_start_base() -> None:
    assert percent(customers.stripe_rate(100, 30, 10), 2) == "7.69%"
    assert percent(customers.churn_rate(100, 10)) == "10%"


def test_net_and_gross_revenue_retention() -> None:
    """1,000,000 at the start: one customer grows by 150,000, one shrinks by 20,000, one of 80,000 leaves."""
    held = [(500_000, 650_000), (420_000, 400_000), (80_000, 0)]
    parts = [sum(a for a, _ in held), sum(b for _, b in held), sum(min(pair) for pair in held)]
    frame = pd.DataFrame(
        [("2026-10", 1, "usd", "prod_a:1month", *parts, 3, 1)],
        columns=["month", "span", "currency", "held_before", *PARTS],
    )
    found = kept(frame, Selection("usd", ("2026-10",)), 1).loc["2026-10"]
    assert percent(net_retention(found["arr_start"], found["arr_end"])) == "105%"
    assert percent(gross_retention(found["arr_start"], found["arr_kept"])) == "90%"


def test_chartmogul_lifetime_value() -> None:
    """ARPA 100.00 and a churn of 5% in each of six months."""
    average = value.arpa(12 * 100_00, 1)
    found = value.lifetime_value(average, [customers.churn_rate(100, 5)] * 6)
    assert (average.value, found.value) == (100_00, 2000_00)


def test_the_mean_of_churn_is_a_mean_of_rates() -> None:
    churned = [customers.churn_rate(start, 1) for start in (10, 20, 10, 20, 10, 20)]
    assert value.lifetime_value(value.arpa(1200, 1), churned).value == Fraction(100) / Fraction(3, 40)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (mrr.gross_churn(0, 0, 0), "MRR was 0 at the start of the month"),
        (mrr.net_churn(0, 0, 0, 50), "MRR was 0 at the start of the month"),
        (mrr.quick_ratio(100, 0, 0, 0, 0), "nothing was lost in the month"),
        (gross_retention(0, 0), "nobody was subscribed at the start of the period"),
        (net_retention(0, 0), "nobody was subscribed at the start of the period"),
        (customers.churn_rate(0, 0), "nobody was subscribed at the start of the month"),
        (customers.stripe_rate(0, 0, 0), "nobody was subscribed and nobody joined"),
        (value.arpa(0, 0), "nobody is subscribed"),
        (value.lifetime_value(value.arpa(0, 0), []), "nobody is subscribed"),
        (
            value.lifetime_value(value.arpa(1200, 1), [customers.churn_rate(1, 0)] * 6),
            "nobody left in the six previous full months",
        ),
        (
            value.lifetime_value(
                value.arpa(1200, 1), [customers.churn_rate(0, 0), *[customers.churn_rate(9, 1)] * 5]
            ),
            "customer churn is known for 5 of the six previous full months",
        ),
    ],
)
def test_nothing_to_divide_by_is_a_reason_and_no_figure(found: Rate, reason: str) -> None:
    assert (found.value, found.number, found.reason) == (None, None, reason)


def test_no_loss_at_all_is_a_rate_of_zero() -> None:
    assert mrr.gross_churn(100, 0, 0).value == 0
    assert customers.churn_rate(7, 0).value == 0


def test_quick_ratio() -> None:
    assert mrr.quick_ratio(100, 50, 10, -30, -10).value == 4


def test_rates_are_exact() -> None:
    assert rate(1, 3, empty="").value == Fraction(1, 3)
    assert undefined("why", 5) == Rate(Fraction(5), Fraction(0), "why")
    with pytest.raises(TypeError, match="float"):
        exact(0.1)

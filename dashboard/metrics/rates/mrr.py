"""Rates of the month's movements. Each takes the MRR or ARR moved with its sign: losses are below 0."""

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Exact, Rate, exact, rate

NOTHING_AT_START = "MRR was 0 at the start of the month"
NOTHING_LOST = "nothing was lost in the month"


@metric(
    "Gross MRR churn",
    "share",
    "MRR lost to churn and contraction in the month, divided by MRR at its start.",
    source="ChartMogul: gross MRR churn rate",
)
def gross_churn(start: Exact, churn: Exact, contraction: Exact) -> Rate:
    """Share of the starting MRR that was lost."""
    return rate(-(exact(churn) + exact(contraction)), start, empty=NOTHING_AT_START)


@metric(
    "Net MRR churn",
    "share",
    "MRR lost to churn and contraction, less expansion and reactivation, divided by MRR at the start of the "
    "month. Below 0 the existing customers grew by more than was lost.",
    source="ChartMogul: net MRR churn rate",
)
def net_churn(
    start: Exact, churn: Exact, contraction: Exact, expansion: Exact, reactivation: Exact = 0
) -> Rate:
    """Share of the starting MRR that was lost and not made up for."""
    moved = sum(map(exact, (churn, contraction, expansion, reactivation)))
    return rate(-moved, start, empty=NOTHING_AT_START)


@metric(
    "Quick ratio",
    "ratio",
    "MRR won (new, expansion, reactivation), divided by MRR lost (churn, contraction) in the month.",
    source="ChartMogul: SaaS quick ratio",
)
def quick_ratio(new: Exact, expansion: Exact, reactivation: Exact, contraction: Exact, churn: Exact) -> Rate:
    """How many times over what was lost has been won."""
    won = sum(map(exact, (new, expansion, reactivation)))
    return rate(won, -(exact(churn) + exact(contraction)), empty=NOTHING_LOST)

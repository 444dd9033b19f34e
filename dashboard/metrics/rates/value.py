"""What a customer is worth: MRR per subscriber, and over a lifetime."""

from collections.abc import Sequence
from fractions import Fraction

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Exact, Rate, exact, rate, undefined

MONTHS_OF_CHURN = 6


def arpa(arr: Exact, subscribers: Exact) -> Rate:
    """MRR per subscriber, in minor units a month, from ARR; the metric "MRR per subscriber"."""
    return rate(exact(arr) / 12, subscribers, empty="nobody is subscribed")


@metric(
    "Lifetime value",
    "amount",
    "MRR per subscriber at the end of the month, divided by the mean customer churn rate of the six full "
    "months before it.",
    source="ChartMogul: customer lifetime value",
)
def lifetime_value(per_subscriber: Rate, churn: Sequence[Rate]) -> Rate:
    """LTV in minor units, from ARPA and the churn rates of the six previous full months."""
    if per_subscriber.value is None:
        return undefined(per_subscriber.reason or "")
    rates = [each.value for each in churn if each.value is not None]
    if len(rates) < MONTHS_OF_CHURN:
        reason = f"customer churn is known for {len(rates)} of the six previous full months"
        return undefined(reason, per_subscriber.value)
    mean = sum(rates, Fraction(0)) / len(rates)
    return rate(per_subscriber.value, mean, empty="nobody left in the six previous full months")

"""How many customers left, in our count and in Stripe's."""

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Exact, Rate, exact, rate


@metric(
    "Customer churn rate",
    "share",
    "Customers who were subscribers at the start of the month and are not at its end, divided by subscribers "
    "at the start. A customer who joined and left inside the month is counted apart.",
)
def churn_rate(start: Exact, lost: Exact) -> Rate:
    """Share of the starting subscribers that left."""
    return rate(lost, start, empty="nobody was subscribed at the start of the month")


@metric(
    "Stripe's churn rate",
    "share",
    "Customers who churned in the month, divided by subscribers at its start plus those who joined in it.",
    source="Stripe Billing: subscriber churn rate",
)
def stripe_rate(start: Exact, joined: Exact, churned: Exact) -> Rate:
    """The rate as Stripe's own dashboard has it."""
    return rate(churned, exact(start) + exact(joined), empty="nobody was subscribed and nobody joined")

"""Key figures of what is owed: amounts, and days, where more is no good news."""

from collections.abc import Callable, Sequence

from dashboard import formatting
from dashboard.kpis import Declared, Kpi
from dashboard.metrics.explain import Explanation


def amount(
    metric: Declared,
    minor: int,
    before: int,
    currency: str,
    spark: Sequence[float | None],
    explain: Callable[[], Explanation] | None = None,
) -> Kpi:
    """An amount in minor units, exact in its help."""
    exact = f"{formatting.amount(minor, currency)} ({currency.upper()}).\n\n{metric.formula}"
    change = minor - before
    told = _signed(formatting.short(abs(change), currency), change)
    return Kpi(metric.name, formatting.short(minor, currency), exact, told, "inverse", spark, explain)


def days(
    metric: Declared,
    number: float | None,
    before: float | None,
    explain: Callable[[], Explanation] | None = None,
) -> Kpi:
    """A number of days; not defined is a dash."""
    value = formatting.DASH if number is None else f"{number:.1f} days"
    change = None if number is None or before is None else round(number - before, 1)
    told = None if change is None else _signed(f"{abs(change):.1f} days", change)
    return Kpi(metric.name, value, metric.formula, told, "inverse", explain=explain)


def _signed(told: str, change: float) -> str | float:
    """A change with its sign; a plain 0 is grey."""
    return (f"{'+' if change > 0 else '−'}{told}") if change else 0

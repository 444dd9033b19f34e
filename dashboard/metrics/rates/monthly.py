"""Every rate of every month, of one currency and any filter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dashboard.metrics import churn, movements, plan_mix
from dashboard.metrics.definitions import Metric
from dashboard.metrics.rates import customers, mrr, value
from dashboard.metrics.rates.kept import gross_retention, kept, net_retention
from dashboard.metrics.rates.rate import Rate, undefined
from dashboard.metrics.selection import Selection
from data.clock import months_between

COLUMNS = ["month", "metric", "value", "numerator", "denominator", "reason", "partial"]
Rates = Callable[["Facts", Selection], list[Rate]]


@dataclass(frozen=True)
class Facts:
    """The frames that rates are made of, as data.frames gives them."""

    month_end: pd.DataFrame
    month_end_subscribers: pd.DataFrame
    movements: pd.DataFrame
    transitions: pd.DataFrame
    retention: pd.DataFrame


@dataclass(frozen=True)
class MonthlyRate:
    """A rate by month: the name under which it is exported, its definition, and how a selection has it."""

    name: str
    definition: Metric[..., Any]
    months: Rates


def rates(facts: Facts, selection: Selection, current: str) -> pd.DataFrame:
    """COLUMNS, a row for each month of the selection and each of RATES; partial: the month is not over.

    value is missing where a reason says why; numerator and denominator are exact fractions.
    """
    rows = [
        (month, each.name, rate.number, rate.numerator, rate.denominator, rate.reason, month >= current)
        for each in RATES.values()
        for month, rate in zip(selection.months, each.months(facts, selection), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"value": "Float64", "reason": "string"})
    order = {name: place for place, name in enumerate(RATES)}
    places = frame["metric"].map(order)
    return frame.assign(place=places).sort_values(["month", "place"], ignore_index=True)[COLUMNS]


def _moved(metric: Callable[..., Rate], *columns: str) -> Rates:
    """A rate over columns of the bridge."""

    def months(facts: Facts, selection: Selection) -> list[Rate]:
        bridge = movements.bridge(facts.month_end, facts.movements, selection)
        return _each(metric, bridge, *columns)

    return months


def _kept(metric: Callable[..., Rate], span: int, column: str) -> Rates:
    """A rate over what the subscribers of a period's start have at its end."""

    def months(facts: Facts, selection: Selection) -> list[Rate]:
        return _each(metric, kept(facts.retention, selection, span), "arr_start", column)

    return months


def _each(metric: Callable[..., Rate], frame: pd.DataFrame, *columns: str) -> list[Rate]:
    return [metric(*row) for row in zip(*(frame[name].tolist() for name in columns), strict=True)]


def _flow(facts: Facts, selection: Selection) -> pd.DataFrame:
    return churn.flow(facts.month_end_subscribers, facts.transitions, selection)


def _customer_churn(facts: Facts, selection: Selection) -> list[Rate]:
    return _each(customers.churn_rate, _flow(facts, selection), "start", "lost")


def _stripe_churn(facts: Facts, selection: Selection) -> list[Rate]:
    if not selection.is_whole:  # who joined and left inside a month is only known of all customers together
        why = "who joined and left inside the month is not known under a filter"
        return [undefined(why) for _ in selection.months]
    flow = _flow(facts, selection)
    inside = flow["joined_and_left"]
    flow = flow.assign(joined=flow["new"] + flow["won_back"] + inside, churned=flow["lost"] + inside)
    return _each(customers.stripe_rate, flow, "start", "joined", "churned")


def _arpa(facts: Facts, selection: Selection) -> list[Rate]:
    arr = movements.balances(facts.month_end, selection)
    ends = _flow(facts, selection)["end"].tolist()
    months = zip(selection.months, ends, strict=True)
    return [value.arpa(arr.get(month, 0), subscribers) for month, subscribers in months]


def _lifetime_value(facts: Facts, selection: Selection) -> list[Rate]:
    if not selection.months:
        return []
    months = months_between(_back(min(selection.months), value.MONTHS_OF_CHURN), max(selection.months))
    churned = dict(zip(months, _customer_churn(facts, replace(selection, months=tuple(months))), strict=True))
    return [
        value.lifetime_value(average, _before(month, churned))
        for month, average in zip(selection.months, _arpa(facts, selection), strict=True)
    ]


def _before(month: str, churned: Mapping[str, Rate]) -> list[Rate]:
    """The churn rates of the six months before a month, which are over when the month has begun."""
    first = _back(month, value.MONTHS_OF_CHURN)
    return [churned[each] for each in months_between(first, _back(month, 1))]


def _back(month: str, count: int) -> str:
    """The month so many months earlier."""
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


RATES: Mapping[str, MonthlyRate] = {
    each.name: each
    for each in (
        MonthlyRate(
            "gross_mrr_churn", mrr.gross_churn, _moved(mrr.gross_churn, "start", "churn", "contraction")
        ),
        MonthlyRate(
            "net_mrr_churn",
            mrr.net_churn,
            _moved(mrr.net_churn, "start", "churn", "contraction", "expansion", "reactivation"),
        ),
        MonthlyRate("grr_1_month", gross_retention, _kept(gross_retention, 1, "arr_kept")),
        MonthlyRate("grr_12_months", gross_retention, _kept(gross_retention, 12, "arr_kept")),
        MonthlyRate("nrr_1_month", net_retention, _kept(net_retention, 1, "arr_end")),
        MonthlyRate("nrr_12_months", net_retention, _kept(net_retention, 12, "arr_end")),
        MonthlyRate("customer_churn", customers.churn_rate, _customer_churn),
        MonthlyRate("stripe_customer_churn", customers.stripe_rate, _stripe_churn),
        MonthlyRate("arpa", plan_mix.arr_per_subscriber, _arpa),
        MonthlyRate("ltv", value.lifetime_value, _lifetime_value),
        MonthlyRate(
            "quick_ratio",
            mrr.quick_ratio,
            _moved(mrr.quick_ratio, "new", "expansion", "reactivation", "contraction", "churn"),
        ),
    )
}
"""Every rate that has a value for each month, in the order of the definitions."""

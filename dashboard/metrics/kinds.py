"""The movements of a month, a metric for each kind."""

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import Selection

SOURCE = "ChartMogul: MRR movements"


@metric("New MRR", "amount a month", "MRR of customers who had never paid before.", source=SOURCE)
def new(movements: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR won from customers who are new, in minor units."""
    return _moved(movements, selection, month, "new")


@metric("Reactivation MRR", "amount a month", "MRR of customers who had left and came back.", source=SOURCE)
def reactivation(movements: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR won back, in minor units."""
    return _moved(movements, selection, month, "reactivation")


@metric("Expansion MRR", "amount a month", "What subscribers pay more than before.", source=SOURCE)
def expansion(movements: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR that subscribers added, in minor units."""
    return _moved(movements, selection, month, "expansion")


@metric("Contraction MRR", "amount a month", "What subscribers pay less than before and stay.", source=SOURCE)
def contraction(movements: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR that subscribers gave up, in minor units, below 0."""
    return _moved(movements, selection, month, "contraction")


@metric("Churned MRR", "amount a month", "MRR of customers whose last subscription ended.", source=SOURCE)
def churned(movements: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR of customers who left, in minor units, below 0."""
    return _moved(movements, selection, month, "churn")


def _moved(movements: pd.DataFrame, selection: Selection, month: str, kind: str) -> int:
    rows = selection.cells(movements)
    return int(rows.loc[(rows["month"] == month) & (rows["kind"] == kind), "delta_arr"].sum())


KINDS = {
    "new": new,
    "reactivation": reactivation,
    "expansion": expansion,
    "contraction": contraction,
    "churn": churned,
}
"""The metric of every kind of movement that is not a transfer."""

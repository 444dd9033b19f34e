"""Flows between plans and between billing intervals, from the transfers of a period."""

from collections.abc import Callable

import pandas as pd

from dashboard import formatting
from dashboard.metrics.plans import names, order
from dashboard.metrics.selection import Selection

COLUMNS = ["source", "target", "customers", "arr"]
CELLS = ["product_from", "interval_from", "product_to", "interval_to", "customers", "arr"]
Name = Callable[[str, str], str]
"""What a product at an interval is called in a flow."""


def between_plans(flows: pd.DataFrame, products: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """COLUMNS by plan: run rate that moved from one plan to another, in the catalogue's order."""
    named = names(products)
    frame = _between(flows, selection, lambda product, _: named.get(product, product))
    present = {*flows["product_from"], *flows["product_to"]}
    ranks = {plan: place for place, plan in enumerate(order(products, present))}
    placed = frame.assign(left=frame["source"].map(ranks), right=frame["target"].map(ranks))
    return placed.sort_values(["left", "right"], ignore_index=True)[COLUMNS]


def between_intervals(flows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """COLUMNS by billing interval, in words; the largest first."""
    frame = _between(flows, selection, lambda _, interval: formatting.interval(interval))
    return frame.sort_values(["arr", "source", "target"], ascending=[False, True, True], ignore_index=True)


def _between(flows: pd.DataFrame, selection: Selection, name: Name) -> pd.DataFrame:
    """Flows of the selection's currency that touch it on either side and change their name."""
    sums: dict[tuple[str, str], list[int]] = {}
    rows = flows.loc[flows["currency"] == selection.currency]
    for product, interval, *to, customers, arr in rows[CELLS].to_numpy().tolist():
        cells: tuple[tuple[str, str], ...] = (product, interval), (to[0], to[1])
        source, target = (name(*cell) for cell in cells)
        if source == target or not any(selection.has(*cell) for cell in cells):
            continue
        total = sums.setdefault((source, target), [0, 0])
        total[0] += int(customers)
        total[1] += int(arr)
    found = [(*pair, *total) for pair, total in sums.items()]
    return pd.DataFrame(found, columns=COLUMNS).astype({"customers": "int64", "arr": "int64"})

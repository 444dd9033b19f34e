"""Revenue that the customers of a period's start still bring at its end, over 1 or 12 months."""

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Exact, Rate, rate
from dashboard.metrics.selection import Selection

NOBODY = "nobody was subscribed at the start of the period"
PARTS = ["arr_start", "arr_end", "arr_kept", "customers", "lost"]


@metric(
    "Gross revenue retention",
    "share",
    "Over the customers subscribed at the start of the period: the sum of what each had then or has at its "
    "end, whichever is less, divided by the sum of what they had. Who was won or won back does not enter.",
    source="ChartMogul: gross revenue retention, customer by customer",
)
def gross_retention(arr_start: Exact, arr_kept: Exact) -> Rate:
    """GRR: at most 1, since nobody keeps more than they had."""
    return rate(arr_kept, arr_start, empty=NOBODY)


@metric(
    "Net revenue retention",
    "share",
    "Over the customers subscribed at the start of the period: the sum of what they have at its end, divided "
    "by the sum of what they had. Who was won or won back does not enter.",
    source="ChartMogul: net revenue retention",
)
def net_retention(arr_start: Exact, arr_end: Exact) -> Rate:
    """NRR: above 1 where expansion outgrew what was lost; never below GRR."""
    return rate(arr_end, arr_start, empty=NOBODY)


def kept(retention: pd.DataFrame, selection: Selection, span: int) -> pd.DataFrame:
    """PARTS by the last month of periods of so many months, for every month of the selection.

    Under a filter: the customers who held any of it at the start, with all that they had then and have now.
    """
    rows = retention.loc[(retention["currency"] == selection.currency) & (retention["span"] == span)]
    if not selection.is_whole:
        portfolios = [held for held in rows["held_before"].unique() if selection.touches(held)]
        rows = rows.loc[rows["held_before"].isin(portfolios)]
    sums = rows.groupby("month")[PARTS].sum()
    return sums.reindex(index=list(selection.months)).fillna(0).astype("int64")

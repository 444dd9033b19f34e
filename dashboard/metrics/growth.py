"""How MRR grew: month by month, over a whole period, and from kind to kind."""

import pandas as pd

from dashboard.metrics.conversion import IMPACT
from dashboard.metrics.definitions import metric
from dashboard.metrics.movements import KINDS, OF_CUSTOMERS, balances
from dashboard.metrics.rates.rate import Exact, Rate, rate
from dashboard.metrics.selection import Selection

STEPS = (*KINDS, IMPACT)
COLUMNS = ["month", "start", *STEPS, "end", "net_new", "growth"]


@metric(
    "Net new MRR",
    "amount a month",
    "New, reactivation and expansion MRR less contraction and churned MRR of the month. Moves between plans "
    "count where only some plans are chosen; exchange rates never do.",
    source="ChartMogul: net new MRR",
)
def net_new(monthly: pd.DataFrame, month: str) -> int:
    """ARR that customers' movements added in a month, in minor units; below 0 it shrank."""
    return int(monthly.loc[monthly["month"] == month, "net_new"].sum())


@metric(
    "MRR growth",
    "share",
    "Net new MRR of the month, divided by MRR at its start.",
    source="ChartMogul: MRR growth rate",
)
def growth(start: Exact, net: Exact) -> Rate:
    """Share by which MRR grew; below 0 it shrank."""
    return rate(net, start, empty="MRR was 0 at the start of the month")


def monthly(month_end: pd.DataFrame, movements: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Each month of the selection: COLUMNS. start + the STEPS = end, exactly; amounts are ARR.

    The exchange-rate impact is 0 in all rows where nothing was converted.
    """
    rows = selection.cells(movements)
    table = rows.pivot_table(index="month", columns="kind", values="delta_arr", aggfunc="sum", fill_value=0)
    table = table.reindex(index=list(selection.months), columns=list(STEPS)).fillna(0).astype("int64")
    end = balances(month_end, selection).reindex(table.index, fill_value=0)
    frame = table.assign(start=end - table.sum(axis=1), end=end, net_new=table[list(KINDS)].sum(axis=1))
    pairs = zip(frame["start"].tolist(), frame["net_new"].tolist(), strict=True)
    grown = pd.Series([growth(*pair).number for pair in pairs], index=frame.index, dtype="Float64")
    return frame.assign(growth=grown).rename_axis(columns=None).reset_index(names="month")[COLUMNS]


def waterfall(months: pd.DataFrame) -> pd.DataFrame:
    """From the start of the first of the months to the end of the last: step, arr; steps of 0 are left out.

    The first step is start, the last end; those between add up to their difference, exactly.
    """
    if months.empty:
        return pd.DataFrame({"step": [], "arr": []})
    sums = months[list(STEPS)].sum()
    between = [(step, int(sums[step])) for step in STEPS if sums[step]]
    rows = [("start", int(months["start"].iloc[0])), *between, ("end", int(months["end"].iloc[-1]))]
    return pd.DataFrame(rows, columns=["step", "arr"])


def cumulative(months: pd.DataFrame) -> pd.DataFrame:
    """The months with every step and net_new added up since the first of them."""
    summed = [*STEPS, "net_new"]
    return months.assign(**{name: months[name].cumsum() for name in summed})


def kinds_present(months: pd.DataFrame) -> list[str]:
    """The steps that have anything in any of the months, those of customers first."""
    return [step for step in (*OF_CUSTOMERS, "transfer", IMPACT) if months[step].any()]


def restated(months: pd.DataFrame, late: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Months of which movements became known late: month, before, restated, net_new, known_at (the last).

    late is the frame changes_by_month since an instant; before is net new MRR as it was known then, so that
    before + restated = net_new, exactly.
    """
    rows = selection.cells(late.loc[late["late"].astype(bool)])
    sums = rows.groupby("month")["delta_arr"].sum().to_dict()
    newest = rows.groupby("month")["known_at"].max().to_dict()
    found = months.loc[months["month"].isin(list(newest)), ["month", "net_new"]].reset_index(drop=True)
    changes = pd.Series([int(sums[month]) for month in found["month"]], index=found.index, dtype="int64")
    return found.assign(
        before=found["net_new"] - changes,
        restated=changes,
        known_at=[newest[month] for month in found["month"]],
    )[["month", "before", "restated", "net_new", "known_at"]]

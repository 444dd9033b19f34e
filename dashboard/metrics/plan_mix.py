"""What customers hold: customers and run rate by plan and interval, now, over time and compared."""

from collections.abc import Iterable

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.plans import order, products_of, with_plan
from dashboard.metrics.selection import Selection, distinct, ratio

CELL = ["plan", "interval"]


@metric(
    "MRR",
    "amount a month",
    "The yearly value of every counted subscription item at the end of the month, less recurring discounts, "
    "divided by 12. Trials, metered prices, one-off items and tax do not count.",
)
def run_rate(month_end: pd.DataFrame, selection: Selection, month: str) -> int:
    """ARR at the end of a month, in minor units of the selection's currency."""
    rows = selection.cells(month_end)
    return int(rows.loc[rows["month"] == month, "arr"].sum())


@metric(
    "Subscribers", "customers", "Customers whose MRR is above 0 at the end of the month, each counted once."
)
def subscribers(holdings: pd.DataFrame, selection: Selection, month: str) -> int:
    """Distinct customers at the end of a month that hold anything of the selection."""
    return int(distinct(holdings, "subscribers", selection).get(month, 0))


@metric("MRR per subscriber", "amount a month", "MRR divided by subscribers (ARPA).")
def arr_per_subscriber(
    month_end: pd.DataFrame, holdings: pd.DataFrame, selection: Selection, month: str
) -> int | None:
    """ARR per subscriber in minor units, rounded; None without subscribers."""
    average = ratio(run_rate(month_end, selection, month), subscribers(holdings, selection, month))
    return None if average is None else round(average)


@metric(
    "Yearly share", "share", "MRR of subscriptions billed once a year or less often, as a share of all MRR."
)
def yearly_share(month_end: pd.DataFrame, selection: Selection, month: str) -> float | None:
    """Share of run rate on intervals of a year or longer."""
    rows = selection.cells(month_end)
    rows = rows.loc[rows["month"] == month]
    yearly = rows.loc[rows["interval"].str.endswith("year"), "arr"].sum()
    return ratio(float(yearly), float(rows["arr"].sum()))


def mix(
    month_end: pd.DataFrame, holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection, month: str
) -> pd.DataFrame:
    """One month by plan and interval: plan, interval, customers, arr, share (of the selection's ARR)."""
    rows = with_plan(selection.cells(month_end), products)
    rows = rows.loc[(rows["month"] == month) & (rows["arr"] != 0)]
    cells = rows.groupby(CELL, observed=True)["arr"].sum().reset_index()
    plans = order(products, set(rows["product_id"]))
    cells["customers"] = [
        subscribers(holdings, selection.only(products_of(products, [plan]), [interval]), month)
        for plan, interval in zip(cells["plan"], cells["interval"], strict=True)
    ]
    total = float(cells["arr"].sum())
    cells["share"] = [ratio(float(arr), total) for arr in cells["arr"]]
    cells["place"] = cells["plan"].map({plan: index for index, plan in enumerate(plans)})
    cells = cells.sort_values(["place", "arr"], ascending=[True, False], ignore_index=True)
    return cells[[*CELL, "customers", "arr", "share"]]


def compare(now: pd.DataFrame, before: pd.DataFrame, keys: list[str] = CELL) -> pd.DataFrame:
    """Two months beside each other: the columns of `mix`, *_before and *_change; a cell gone counts 0.

    share_change is in points of a share (0.02 is two percentage points); None where either is not defined.
    """
    both = now.merge(before, on=keys, how="outer", suffixes=("", "_before"), sort=False)
    for column in ("customers", "arr"):
        both[[column, f"{column}_before"]] = both[[column, f"{column}_before"]].fillna(0).astype("int64")
        both[f"{column}_change"] = both[column] - both[f"{column}_before"]
    both["share_change"] = both["share"].fillna(0).astype(float) - both["share_before"].fillna(0).astype(
        float
    )
    places = {tuple(cell): index for index, cell in enumerate(now[keys].to_numpy())}
    ranks = [places.get(tuple(cell), len(places)) for cell in both[keys].to_numpy()]
    return both.assign(place=ranks).sort_values("place", ignore_index=True).drop(columns="place")


def by_plan(
    month_end: pd.DataFrame, holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection, month: str
) -> pd.DataFrame:
    """One month by plan: plan, customers (each once a plan), arr, share."""
    cells = mix(month_end, holdings, products, selection, month)
    plans = cells.groupby("plan", sort=False)["arr"].sum().reset_index()
    plans["customers"] = [
        subscribers(holdings, selection.only(products_of(products, [plan])), month) for plan in plans["plan"]
    ]
    total = float(plans["arr"].sum())
    plans["share"] = [ratio(float(arr), total) for arr in plans["arr"]]
    return plans[["plan", "customers", "arr", "share"]]


def over_time(
    month_end: pd.DataFrame, holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection
) -> pd.DataFrame:
    """Every month of the selection by plan: month, plan, arr, customers (each once a plan)."""
    rows = with_plan(selection.cells(month_end), products)
    rows = rows.loc[rows["month"].isin(selection.months)]
    plans = order(products, set(rows["product_id"]))
    arr = rows.pivot_table(index="month", columns="plan", values="arr", aggfunc="sum", fill_value=0)
    arr = arr.reindex(index=list(selection.months), columns=plans, fill_value=0)
    parts = [
        pd.DataFrame({"month": arr.index, "plan": plan, "arr": arr[plan].to_numpy(dtype="int64"),
                      "customers": _customers(holdings, selection.only(products_of(products, [plan])))})
        for plan in plans
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame({"month": [], "plan": [], "arr": [], "customers": []})
    return pd.concat(parts, ignore_index=True)


def _customers(holdings: pd.DataFrame, selection: Selection) -> Iterable[int]:
    counted = distinct(holdings, "subscribers", selection)
    return counted.reindex(list(selection.months), fill_value=0).to_numpy(dtype="int64")


def by_currency(month_end: pd.DataFrame, holdings: pd.DataFrame, month: str) -> pd.DataFrame:
    """Every currency at the end of a month, largest ARR first: currency, subscribers, arr. Never added up."""
    rows = month_end.loc[month_end["month"] == month]
    arr = rows.groupby("currency", observed=True)["arr"].sum()
    counted = holdings.loc[holdings["month"] == month].groupby("currency", observed=True)["subscribers"].sum()
    frame = pd.DataFrame({"arr": arr, "subscribers": counted}).fillna(0).astype("int64")
    frame = (
        frame.rename_axis("currency").reset_index().sort_values(["arr", "currency"], ascending=[False, True])
    )
    return frame.loc[frame["arr"] != 0, ["currency", "subscribers", "arr"]].reset_index(drop=True)


@metric(
    "Free accounts",
    "accounts",
    "Accounts on the Free plan in the company's own database. They pay nothing and count nowhere else.",
)
def free_accounts(accounts: pd.DataFrame) -> int:
    """Accounts whose plan is called Free."""
    return int(accounts.loc[is_free(accounts), "accounts"].sum())


def is_free(accounts: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows of the accounts by plan are the Free plan's, whatever the case of its name."""
    return (accounts["plan"].fillna("").str.casefold() == "free").astype(bool)


@metric("Capacity used", "share", "Units in use on the latest day known, divided by the units bought.")
def use_of_capacity(capacity: float | None, used: float | None) -> float | None:
    """Share of the bought capacity that is in use; None without a capacity or without use known."""
    return ratio(used, capacity)


def capacity(accounts: pd.DataFrame) -> pd.DataFrame:
    """The company's accounts by plan, with share_used; a gap where no capacity is known."""
    shares = [
        use_of_capacity(*(None if pd.isna(value) else float(value) for value in pair))
        for pair in zip(accounts["capacity"], accounts["used"], strict=True)
    ]
    return accounts.assign(share_used=pd.Series(shares, index=accounts.index, dtype="Float64"))

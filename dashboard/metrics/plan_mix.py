"""What customers hold: customers and run rate by plan and interval, now, over time and compared."""

from collections.abc import Collection

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.plans import names, order, with_plan
from dashboard.metrics.selection import Selection, distinct, distinct_by, ratio

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
    return distinct(holdings, "subscribers", selection).get(month, 0)


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
    rows = _rows(month_end, products, selection, [month])
    cells = rows.groupby(CELL, observed=True)["arr"].sum().reset_index()
    named = names(products)
    held = distinct_by(
        holdings, "subscribers", selection, lambda product, each: (named.get(product, product), each)
    )
    pairs = list(zip(cells["plan"], cells["interval"], strict=True))
    cells["customers"] = [held.get((month, pair), 0) for pair in pairs]
    return _ranked(cells, order(products, set(rows["product_id"])))[[*CELL, "customers", "arr", "share"]]


def by_plan(
    month_end: pd.DataFrame, holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection, month: str
) -> pd.DataFrame:
    """One month by plan: plan, customers (each once a plan), arr, share."""
    rows = _rows(month_end, products, selection, [month])
    plans = rows.groupby("plan", observed=True)["arr"].sum().reset_index()
    held = _by_plan(holdings, products, selection)
    plans["customers"] = [held.get((month, plan), 0) for plan in plans["plan"]]
    return _ranked(plans, order(products, set(rows["product_id"])))[["plan", "customers", "arr", "share"]]


def over_time(
    month_end: pd.DataFrame, holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection
) -> pd.DataFrame:
    """Every month of the selection by plan: month, plan, arr, customers (each once a plan)."""
    rows = _rows(month_end, products, selection, selection.months)
    arr = rows.groupby(["month", "plan"], observed=True)["arr"].sum().to_dict()
    held = _by_plan(holdings, products, selection)
    table = [
        (month, plan, int(arr.get((month, plan), 0)), held.get((month, plan), 0))
        for plan in order(products, set(rows["product_id"]))
        for month in selection.months
    ]
    return pd.DataFrame(table, columns=["month", "plan", "arr", "customers"])


def _rows(
    month_end: pd.DataFrame, products: pd.DataFrame, selection: Selection, months: Collection[str]
) -> pd.DataFrame:
    rows = selection.cells(month_end)
    return with_plan(rows.loc[rows["month"].isin(list(months)) & (rows["arr"] != 0)], products)


def _by_plan(
    holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection
) -> dict[tuple[str, str], int]:
    named = names(products)
    return distinct_by(holdings, "subscribers", selection, lambda product, _: named.get(product, product))


def _ranked(frame: pd.DataFrame, plans: list[str]) -> pd.DataFrame:
    """With share, in the catalogue's order and the largest first within a plan."""
    total = float(frame["arr"].sum())
    places = {plan: index for index, plan in enumerate(plans)}
    frame = frame.assign(
        share=frame["arr"].astype(float) / total if total else None,
        place=[places[plan] for plan in frame["plan"]],
    )
    return frame.sort_values(["place", "arr"], ascending=[True, False], ignore_index=True)


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
def free_accounts(accounts: pd.DataFrame) -> int | None:
    """Accounts whose plan is called Free; None where no accounts are known at all."""
    return None if accounts.empty else int(accounts.loc[is_free(accounts), "accounts"].sum())


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

"""How deep discounts are: what coupons take off the list value of what customers hold."""

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.plans import order, with_plan
from dashboard.metrics.rates.rate import Exact, Rate, rate
from dashboard.metrics.selection import Selection

COLUMNS = ["plan", "subscriptions", "list_arr", "off", "arr", "depth", "share"]


@metric(
    "Discount depth",
    "share",
    "What recurring coupons in force take off, divided by the list value of everything counted of the plan. "
    "Coupons that hold once do not count.",
)
def depth(listed: Exact, off: Exact) -> Rate:
    """Share of the list value that coupons take off."""
    return rate(off, listed, empty="nothing is held")


def by_plan(
    discounts: pd.DataFrame, month_end: pd.DataFrame, products: pd.DataFrame, selection: Selection, month: str
) -> pd.DataFrame:
    """COLUMNS for each plan held at the end of a month, in the catalogue's order.

    discounts are those in force then; list_arr is ARR without them, share that of it which is discounted.
    """
    rows = selection.cells(month_end)
    held = with_plan(rows.loc[(rows["month"] == month) & (rows["arr"] != 0)], products)
    sums = held.groupby("plan", observed=True)["arr"].sum()
    given = with_plan(selection.cells(discounts), products)
    given = given.groupby("plan", observed=True)[["subscriptions", "arr", "list_arr"]].sum().reset_index()
    found = {str(plan): tuple(map(int, rest)) for plan, *rest in given.to_numpy().tolist()}
    present = {*held["product_id"], *selection.cells(discounts)["product_id"]}
    table = []
    for plan in order(products, present):
        arr = int(sums.get(plan, 0))
        subscriptions, counted, listed = found.get(plan, (0, 0, 0))
        whole, off = arr - counted + listed, listed - counted
        parts = (depth(whole, off).number, depth(whole, listed).number)
        table.append((plan, subscriptions, whole, off, arr, *parts))
    return pd.DataFrame(table, columns=COLUMNS).astype({"depth": "Float64", "share": "Float64"})


def by_coupon(discounts: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The coupons that take off most first: coupons, subscriptions, off."""
    rows = selection.cells(discounts)
    rows = rows.assign(off=rows["list_arr"] - rows["arr"])
    sums = rows.groupby("coupons")[["subscriptions", "off"]].sum().reset_index()
    return sums.sort_values(["off", "coupons"], ascending=[False, True], ignore_index=True)

"""Add-ons: which share of the customers of a plan holds each of them."""

from collections import defaultdict

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.plans import names, order
from dashboard.metrics.rates.rate import Exact, Rate, rate
from dashboard.metrics.selection import Selection, cells_of

COLUMNS = ["month", "addon", "customers", "subscribers", "rate"]


@metric(
    "Attach rate",
    "share",
    "Subscribers who hold the add-on at the end of the month, divided by the subscribers who hold a plan.",
)
def attach_rate(subscribers: Exact, holders: Exact) -> Rate:
    """Share of the subscribers of a plan that hold an add-on."""
    return rate(holders, subscribers, empty="nobody holds a plan")


def attached(holdings: pd.DataFrame, products: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """COLUMNS for every month of the selection and add-on that anybody holds in any of them.

    subscribers are those who hold a plan of the selection (where it has none: any plan); customers are those
    of them who hold the add-on, at whatever interval.
    """
    plans, addons = ({*products.loc[products["kind"] == kind, "product_id"]} for kind in ("plan", "addon"))
    chosen = selection.products if selection.products and selection.products & plans else None
    within = Selection(selection.currency, selection.months, chosen, selection.intervals)
    base: dict[str, int] = defaultdict(int)
    held: dict[tuple[str, str], int] = defaultdict(int)
    named = names(products)
    rows = holdings.loc[
        (holdings["currency"] == selection.currency) & holdings["month"].isin(selection.months)
    ]
    for month, portfolio, number in rows[["month", "portfolio", "subscribers"]].itertuples(index=False):
        cells = list(cells_of(portfolio))
        if not any(product in plans and within.has(product, interval) for product, interval in cells):
            continue
        base[month] += int(number)
        for addon in {named[product] for product, _ in cells if product in addons}:
            held[month, addon] += int(number)
    present = {str(addon) for _, addon in held}
    ranked = [plan for plan in order(products, addons) if plan in present]
    table = [
        (month, addon, held[month, addon], base[month], attach_rate(base[month], held[month, addon]).number)
        for addon in ranked
        for month in selection.months
    ]
    return pd.DataFrame(table, columns=COLUMNS).astype({"rate": "Float64"})

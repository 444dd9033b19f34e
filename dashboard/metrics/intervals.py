"""Billing intervals and currencies as parts of the whole, month by month."""

import pandas as pd

from dashboard.metrics.selection import Selection, distinct_by, ratio
from data.fx.rates import RateTable

LENGTHS = {"day": 1, "week": 7, "month": 30, "year": 365}


def length(interval: str) -> int:
    """About how many days a billing interval lasts."""
    digits = "".join(filter(str.isdigit, interval))
    return int(digits or 1) * LENGTHS.get(interval.removeprefix(digits), 0)


def by_interval(month_end: pd.DataFrame, holdings: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Every month by interval, the shortest first: month, interval, customers, arr, share."""
    rows = selection.cells(month_end)
    rows = rows.loc[rows["month"].isin(selection.months) & (rows["arr"] != 0)]
    arr = rows.groupby(["month", "interval"], observed=True)["arr"].sum().to_dict()
    held = distinct_by(holdings, "subscribers", selection, lambda _, interval: interval)
    codes = sorted({str(code) for code in rows["interval"]}, key=lambda code: (length(code), code))
    cells = [(month, code) for code in codes for month in selection.months]
    return _shared(
        pd.DataFrame(
            [(*cell, held.get(cell, 0), int(arr.get(cell, 0))) for cell in cells],
            columns=["month", "interval", "customers", "arr"],
        )
    )


def by_currency(
    month_end: pd.DataFrame, holdings: pd.DataFrame, selection: Selection, rates: RateTable
) -> pd.DataFrame:
    """Every month by currency, the largest first: month, code, customers, arr, own, share.

    own is ARR in the currency itself; arr and share are in that of the rates, missing where there is none.
    Plans and intervals are the selection's, its currency is not.
    """
    table = []
    for code in sorted({str(name) for name in month_end["currency"]}):
        of = Selection(code, selection.months, selection.products, selection.intervals)
        sums = of.cells(month_end).groupby("month", observed=True)["arr"].sum()
        held = distinct_by(holdings, "subscribers", of, lambda *_: None)
        for month in selection.months:
            own, closing = int(sums.get(month, 0)), rates.closing(code, month)
            arr = None if closing is None else rates.converted(own, code, closing)
            table.append((month, code, held.get((month, None), 0), arr, own))
    frame = pd.DataFrame(table, columns=["month", "code", "customers", "arr", "own"])
    frame = frame.astype({"arr": "Int64", "own": "int64"})
    sizes = frame.groupby("code")["customers"].sum().sort_values(ascending=False, kind="stable")
    ranks = {code: place for place, code in enumerate(sizes.index)}
    frame = frame.loc[frame["code"].isin(sizes[sizes > 0].index)]
    return _shared(frame.assign(place=frame["code"].map(ranks)).sort_values(["place", "month"])).drop(
        columns="place"
    )


def _shared(frame: pd.DataFrame) -> pd.DataFrame:
    """With each row's share of its month's ARR; missing where any of the month is."""
    totals = frame.groupby("month")["arr"].apply(
        lambda part: None if part.isna().any() else float(part.sum())
    )
    shares = [
        None if pd.isna(arr) or pd.isna(totals.get(month)) else ratio(float(arr), totals.get(month))
        for month, arr in zip(frame["month"], frame["arr"], strict=True)
    ]
    return frame.assign(share=pd.Series(shares, index=frame.index, dtype="Float64")).reset_index(drop=True)

"""What falls due: subscriptions at the end of their period or term, and why a renewal may fail."""

from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import Selection, ratio
from dashboard.metrics.text import parts

Term = Literal["Monthly", "Yearly", "Other terms"]
TERMS: tuple[Term, ...] = ("Yearly", "Monthly", "Other terms")
WINDOWS = (30, 60, 90)


def term(interval: str) -> Term:
    """Monthly, yearly (a year or longer), or another term (week, quarter, half-year)."""
    if interval == "1month":
        return "Monthly"
    return "Yearly" if interval.endswith("year") else "Other terms"


def due(renewals: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """The renewals of the selection, the soonest first, with term, month and at_risk."""
    rows = renewals.loc[renewals["currency"] == selection.currency]
    if selection.intervals is not None:
        rows = rows.loc[rows["interval"].isin(selection.intervals)]
    if (chosen := selection.products) is not None:
        rows = rows.loc[[bool(chosen & set(parts(ids, ",;|"))) for ids in rows["product_ids"]]]
    rows = rows.assign(
        term=rows["interval"].map(term).astype("object"),
        month=[f"{at:%Y-%m}" for at in rows["due_at"]],
        at_risk=rows["risks"].fillna("").str.len().gt(0).astype(bool),
    )
    return rows.sort_values(["due_at", "arr"], ascending=[True, False], ignore_index=True)


def within(rows: pd.DataFrame, now: datetime, days: int) -> pd.DataFrame:
    """Those of `due` that fall due in the next so many days."""
    return rows.loc[rows["due_at"] <= now + timedelta(days=days)]


@metric(
    "ARR due",
    "amount a year",
    "The yearly value of the subscriptions whose committed period or contract ends within the window, each "
    "counted once, at its next due date.",
)
def arr_due(rows: pd.DataFrame) -> int:
    """ARR of rows of `due`, in minor units."""
    return int(rows["arr"].sum())


@metric(
    "ARR at risk",
    "amount a year",
    "ARR due of subscriptions for which the data already shows a reason that the renewal may fail.",
)
def arr_at_risk(rows: pd.DataFrame) -> int:
    """ARR of the rows with a reason for risk, in minor units."""
    return int(rows.loc[rows["at_risk"], "arr"].sum())


@metric("Share at risk", "share", "ARR at risk divided by ARR due, in the same window.")
def risk_share(at_risk: int, due: int) -> float | None:
    """Share of the ARR due that is at risk; None when nothing is due."""
    return ratio(float(at_risk), float(due))


def by_window(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Terms apart, windows added up from today: term, days, subscriptions, arr, at_risk (of that ARR)."""
    table = []
    for name in TERMS:
        for days in WINDOWS:
            some = within(rows.loc[rows["term"] == name], now, days)
            table.append((name, days, len(some), arr_due(some), arr_at_risk(some)))
    return pd.DataFrame(table, columns=["term", "days", "subscriptions", "arr", "at_risk"])


def by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """By month and term: month, term, at_risk, subscriptions, arr."""
    grouped = rows.groupby(["month", "term", "at_risk"], observed=True)
    return grouped.agg(subscriptions=("subscription_id", "nunique"), arr=("arr", "sum")).reset_index()


def by_risk(rows: pd.DataFrame) -> pd.DataFrame:
    """By reason: risk, subscriptions, arr. A renewal with two reasons is in both."""
    risks = pd.Series([told(joined) for joined in rows["risks"]], index=rows.index, dtype="object")
    reasons = rows.assign(risk=risks).explode("risk")
    reasons = reasons.loc[reasons["risk"].notna()]
    frame = reasons.groupby("risk").agg(subscriptions=("subscription_id", "nunique"), arr=("arr", "sum"))
    return frame.reset_index().sort_values(["arr", "risk"], ascending=[False, True], ignore_index=True)


def told(risks: object) -> list[str]:
    """The reasons for risk, each as a sentence begins."""
    return [reason[0].upper() + reason[1:] for reason in parts(risks)]

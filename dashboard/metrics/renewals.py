"""What falls due: subscriptions at the end of their period or term, and why a renewal may fail."""

from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import Selection, ratio
from dashboard.metrics.text import known, parts
from data.contracts import SHORT

Term = Literal["Monthly", "Yearly", "Other terms"]
TERMS: tuple[Term, ...] = ("Yearly", "Monthly", "Other terms")
WINDOWS = (30, 60, 90)
CATEGORIES = {
    "commit": "Commit",
    "likely": "Likely",
    "open": "Open",
    "doubtful": "Doubtful",
    "lost": "Lost",
}
"""What people expect of a renewal, the surest first."""
NOTED = ("owner", "category", "next_step", "note")


def term(interval: str) -> Term:
    """Monthly, yearly (a year or longer), or another term (week, quarter, half-year)."""
    if interval == "1month":
        return "Monthly"
    return "Yearly" if interval.endswith("year") else "Other terms"


def terms_of(intervals: "pd.Series[str]") -> dict[str, Term]:
    """The term of each interval among them."""
    return {str(interval): term(str(interval)) for interval in intervals.dropna().unique()}


def month_of(instants: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """The month of each instant, "YYYY-MM", as the words of a column of objects."""
    months = instants.dt.tz_localize(None).to_numpy("datetime64[M]")
    codes, distinct = pd.factorize(months)
    texts = np.array([str(month) for month in distinct], dtype=object)
    return pd.Series(texts[codes], index=instants.index)


def due(renewals: pd.DataFrame, selection: Selection, notes: pd.DataFrame | None = None) -> pd.DataFrame:
    """The renewals of the selection, the soonest first, with term, month, notice_month, at_risk, risk_count.

    A row is one, or as many as `renewals` says (frames.renewals_by_day).

    With notes (frames.renewal_notes) also owner, category, next_step and note: those of this renewal; the
    owner is else the one of the subscription's last renewal, else the account manager.
    """
    rows = within_selection(renewals, selection)
    rows = rows.assign(
        renewals=rows["renewals"] if "renewals" in rows.columns else 1,
        term=rows["interval"].map(terms_of(rows["interval"])).astype("object"),
        month=month_of(rows["due_at"]),
        notice_month=_column(rows, "notice_at").dt.strftime("%Y-%m").astype("string"),
        at_risk=rows["risks"].fillna("").str.len().gt(0).astype(bool),
        risk_count=rows["risks"]
        .map({risks: len(parts(risks)) for risks in rows["risks"].unique()})
        .astype("int64"),
    )
    if notes is not None:
        rows = noted(rows, notes)
    return rows.sort_values(["due_at", "arr"], ascending=[True, False], ignore_index=True)


def _column(rows: pd.DataFrame, name: str) -> "pd.Series[Any]":
    return (
        rows[name]
        if name in rows.columns
        else pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    )


def within_selection(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Rows with currency, interval and product_ids ("a|b") that are in the selection, each whole."""
    rows = rows.loc[rows["currency"] == selection.currency]
    if selection.intervals is not None:
        rows = rows.loc[rows["interval"].isin(selection.intervals)]
    if (chosen := selection.products) is not None:
        found = {ids: bool(chosen & set(parts(ids, ",;|"))) for ids in rows["product_ids"].unique()}
        rows = rows.loc[[found[ids] for ids in rows["product_ids"]]]
    return rows


def noted(rows: pd.DataFrame, notes: pd.DataFrame) -> pd.DataFrame:
    """Renewals with what people wrote beside them; see `due`."""
    newest: dict[tuple[str, str], Any] = {}
    owners: dict[str, str] = {}
    for note in notes.itertuples(index=False):  # the newest first
        newest.setdefault((str(note.subscription_id), f"{note.due_on:%Y-%m-%d}"), note)
        if owner := known(note.owner):
            owners.setdefault(str(note.subscription_id), owner)
    days = rows["due_at"].dt.strftime("%Y-%m-%d") if newest else pd.Series("", index=rows.index)
    found = [newest.get(key) for key in zip(rows["subscription_id"], days, strict=True)]
    columns = {
        name: pd.Series(
            [note and (known(getattr(note, name, None)) or None) for note in found],
            index=rows.index,
            dtype="string",
        )
        for name in NOTED
    }
    last = rows["subscription_id"].map(owners).astype("string")
    managers = rows["account_manager"].astype("string").str.strip()
    columns["owner"] = columns["owner"].fillna(last).fillna(managers).replace("", pd.NA)
    return rows.assign(**columns)


def history(notes: pd.DataFrame, subscription_id: str) -> pd.DataFrame:
    """What was written beside the renewals of one subscription, the newest first."""
    return notes.loc[notes["subscription_id"] == subscription_id].reset_index(drop=True)


def end_of(now: datetime, days: int) -> datetime:
    """The end of the UTC day that is so many days from now."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)


def within(rows: pd.DataFrame, now: datetime, days: int) -> pd.DataFrame:
    """Those of `due` that fall due in the next so many days, the last one whole."""
    return rows.loc[rows["due_at"] < end_of(now, days)]


def number(rows: pd.DataFrame) -> int:
    """How many renewals rows of `due` are."""
    return int(rows["renewals"].sum())


@metric(
    "ARR due",
    "amount a year",
    "The yearly value of the subscriptions whose committed period or contract ends within the window, each "
    "counted once, at its next due date.",
)
def arr_due(rows: pd.DataFrame) -> int:
    """ARR of rows of `due`, in minor units."""
    return int(rows["arr"].sum())


def comes_again(interval: str, governs: str) -> bool:
    """Whether a renewal is a period of a month or less that no contract governs: it comes again and again."""
    return interval in SHORT and governs == "period"


@metric(
    "Renewals due",
    "amount a year",
    "ARR due of contracts and of periods longer than a month within the window. What is billed by the month, "
    "or more often, without a contract comes again each time and is left out.",
)
def long_due(rows: pd.DataFrame) -> int:
    """ARR of those of `due` that do not come again each month, in minor units."""
    again = [comes_again(*pair) for pair in zip(rows["interval"], rows["governs"], strict=True)]
    return arr_due(rows.loc[[not each for each in again]])


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
            table.append((name, days, number(some), arr_due(some), arr_at_risk(some)))
    return pd.DataFrame(table, columns=["term", "days", "subscriptions", "arr", "at_risk"])


def by_month(rows: pd.DataFrame, by: str = "month") -> pd.DataFrame:
    """By month (or notice_month) and term: month, term, at_risk, subscriptions, arr."""
    grouped = rows.loc[rows[by].notna()].groupby([by, "term", "at_risk"], observed=True)
    table = grouped.agg(subscriptions=("renewals", "sum"), arr=("arr", "sum")).reset_index()
    return table.rename(columns={by: "month"})


def by_risk(rows: pd.DataFrame) -> pd.DataFrame:
    """By reason: risk, subscriptions, arr. A renewal with two reasons is in both."""
    risks = pd.Series([told(joined) for joined in rows["risks"]], index=rows.index, dtype="object")
    reasons = rows.assign(risk=risks).explode("risk")
    reasons = reasons.loc[reasons["risk"].notna()]
    frame = reasons.groupby("risk").agg(subscriptions=("renewals", "sum"), arr=("arr", "sum"))
    return frame.reset_index().sort_values(["arr", "risk"], ascending=[False, True], ignore_index=True)


def by_category(noted: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """What people expect: category (its name, or "Not said"), subscriptions, arr; the surest first.

    noted are those of `due` beside which somebody wrote something, whole are all.
    """
    said = noted.loc[noted["category"].notna()]
    grouped = (
        said.assign(category=said["category"].map(CATEGORIES))
        .groupby("category")
        .agg(subscriptions=("renewals", "sum"), arr=("arr", "sum"))
    )
    order = [name for name in CATEGORIES.values() if name in grouped.index]
    table = grouped.reindex(order).reset_index()
    if rest := number(whole) - number(said):
        others = {"category": "Not said", "subscriptions": rest, "arr": arr_due(whole) - arr_due(said)}
        table = pd.concat([table, pd.DataFrame([others])], ignore_index=True)
    return table.astype({"category": "string", "subscriptions": "Int64", "arr": "Int64"})


def told(risks: object) -> list[str]:
    """The reasons for risk, each as a sentence begins."""
    return [reason[0].upper() + reason[1:] for reason in parts(risks)]


def with_evidence(risks: object, evidence: object) -> list[str]:
    """Each reason with what it rests on: "Past due: invoice A-7, 12.50 USD open"."""
    pairs = zip(told(risks), parts(evidence), strict=False)
    return [f"{reason}: {proof}" for reason, proof in pairs]

"""The pipeline of quotes: how many are open and worth what, how many are won, how long each state takes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Rate, rate
from data import clock, money

DRAFT, SENT, ACCEPTED = "draft", "sent", "accepted"
OPEN = (DRAFT, "waiting", "approved", SENT)
DECIDED = (ACCEPTED, "declined", "expired")
"""What a customer's answer, or none, leads to; what we took back or replaced was not decided."""
SOON = timedelta(days=14)
SIZES = (10_000, 50_000, 200_000)
"""Where sizes of quotes begin, in the main unit of their currency."""
DAY = timedelta(days=1)


@metric("Open quotes", "resources", "Quotes that are drafts, wait for approval, are approved, or were sent.")
def open_quotes(rows: pd.DataFrame) -> int:
    """Rows in a state that something may follow."""
    return int(rows["state"].isin(OPEN).sum())


@metric(
    "Value of open quotes",
    "amount",
    "The sum of the contract values of open quotes: everything billed in their terms, before taxes. Drafts "
    "that cannot be priced yet are left out.",
)
def open_value(rows: pd.DataFrame) -> int:
    """Minor units; rows of one currency."""
    return int(rows.loc[rows["state"].isin(OPEN), "total"].sum())


@metric(
    "Win rate",
    "share",
    "Quotes accepted ÷ quotes accepted, declined by the customer or expired, in the months chosen. Quotes "
    "that we withdrew or replaced by another version are in neither.",
)
def win_rate(rows: pd.DataFrame, months: Sequence[str]) -> Rate:
    """Of the rows that were decided in these months; the reason where none was."""
    some = decided(rows, months)
    return rate(
        int((some["state"] == ACCEPTED).sum()), len(some), empty="no quote was decided in these months"
    )


@metric(
    "Win rate by value",
    "share",
    "Contract value of quotes accepted ÷ contract value of quotes accepted, declined or expired, in the "
    "months chosen.",
)
def win_rate_by_value(rows: pd.DataFrame, months: Sequence[str]) -> Rate:
    """The same by contract value; rows of one currency."""
    some = decided(rows, months)
    won = int(some.loc[some["state"] == ACCEPTED, "total"].sum())
    return rate(won, int(some["total"].sum()), empty="no quote of a known value was decided in these months")


@metric("Quotes that expire soon", "resources", "Quotes that were sent and expire today or within 14 days.")
def expiring(rows: pd.DataFrame, today: date) -> int:
    """Rows that are sent and end soon."""
    return int(_expiring(rows, today).sum())


def _expiring(rows: pd.DataFrame, today: date) -> "pd.Series[bool]":
    first, last = pd.Timestamp(today), pd.Timestamp(today + SOON)
    ends = rows["expires_on"]
    return (rows["state"] == SENT) & ends.ge(first) & ends.le(last)


@metric("Quotes that wait for me", "resources", "Quotes of others that wait for the approval of your role.")
def waiting_for_me(names: Sequence[str]) -> int:
    """How many there are."""
    return len(names)


@metric(
    "Discount of quotes",
    "share",
    "1 − what recurs in the terms of quotes ÷ the same at list price, of quotes sent in the months chosen.",
)
def discount(rows: pd.DataFrame) -> Rate:
    """Of rows of one currency."""
    at_list, net = int(rows["recurring_list"].sum()), int(rows["recurring_net"].sum())
    return rate(at_list - net, at_list, empty="no quote with a list price was sent in these months")


def told(rows: pd.DataFrame, moves: pd.DataFrame, now: datetime, names: Mapping[str, str]) -> pd.DataFrame:
    """Quotes with stands (the state by its name), age (days in it), off, sent_at (first) and decided_at."""
    sent = dict(moves.loc[moves["to_state"] == SENT].groupby("quote_id")["at"].min())
    is_decided = rows["state"].isin(DECIDED)
    off = [
        None if pd.isna(at_list) or pd.isna(net) or not at_list else float((at_list - net) / at_list)
        for at_list, net in zip(rows["recurring_list"], rows["recurring_net"], strict=True)
    ]
    return rows.assign(
        stands=rows["state"].map(dict(names)),
        age=[(now - since) // DAY for since in rows["since"]],
        off=pd.Series(off, index=rows.index, dtype="Float64"),
        sent_at=pd.Series(
            [sent.get(name) for name in rows["quote_id"]], index=rows.index, dtype=rows["since"].dtype
        ),
        decided_at=rows["since"].where(is_decided),
        soon=_expiring(rows, now.date()),
    )


def before(months: Sequence[str]) -> tuple[str, ...]:
    """As many months, just before these."""
    return tuple(clock.months_before(month, len(months)) for month in months)


def decided(rows: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """The rows of `told` that were accepted, declined or expired in some months."""
    return rows.loc[_within(rows["decided_at"], months)]


def owners(rows: pd.DataFrame) -> list[str]:
    """Who began them, by name."""
    return sorted(rows["owner"].dropna().unique())


def unpriced(rows: pd.DataFrame) -> int:
    """How many of the open quotes have no known value."""
    return int((rows["state"].isin(OPEN) & rows["total"].isna()).sum())


def part(
    rows: pd.DataFrame, which: str, months: Sequence[str], mine: Sequence[str], state: str | None
) -> pd.DataFrame:
    """The rows of `told` that are open, soon (to expire), mine (of these ids), decided in the months, or all;
    of one state where it is given.
    """
    parts: dict[str, pd.Series[bool]] = {
        "open": rows["state"].isin(OPEN),
        "soon": rows["soon"],
        "mine": rows["quote_id"].isin(mine),
        "decided": _within(rows["decided_at"], months),
        "all": rows["quote_id"].notna(),
    }
    found = rows.loc[parts[which]]
    return (found.loc[found["state"] == state] if state else found).reset_index(drop=True)


def sent_in(rows: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """The rows of `told` that were first sent in some months."""
    return rows.loc[_within(rows["sent_at"], months)]


def _within(instants: "pd.Series[pd.Timestamp]", months: Sequence[str]) -> "pd.Series[bool]":
    chosen = set(months)
    return pd.Series(
        [not pd.isna(at) and clock.month_of(at) in chosen for at in instants],
        index=instants.index,
        dtype=bool,
    )


def by_state(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Open quotes by state, in their order: state, stands, quotes, total, arr, oldest (days)."""
    some = rows.loc[rows["state"].isin(OPEN)]
    table = some.groupby("state").agg(
        quotes=("quote_id", "size"), total=("total", "sum"), arr=("arr", "sum"), oldest=("age", "max")
    )
    table = table.reindex([state for state in OPEN if state in table.index]).reset_index()
    return table.assign(stands=table["state"].map(dict(names)))


def stays(rows: pd.DataFrame, moves: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Each stay of a quote in a state: quote_id, state, from_at, to_at (missing: still there), days."""
    found: list[tuple[str, str, Any, Any]] = []
    here: dict[str, tuple[str, Any]] = {
        str(name): (DRAFT, at) for name, at in zip(rows["quote_id"], rows["created_at"], strict=True)
    }
    columns = (moves[name] for name in ("quote_id", "from_state", "to_state", "at"))
    for name, before, after, at in zip(*columns, strict=True):
        if name in here:
            found.append((name, before, here[name][1], at))
            here[name] = (after, at)
    found += [(name, state, since, pd.NaT) for name, (state, since) in here.items() if state in OPEN]
    table = pd.DataFrame(found, columns=["quote_id", "state", "from_at", "to_at"])
    ends = [now if pd.isna(end) else end for end in table["to_at"]]
    spent = [(end - start) / DAY for start, end in zip(table["from_at"], ends, strict=True)]
    return table.assign(days=pd.Series(spent, dtype="Float64"))


@metric(
    "Time in a state",
    "days",
    "The median of the days that quotes stayed in a state, of the stays that ended in the months chosen.",
)
def typical_days(table: pd.DataFrame, months: Sequence[str], state: str) -> float | None:
    """Of the rows of `stays`; None where no stay ended."""
    days = table.loc[_within(table["to_at"], months) & (table["state"] == state), "days"]
    return float(days.median()) if len(days) else None


def time_in_state(table: pd.DataFrame, months: Sequence[str], names: Mapping[str, str]) -> pd.DataFrame:
    """By state: state, stands, median, longest (days), stays (that ended), here (quotes still there)."""
    over = table.loc[_within(table["to_at"], months)]
    here = table.loc[table["to_at"].isna()]
    found = [
        (
            state,
            names[state],
            typical_days(table, months, state),
            over.loc[over["state"] == state, "days"].max() if (over["state"] == state).any() else None,
            int((over["state"] == state).sum()),
            int((here["state"] == state).sum()),
        )
        for state in OPEN
    ]
    frame = pd.DataFrame(found, columns=["state", "stands", "median", "longest", "stays", "here"])
    return frame.astype({"median": "Float64", "longest": "Float64", "stays": "Int64", "here": "Int64"})


def time_of(
    table: pd.DataFrame, rows: pd.DataFrame, months: Sequence[str], names: Mapping[str, str]
) -> pd.DataFrame:
    """The same of the stays of some quotes."""
    return time_in_state(table.loc[table["quote_id"].isin(rows["quote_id"])], months, names)


def discounts(rows: pd.DataFrame, currency: str, by: str) -> pd.DataFrame:
    """Quotes by "owner" or "size", each with its discount: group, quotes, total, at_list, off (share)."""
    groups = rows["owner"] if by == "owner" else pd.Series(sizes(rows["total"], currency), index=rows.index)
    table = []
    for group, some in rows.assign(group=groups).groupby("group", sort=by == "owner"):
        found = discount(some).number
        table.append(
            (str(group), len(some), int(some["total"].sum()), int(some["recurring_list"].sum()), found)
        )
    frame = pd.DataFrame(table, columns=["group", "quotes", "total", "at_list", "off"])
    frame = frame.astype({"total": "Int64", "at_list": "Int64", "off": "Float64"})
    return frame if by == "owner" else _in_order(frame, currency)


def sizes(totals: "pd.Series[int]", currency: str) -> list[str]:
    """The size of each quote by its contract value, in words."""
    names = size_names(currency)
    scale = 10 ** money.decimals(currency)
    return [
        "Not priced" if pd.isna(total) else names[sum(int(total) >= start * scale for start in SIZES)]
        for total in totals
    ]


def size_names(currency: str) -> list[str]:
    """The sizes in words, the smallest first."""
    code, starts = currency.upper(), [f"{start // 1000}k" for start in SIZES]
    between = [f"{low} to {high} {code}" for low, high in pairwise(starts)]
    return [f"Below {starts[0]} {code}", *between, f"{starts[-1]} {code} and more"]


def _in_order(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    places = {name: place for place, name in enumerate([*size_names(currency), "Not priced"])}
    return frame.sort_values("group", key=lambda names: names.map(places), ignore_index=True)

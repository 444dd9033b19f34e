"""How far the figures can be trusted: what they rest on, and what nothing dates."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from dashboard.formatting import is_missing, word
from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import ratio
from data import clock

EVENTS, INVOICES, SCHEDULES = "Events", "Invoices", "Schedules"
ASSUMED, TOO_MUCH, OTHER = "As it is now", "A discount not shown", "Other"
GROUPS = {
    "event": EVENTS,
    "invoice": INVOICES,
    "proration": INVOICES,
    "schedule": SCHEDULES,
    "present": ASSUMED,
    "item added": ASSUMED,
    "not renewed": ASSUMED,
    "ended": ASSUMED,
    "discount not known": TOO_MUCH,
}
ORDER = (EVENTS, INVOICES, SCHEDULES, ASSUMED, TOO_MUCH, OTHER)
RECORDED = (EVENTS, INVOICES, SCHEDULES)
REASONS = {
    "first seen then": "Seen changed, nothing says when",
    "an invoice says otherwise than the events": "An invoice and the events disagree",
    "a discount was taken off": "A discount was taken off, nothing says when",
    "a discount is not shown": "Invoices name a discount, Stripe does not show it",
    "a pause began": "Paused within a period that was billed, nothing says when",
    "unpaid or past due": "Written off and paid after all, unpaid or past due in between",
}


def rests_on(changes: pd.DataFrame, currency: str, months: Sequence[str]) -> pd.DataFrame:
    """Run rate at each month's end by what it rests on: month, group, arr.

    changes is the frame evidence_changes, from the first month on; a group that never had any is left out.
    """
    rows = changes.loc[changes["currency"] == currency]
    groups = [GROUPS.get(str(each), OTHER) for each in rows["evidence"]]
    table = rows.assign(group=groups).pivot_table(
        index="month", columns="group", values="delta_arr", aggfunc="sum", fill_value=0
    )
    every = clock.months_between(min([*rows["month"], *months]), max(months)) if months else []
    held = table.reindex(every).fillna(0).cumsum().loc[list(months)].astype("int64")
    kept = [group for group in ORDER if group in held and held[group].any()]
    cells = [
        (month, group, held[group].tolist()[place]) for group in kept for place, month in enumerate(months)
    ]
    return pd.DataFrame(cells, columns=["month", "group", "arr"])


def billed_in(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The rows of a currency."""
    return rows.loc[rows["currency"] == currency]


def of_currency(unknown: pd.DataFrame, currency: str) -> pd.DataFrame:
    """What the history leaves open in a currency, the largest first, with what (the reason in words)."""
    rows = unknown.loc[unknown["currency"] == currency].reset_index(drop=True)
    told = [REASONS.get(str(reason), word(str(reason))) for reason in rows["reason"]]
    return rows.assign(what=pd.Series(told, index=rows.index, dtype="object"))


def undated(rows: pd.DataFrame, months: Sequence[str], now: datetime) -> pd.DataFrame:
    """How far the run rate of each month's end may be off: month, arr, changes.

    The sum of what changed, up or down, between two instants of which the month's end is one between.
    """
    ends = [min(clock.month_start(clock.next_month(month)), now) for month in months]
    inside = [rows.loc[[_open(*pair, end) for pair in _windows(rows)], "delta_arr"] for end in ends]
    return pd.DataFrame(
        {
            "month": list(months),
            "arr": [int(found.abs().sum()) for found in inside],
            "changes": [len(found) for found in inside],
        }
    )


def _windows(rows: pd.DataFrame) -> "zip[tuple[datetime, datetime | None]]":
    return zip(rows["earliest_at"], rows["latest_at"], strict=True)


def _open(earliest: datetime, latest: datetime | None, at: datetime) -> bool:
    return earliest < at and (is_missing(latest) or latest is None or latest >= at)


@metric(
    "Customers with unknown history",
    "customers",
    "Customers with a change of recurring revenue that happened between two dates, while no event, no "
    "invoice and no schedule says when.",
)
def customers_unknown(rows: pd.DataFrame) -> int:
    """Distinct customers among rows of unknown history."""
    return int(rows["customer"].nunique())


@metric(
    "MRR with unknown history",
    "amount a month",
    "The sum of those changes, up or down: what happened is known, and when is not.",
)
def arr_unknown(rows: pd.DataFrame) -> int:
    """Sum of the changes of rows of unknown history, signs dropped; ARR in minor units."""
    return int(rows["delta_arr"].abs().sum())


@metric(
    "Complete histories",
    "share",
    "Customers without such a change, of all who ever had recurring revenue in the currency.",
)
def complete(customers: int, unknown: int) -> float | None:
    """Share of customers whose history is complete; None when there are no customers."""
    return ratio(float(max(customers - unknown, 0)), float(customers))


def by_currency(unknown: pd.DataFrame, ever: pd.DataFrame) -> pd.DataFrame:
    """Each currency, most customers first: currency, customers, unknown (of them), changes, arr, complete."""
    table = []
    for currency, customers in zip(ever["currency"], ever["customers"], strict=True):
        rows = unknown.loc[unknown["currency"] == currency]
        open_ = customers_unknown(rows)
        share = complete(int(customers), open_)
        table.append((str(currency), int(customers), open_, len(rows), arr_unknown(rows), share))
    columns = ["currency", "customers", "unknown", "changes", "arr", "complete"]
    frame = pd.DataFrame(table, columns=columns)
    return frame.sort_values(["customers", "currency"], ascending=[False, True], ignore_index=True)

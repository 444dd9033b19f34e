"""Timeline segments as movements: what changed for each customer on each UTC day, and what kind of change.

A customer's kind of day is judged over all currencies together: who adds a subscription in another currency
expands, and only who ends with nothing in any currency has churned.
"""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import pandas as pd

from data.clock import to_epoch
from data.money import allocate
from data.timeline import Segment

KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer")
DAY = ["customer_id", "day", "currency"]
CELL = [*DAY, "plan", "interval"]
COLUMNS = [*CELL, "kind", "delta_arr", "evidence"]
SECONDS_A_DAY = 86_400
NO_CURRENCY = "xxx"
"""ISO 4217's code where no currency is known; an empty one stands for all of them in the rollups."""


def movements(segments: Iterable[Segment], now: datetime) -> pd.DataFrame:
    """The movements up to now, in order; the columns are COLUMNS.

    day counts UTC days since 1970; what begins after now is left out.
    """
    changes = _changes(segments, now)
    cells = _sum(changes, CELL, "delta_arr")
    cells = cells[cells["delta_arr"] != 0].merge(_evidence(changes), on=CELL)
    cells = cells.merge(_days(cells), on=DAY)
    cells["transfer"] = _transfers(cells)
    moved = cells[cells["transfer"] != 0].assign(kind="transfer")
    moved["delta_arr"] = moved["transfer"]
    rest = cells.assign(delta_arr=cells["delta_arr"] - cells["transfer"])
    rows = pd.concat([rest[rest["delta_arr"] != 0], moved], ignore_index=True)
    return rows.sort_values([*CELL, "kind"], ignore_index=True)[COLUMNS]


def _sum(frame: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """The sums of a column, in order of the columns it is grouped by."""
    return frame.groupby(by)[column].sum().reset_index()


def _changes(segments: Iterable[Segment], now: datetime) -> pd.DataFrame:
    """Each beginning and end of a counted segment: the cell, the change of its ARR, its evidence."""
    found: list[tuple[object, ...]] = []
    for each in segments:
        if not (each.counted and each.arr and each.from_at <= now):
            continue
        cell = (each.currency or NO_CURRENCY, each.product_id or "", each.interval or "", each.evidence)
        found.append((each.customer_id, to_epoch(each.from_at) // SECONDS_A_DAY, *cell, each.arr))
        if each.to_at and each.to_at <= now:
            found.append((each.customer_id, to_epoch(each.to_at) // SECONDS_A_DAY, *cell, -each.arr))
    frame = pd.DataFrame(found, columns=[*CELL, "evidence", "delta_arr"])
    texts = dict.fromkeys(("customer_id", "currency", "plan", "interval", "evidence"), "str")
    return frame.astype({"day": "int64", "delta_arr": "int64", **texts})


def _evidence(changes: pd.DataFrame) -> pd.DataFrame:
    """What each cell's change rests on: each evidence once, in order, joined."""
    unique = changes[[*CELL, "evidence"]].drop_duplicates().sort_values([*CELL, "evidence"])
    several = unique.duplicated(CELL, keep=False)
    joined = unique[several].groupby(CELL)["evidence"].agg("; ".join).reset_index()
    return pd.concat([unique[~several], joined], ignore_index=True)


def _days(cells: pd.DataFrame) -> pd.DataFrame:
    """Each customer's day and currency with its kind."""
    days = _sum(cells, DAY, "delta_arr")
    after = days.groupby(["customer_id", "currency"])["delta_arr"].cumsum()
    days["held"] = (after > 0).astype("int64") - (after > days["delta_arr"]).astype("int64")
    customers = _sum(days, ["customer_id", "day"], "held")
    customers["after"] = customers.groupby("customer_id")["held"].cumsum()
    customers["before"] = customers["after"] - customers["held"]
    customers["first"] = ~customers.duplicated("customer_id")
    days = days.drop(columns="held").merge(customers, on=["customer_id", "day"])
    days["kind"] = _kinds(days)
    return days[[*DAY, "kind"]]


def _kinds(days: pd.DataFrame) -> "np.typing.NDArray[np.object_]":
    """The kind of each day from the currencies held before and after it, and its change of ARR."""
    won = (days["before"] == 0) & (days["after"] > 0)
    cases = {
        "new": won & days["first"],
        "reactivation": won & ~days["first"],
        "churn": days["after"] == 0,
        "expansion": days["delta_arr"] > 0,
        "contraction": days["delta_arr"] < 0,
    }
    return np.select(list(cases.values()), list(cases), default="transfer")


def _transfers(cells: pd.DataFrame) -> pd.Series:
    """The part of each cell's change that another cell of the same customer, day and currency cancels.

    The smaller of what was gained and what was lost, spread over each side in proportion.
    """
    transfers = pd.Series(0, index=cells.index, dtype="int64")
    gained = cells["delta_arr"] > 0
    sides = gained.groupby([cells[name] for name in DAY])
    mixed = sides.transform("min") != sides.transform("max")
    for _, day in cells[mixed].groupby(DAY):
        up, down = day["delta_arr"].clip(lower=0), -day["delta_arr"].clip(upper=0)
        moved = int(min(up.sum(), down.sum()))
        gains, losses = allocate(moved, up.tolist()), allocate(moved, down.tolist())
        transfers.loc[day.index] = np.subtract(gains, losses)
    return transfers

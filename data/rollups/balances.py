"""Balances and subscribers at month ends, and who moved between them."""

import pandas as pd

from data.rollups.grouping import CELL, counted, running
from data.rollups.portfolios import portfolios


def month_ends(frame: pd.DataFrame, until: int) -> pd.DataFrame:
    """ARR of each cell at the end of every month."""
    return running(frame, ["audience_id", "currency", *CELL], "delta_arr", until, "arr")


def movement_customers(frame: pd.DataFrame) -> pd.DataFrame:
    """Customers by month, currency, kind and the portfolio of the cells that moved."""
    by = ["holder", "audience_id", "month", "kind", "currency"]
    moved = portfolios(frame[[*by, "cell"]].drop_duplicates(), by)
    return counted(moved, ["audience_id", "month", "currency", "kind", "portfolio"], "customers")


def taken_up_and_dropped(held: pd.DataFrame, others: list[str]) -> pd.DataFrame:
    """Changes of the number of customers with a portfolio: month, others, portfolio, change."""
    sides = [
        held[["month", *others]].assign(portfolio=held[side], change=change)
        for side, change in (("held_after", 1), ("held_before", -1))
    ]
    changes = pd.concat(sides, ignore_index=True)
    return changes[changes["portfolio"] != ""]


def subscribers(held: pd.DataFrame, until: int) -> pd.DataFrame:
    """Customers with each portfolio at the end of every month."""
    changes = taken_up_and_dropped(held, ["audience_id", "currency"])
    return running(changes, ["audience_id", "currency", "portfolio"], "change", until, "subscribers")


def transitions(frame: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Customers by what they held before and after a month that changed it, or that they spent inside it."""
    unchanged = (held["held_before"] == held["held_after"]) & (held["held_after"] != "")
    firsts = frame[frame["kind"] == "new"][["customer_id", "month"]].drop_duplicates().assign(first=True)
    moved = held[~unchanged].merge(firsts, how="left", on=["customer_id", "month"])
    moved["first"] = moved["first"].notna()
    key = ["audience_id", "month", "currency", "held_before", "held_after", "first"]
    return counted(moved, key, "customers")

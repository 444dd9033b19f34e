"""The customers who left, by name, searched in names, feedback and comments; and how they add up."""

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, widgets
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.leaving.asked import Asked
from dashboard.metrics import leaving, plans
from dashboard.metrics.selection import cells_of
from dashboard.store import once

LIMIT = 500
LEFT = (
    Column("customer", "Customer"),
    Column("day", "Left on", "day"),
    Column("plan", "Plan"),
    Column("arr", "MRR lost", "monthly"),
    Column("voluntary", "Kind", "word"),
    Column("why", "Reason"),
    Column("comment", "Comment", "long"),
    Column("what", "In its month"),
    Column("first_day", "Customer since", "day"),
    Column("account_manager", "Account manager"),
    Column("stripe", "Stripe", "link"),
)
ADDING = (
    Column("what", "What", "long"),
    Column("customers", "Customers", "count"),
    Column("arr", "MRR", "monthly"),
    Column("churn", "Of it churn", "monthly"),
    Column("told", "What it is", "long"),
)


def draw(asked: Asked) -> None:
    """The list with its search, and how it leads to the sum of "Lost"."""
    search = filters.search("Search", "find", "Name, e-mail, feedback or comment")
    left(asked, "Customers who left", "churn_customers", search=search)
    adding_up(asked)


def left(asked: Asked, title: str, key: str, *, search: str, lost_only: bool = False) -> None:
    """A card of customers who left in the months asked for, the latest first."""
    hows = leaving.LOST if lost_only else tuple(leaving.HOWS)
    rows = asked.frame("departed", asked.selection.months, search=search, hows=hows, limit=LIMIT)
    if rows.empty:
        found = f"Nobody who left matches “{search}”." if search else "Nobody left."
        with widgets.card(title, "By name, with the reason and comment given."):
            st.markdown(formatting.markdown(found))
        return
    rows = widgets.people(once(_told, rows, asked.known.products), "customer_name")
    shape = [column for column in LEFT if not (lost_only and column.name == "what")]
    told = (
        f"The latest {LIMIT}."
        if len(rows) >= LIMIT
        else f"{formatting.plural(len(rows), 'row')}, the latest first."
    )
    widgets.customers(rows, shape, asked.selection.currency, key, title, told)


def _told(rows: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """The rows with why they left, the plans they had, and what it is in its month."""
    names = plans.names(products)
    return leaving.with_why(rows).assign(
        plan=[_plans(str(held), names) for held in rows["held"]],
        what=[leaving.HOWS[how] for how in rows["how"]],
    )


def _plans(held: str, names: dict[str, str]) -> str:
    """What a customer had: plans with their intervals."""
    cells = [(names.get(product, product), formatting.interval(each)) for product, each in cells_of(held)]
    return ", ".join(f"{plan} ({interval.lower()})" for plan, interval in sorted(set(cells)))


def adding_up(asked: Asked) -> None:
    """How the sum of "Lost" leads to the rows of the list, each difference with its number."""
    months = asked.selection.months
    alone = asked.frame("departed_once", months, hows=leaving.LOST, amounts=())
    named, currency = int(alone["customers"].iloc[0]), asked.selection.currency
    frame = once(leaving.adds_up, asked.departures(), named, currency)
    with widgets.card("How this adds up", "From “Lost”, the months added up, to the rows of the list."):
        grid(frame, ADDING, currency, "churn_adding_up")

"""Everything that happened to a customer, by where and what, a page at a time."""

import pandas as pd
import streamlit as st

from dashboard import access, filters, formatting
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.invoice_pager import Pager
from dashboard.metrics import customer
from dashboard.store import once

PAGE = 50
HAPPENED = (
    Column("at", "Day", "day"),
    Column("time", "UTC"),
    Column("where", "Where"),
    Column("what", "What", "word"),
    Column("detail", "Detail", "long"),
    Column("amount", "Amount", "own"),
    Column("person", "By"),
)


def happened(snapshot: Snapshot, owner_id: str) -> None:
    """The timeline, the newest first, of the sources and kinds that are chosen."""
    kinds = snapshot.frame("customer_happened", owner_id, snapshot.now)
    if kinds.empty:
        st.markdown("Nothing is known to have happened yet.")
        return
    sources, whats = chosen(kinds)
    asked = {"sources": tuple(sources), "kinds": tuple(whats)}
    pager = Pager("happened", {"owner": owner_id, **asked})
    rows = snapshot.frame(
        "customer_happenings", owner_id, snapshot.now, after=pager.after, limit=PAGE + 1, **asked
    )
    if rows.empty:
        st.markdown("Nothing of this kind happened.")
        return
    shown = once(pd.DataFrame.head, rows, PAGE)
    grid(once(told, shown, personal=access.permitted("see personal data")), HAPPENED, "", "customer_happened")
    if pager.page or len(rows) > PAGE:
        pager.buttons(str(shown["place"].iloc[-1]) if len(rows) > PAGE else None)


def chosen(kinds: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The sources and kinds to show, from the address; none is all."""
    there = set(kinds["source"])
    with st.container(horizontal=True, gap="small"):
        wheres = {name: each for name, each in customer.WHERE.items() if there & set(each)}
        picked = filters.chips("Where", "Everywhere", "where", list(wheres))
        sources = [source for where in picked for source in wheres[where]]
        left = kinds.loc[kinds["source"].isin(sources)] if sources else kinds
        whats = sorted(set(left["what"]))
        return sources, filters.chips("What", "Everything", "what", whats, formatting.word)


def told(rows: pd.DataFrame, *, personal: bool) -> pd.DataFrame:
    """Rows with the hour and the place in words; personal: for somebody who may see addresses of people."""
    if not personal:
        rows = rows.assign(detail=rows["detail"].mask(rows["source"] == "customer"))
    return rows.assign(
        time=[f"{at:%H:%M}" for at in rows["at"]],
        where=[customer.where(str(source)) for source in rows["source"]],
    )

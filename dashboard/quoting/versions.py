"""The versions of a quote: what differs between two in words and money, a clone, and edits that clashed."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.quotes import comparing
from dashboard.quotes.fields import label
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.desk import Draft, NotChangedError
from dashboard.quoting.state import Editing, change, settle
from data.catalog import Catalog

CHANGES = (Column("field", "Field"), Column("before", "Before", "long"), Column("after", "After", "long"))
MONEY = (
    Column("figure", "Figure"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("change", "Change"),
)


def clashes(editing: Editing) -> None:
    """What somebody else changed while it was typed here: theirs stands until one's own is taken."""
    sold = quote_desk.sold()
    for name, (mine, theirs) in editing.clashes.items():
        typed, now = comparing.shown(name, mine, sold), comparing.shown(name, theirs, sold)
        told = f"{label(name, sold)}: somebody else made it {now} while you typed {typed}."
        st.warning(formatting.markdown(told), icon=":material/group:")
        with st.container(horizontal=True):
            use = editing.may and st.button(f"Make it {typed}", key=f"clash_mine_{name}")
            leave = st.button(f"Leave it {now}", key=f"clash_theirs_{name}")
        if use or leave:
            settle(editing, name)
            if use:
                change(editing, {name: mine})
            st.rerun()


def versions(snapshot: Snapshot, editing: Editing) -> None:
    """Two versions compared; by default the newest with the one before somebody last began to edit."""
    every = comparing.sittings(quote_desk.versions(editing.draft.id))
    with widgets.card("Versions", "Edits of one person within a quarter of an hour are one."):
        if len(every) > 1:
            names = {each.version: _named(each) for each in every}
            one, other = st.columns(2)
            before = one.selectbox("Compare", list(names)[1:], format_func=names.__getitem__, key="before")
            after = other.selectbox("with", list(names), format_func=names.__getitem__, key="after")
            by_version = {each.version: each for each in every}
            _compared(snapshot, by_version[before], by_version[after])
        else:
            st.markdown("There is one version so far.")
        _clone(editing)


def _named(draft: Draft) -> str:
    return f"Version {draft.version}, {draft.saved_by}, {formatting.moment(draft.saved_at)}"


class Compared(NamedTuple):
    """What differs, by the names of CHANGES and of MONEY; the catalogue that priced both."""

    changes: pd.DataFrame
    money: pd.DataFrame
    sold: Catalog


def _compared(snapshot: Snapshot, before: Draft, after: Draft) -> None:
    kinds = {"prospect_email": "see personal data", "notes_inside": "see comments"}
    hidden = tuple(name for name, permission in kinds.items() if not access.permitted(permission))
    key = (before.id, before.version, after.version, hidden, quote_desk.today(), id(quote_desk.sold()))
    found: Compared = snapshot.kept("versions", key, lambda: _differences(before, after, hidden))
    if found.changes.empty:
        st.markdown("They are the same.")
        return
    grid(found.changes, CHANGES, "", "quote_changes", files=False)
    if found.money.empty:
        st.caption("One of them cannot be worked out, so there is no money to compare.")
    else:
        grid(found.money, MONEY, "", "quote_money", files=False)


def _differences(before: Draft, after: Draft, hidden: Sequence[str]) -> Compared:
    sold = quote_desk.sold()
    changes = comparing.changes(before.fields, after.fields, sold, hidden)
    was, now = (quote_desk.reading(each.fields).quote for each in (before, after))
    money = comparing.money(was, now, sold)
    return Compared(
        _frame(changes, ("field", "before", "after")),
        _frame(money, ("figure", "before", "after", "change")),
        sold,
    )


def _frame(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(names))


def _clone(editing: Editing) -> None:
    if editing.may and st.button("Clone this quote", icon=":material/content_copy:", key="clone_quote"):
        try:
            key = quote_desk.clone(editing.draft)
        except NotChangedError as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")
            return
        st.session_state[dialogs.DONE] = "This is the clone."
        navigation.open_quote(key)

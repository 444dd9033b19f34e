"""The versions of a quote, and what it comes from: two compared in words and money; clones; clashed edits."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, dialogs, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.quotes import comparing, sealing
from dashboard.quotes.fields import label
from dashboard.quotes.pricing import price
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.desk import Draft, NotChangedError
from dashboard.quoting.state import Editing, change, settle
from data.catalog import Catalog
from data.quotes.states import Figures

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
    """Two versions compared; by default the newest with what it revises, else with the one before."""
    draft = editing.draft
    every = comparing.sittings(quote_desk.versions(draft.id))
    origin = _origin(draft)
    earlier = [*every[1:], *([origin] if origin else [])]
    with widgets.card("Versions", "Edits of one person within a quarter of an hour are one."):
        if earlier:
            first = origin if origin and (draft.revises or len(every) == 1) else earlier[0]
            one, other = st.columns(2)
            before = _pick(one, "Compare", earlier, draft, earlier.index(first))
            after = _pick(other, "with", every, draft, 0)
            _compared(snapshot, before, after)
        else:
            st.markdown("There is one version so far.")
        _clone(editing)


def _origin(draft: Draft) -> Draft | None:
    """The quote that it revises, else that it was cloned from, where the person may see it."""
    name = draft.revises or draft.cloned_from
    return quote_desk.latest(name) if name else None


def _pick(place: DeltaGenerator, label: str, versions: Sequence[Draft], of: Draft, index: int) -> Draft:
    by_name = {f"{each.id} {each.version}": each for each in versions}
    names = {key: _named(each, of) for key, each in by_name.items()}
    key = place.selectbox(
        label, list(by_name), index, format_func=names.__getitem__, key=f"{label.lower()}_{of.id}"
    )
    return by_name[key]


def _named(draft: Draft, of: Draft) -> str:
    told = f"Version {draft.version}, {draft.saved_by}, {formatting.moment(draft.saved_at)}"
    if draft.id == of.id:
        return told
    return f"{draft.name}, {told[:1].lower()}{told[1:]}"


class Compared(NamedTuple):
    """What differs, by the names of CHANGES and of MONEY; the catalogue that priced them."""

    changes: pd.DataFrame
    money: pd.DataFrame
    agreed: bool  # whether one of them is as it was agreed
    sold: Catalog


def _compared(snapshot: Snapshot, before: Draft, after: Draft) -> None:
    kinds = {"prospect_email": "see personal data", "notes_inside": "see comments"}
    hidden = tuple(name for name, permission in kinds.items() if not access.permitted(permission))
    both = tuple((each.id, each.version, each.state) for each in (before, after))
    key = (both, hidden, quote_desk.today(), id(quote_desk.sold()))
    found: Compared = snapshot.kept("versions", key, lambda: _differences(before, after, hidden))
    if found.changes.empty:
        st.markdown("They are the same.")
    else:
        grid(found.changes, CHANGES, "", "quote_changes", files=False)
    if found.money.empty:
        st.caption("One of them cannot be worked out, so there is no money to compare.")
        return
    grid(found.money, MONEY, "", "quote_money", files=False)
    if found.agreed:
        st.caption("What was agreed is as it was agreed; anything else is at the price list of today.")


def _differences(before: Draft, after: Draft, hidden: Sequence[str]) -> Compared:
    sold = quote_desk.sold()
    changes = comparing.changes(before.fields, after.fields, sold, hidden)
    agreed = [_agreed(each) for each in (before, after)]
    was, now = (known or _worth(each, sold) for known, each in zip(agreed, (before, after), strict=True))
    return Compared(
        _frame(changes, ("field", "before", "after")),
        _frame(comparing.money(was, now), ("figure", "before", "after", "change")),
        any(agreed),
        sold,
    )


def _agreed(draft: Draft) -> Figures | None:
    """What the version came to when it was agreed, where it was."""
    newest = quote_desk.latest(draft.id)
    mine = newest is not None and newest.version == draft.version
    return quote_decisions.agreed([draft]).get(draft.id) if mine else None


def _worth(draft: Draft, sold: Catalog) -> Figures | None:
    quote = quote_desk.reading(draft.fields).quote
    return sealing.figures(price(quote, sold)) if quote else None


def _frame(rows: Sequence[Sequence[str]], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(names))


def _clone(editing: Editing) -> None:
    if access.permitted(quote_desk.EDIT) and st.button(
        "Clone this quote", icon=":material/content_copy:", key="clone_quote"
    ):
        try:
            key = quote_desk.clone(editing.draft)
        except NotChangedError as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")
            return
        st.session_state[dialogs.DONE] = "This is the clone."
        navigation.open_quote(key)

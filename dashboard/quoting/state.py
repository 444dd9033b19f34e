"""A quote between the page and its draft: what is typed is kept at once, what others change comes in.

Each field is a widget. At the start of a run the widgets hold what was just typed; the fields that the page
last agreed on with the draft are kept beside them, so that a change of one's own is told from one of others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import streamlit as st

from dashboard import access
from dashboard.quotes import comparing
from dashboard.quotes.fields import Fields, given
from dashboard.quotes.merging import Merged
from dashboard.quotes.reading import Reading
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.desk import Draft, NotChangedError, NotMovedError
from data.quotes.states import DRAFT, EDITABLE


@dataclass
class Editing:
    """A quote as the page has it: the draft, the fields as they are typed, what is wrong, what clashed."""

    draft: Draft
    fields: dict[str, Any]
    reading: Reading
    may: bool  # whether the person may change it now
    clashes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    failed: str = ""  # why what was typed is not kept yet
    refused: str = ""  # what was typed too late, in a sentence

    def key(self, name: str) -> str:
        """The widget's key of a field."""
        return _key(self.draft.id, name)

    def value(self, name: str) -> Any:
        """What a field says; None where nothing."""
        return self.fields.get(name)


def _key(quote_id: str, name: str) -> str:
    return f"{quote_id}/{name}"


def begin(draft: Draft) -> Editing:
    """Keep what was typed since the last run, and take in what others have changed.

    What is typed into a quote that waits or is approved, from a page drawn before, makes it a draft again;
    into one that was sent nothing is kept, and what was typed is told.
    """
    may = access.permitted(quote_desk.EDIT)
    base: Fields = st.session_state.get(_key(draft.id, "_base"), given(draft.fields))
    typed = _typed(draft.id, base)
    clashes: dict[str, tuple[Any, Any]] = st.session_state.get(_key(draft.id, "_clashes"), {})
    failed, refused, newest = "", "", draft
    fields = given(draft.fields)
    if may and typed != given(base):
        try:
            merged = quote_desk.keep(draft.id, base, typed)
            fields, clashes = merged.fields, {**clashes, **merged.clashes}
            newest = quote_desk.latest(draft.id) or draft
        except NotMovedError as error:
            newest = quote_desk.latest(draft.id) or draft
            fields, refused = given(newest.fields), _refused(error, base, typed)
        except NotChangedError as error:
            fields, failed = typed, str(error)
    if not failed:
        st.session_state[_key(draft.id, "_base")] = fields
        st.session_state[_key(draft.id, "_clashes")] = clashes
    _show(draft.id, typed, fields)
    may = may and newest.state == DRAFT
    reading = quote_desk.reading(fields)
    if newest.state not in EDITABLE:
        reading.broken.clear()  # what has become of its days since is not to be mended any more
    return Editing(newest, fields, reading, may, clashes, failed, refused)


def _refused(error: NotMovedError, base: Fields, typed: Fields) -> str:
    """What was typed and is in no version of the quote."""
    lost = comparing.changes(base, typed, quote_desk.sold())
    told = "; ".join(f"{name}: {after}" for name, _, after in lost)
    return f"{error} Not kept: {told}."


def change(editing: Editing, changes: Mapping[str, Any]) -> Merged:
    """Change fields that have no widget; the page is to be drawn again. Raises NotChangedError."""
    return quote_desk.keep(editing.draft.id, editing.fields, {**editing.fields, **changes})


def settle(editing: Editing, name: str) -> None:
    """A clash is dealt with."""
    rest = {other: pair for other, pair in editing.clashes.items() if other != name}
    st.session_state[_key(editing.draft.id, "_clashes")] = rest


def _typed(quote_id: str, base: Fields) -> dict[str, Any]:
    """The base with what the widgets hold."""
    prefix = _key(quote_id, "")
    held = {
        str(key).removeprefix(prefix): _plain(value)
        for key, value in st.session_state.items()
        if str(key).startswith(prefix) and not str(key).startswith(f"{prefix}_")
    }
    return given({**base, **held})


def _plain(value: Any) -> Any:
    """A widget's value as it is kept."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\0", "")  # which PostgreSQL does not take
    return list(value) if isinstance(value, list | tuple) else value


def _show(quote_id: str, typed: Fields, fields: Fields) -> None:
    """Give the widgets what others have changed: those are drawn anew from the fields."""
    for name in {*typed, *fields}:
        if typed.get(name) != fields.get(name):
            st.session_state.pop(_key(quote_id, name), None)

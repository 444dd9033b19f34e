"""A quote between the page and its draft: what is typed is kept at once, what others change comes in.

Each field is a widget. At the start of a run the widgets hold what was just typed; the fields that the page
last agreed on with the draft are kept beside them, so that a change of one's own is told from one of others.

Whoever types while a run is under way ends it there, and what it drew last may never reach the browser. So
what the browser has is known only once a run came to its end (`finish`).
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

Clashes = dict[str, tuple[Any, Any]]


@dataclass
class Held:
    """What the page knows of a quote from run to run: changed in place, which no run is ended in.

    base: the fields last agreed on; gone: what widgets held of fields that others have changed, until the
    browser has the others' values; drawn: the fields whose widgets the browser has.
    """

    base: Fields | None = None
    clashes: Clashes = field(default_factory=dict)
    gone: dict[str, Any] = field(default_factory=dict)
    drawn: frozenset[str] = frozenset()

    def agree(self, typed: Fields, fields: dict[str, Any], clashes: Clashes | None = None) -> dict[str, Any]:
        """Page and draft agree on fields, of which `typed` is what the page had; gives the fields."""
        others = {name for name in {*typed, *fields} if typed.get(name) != fields.get(name)}
        self.gone |= {name: typed.get(name) for name in others}
        self.base, self.clashes = fields, {**self.clashes, **(clashes or {})}
        return fields


@dataclass
class Editing:
    """A quote as the page has it: the draft, the fields as they are typed, what is wrong, what clashed."""

    draft: Draft
    fields: dict[str, Any]
    reading: Reading
    may: bool  # whether the person may change it now
    held: Held = field(default_factory=Held)
    failed: str = ""  # why what was typed is not kept yet
    refused: str = ""  # what was typed too late, in a sentence
    drawn: set[str] = field(default_factory=set)  # fields that have a widget in this run

    @property
    def clashes(self) -> Clashes:
        """By field what was typed here and what somebody else made of it meanwhile."""
        return self.held.clashes

    def key(self, name: str) -> str:
        """The widget's key of a field."""
        return _key(self.draft.id, name)

    def draw(self, name: str) -> bool:
        """A field gets its widget; whether the browser has it already."""
        self.drawn.add(name)
        return name in self.held.drawn and self.key(name) in st.session_state

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
    held: Held = st.session_state.setdefault(_key(draft.id, "_held"), Held())
    base = given(draft.fields) if held.base is None else held.base
    typed = _typed(draft.id, base, held.gone)
    failed, refused, newest = "", "", draft
    if may and typed != given(base):
        try:
            merged = quote_desk.keep(draft.id, base, typed)
            fields = held.agree(typed, merged.fields, merged.clashes)
            newest = quote_desk.latest(draft.id) or draft
        except NotMovedError as error:
            newest = quote_desk.latest(draft.id) or draft
            fields, refused = held.agree(typed, given(newest.fields)), _refused(error, base, typed)
        except NotChangedError as error:
            fields, failed = typed, str(error)
    else:
        fields = held.agree(typed, given(draft.fields))
    for name in held.gone:  # drawn anew from the fields
        st.session_state.pop(_key(draft.id, name), None)
    may = may and newest.state == DRAFT
    reading = quote_desk.reading(fields)
    if newest.state not in EDITABLE:
        reading.broken.clear()  # what has become of its days since is not to be mended any more
    return Editing(newest, fields, reading, may, held, failed, refused)


def finish(editing: Editing) -> None:
    """The run comes to its end: the browser has what it drew."""
    editing.held.gone, editing.held.drawn = {}, frozenset(editing.drawn)


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
    editing.held.clashes = {other: pair for other, pair in editing.clashes.items() if other != name}


def _typed(quote_id: str, base: Fields, gone: Fields) -> dict[str, Any]:
    """The base with what the widgets hold; not what was there before others changed it: `gone`."""
    prefix = _key(quote_id, "")
    held = {
        str(key).removeprefix(prefix): _plain(value)
        for key, value in st.session_state.items()
        if str(key).startswith(prefix) and not str(key).startswith(f"{prefix}_")
    }
    shown = given(held)
    late = {name for name, was in gone.items() if shown.get(name) == was}
    return given({**base, **{name: value for name, value in held.items() if name not in late}})


def _plain(value: Any) -> Any:
    """A widget's value as it is kept."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\0", "")  # which PostgreSQL does not take
    return list(value) if isinstance(value, list | tuple) else value

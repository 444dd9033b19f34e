"""What people note about a customer: the notes as they stand, their history, and a form for the next."""

import logging
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import access, cache, dialogs, formatting
from dashboard.cache import Snapshot
from dashboard.metrics import customer
from data import customer_notes
from data.config import settings
from data.customer_notes import LONGEST, Note

EDIT = "write notes on customers"
LOG = logging.getLogger(__name__)


def notes(snapshot: Snapshot, owner_id: str) -> None:
    """The notes that stand, the newest first; whoever may writes another or changes one."""
    if not access.permitted("see comments"):
        st.markdown("Your role does not see notes.")
        return
    written = snapshot.frame("customer_notes", owner_id)
    standing = customer.standing_notes(written)
    if access.permitted(EDIT):
        form("", owner_id, "", "Add note", f"new_{len(written)}")  # a field of its own for each note
    if not standing:
        st.markdown("Nothing is noted yet.")
    for thread in standing:
        versions = written.loc[written["thread"] == thread]
        _note(owner_id, versions)


def _note(owner_id: str, versions: pd.DataFrame) -> None:
    """A note with who wrote it when, its earlier versions, and the ways to change it."""
    newest, first = versions.iloc[0], versions.iloc[-1]
    with st.container(border=True, gap="xsmall"):
        st.markdown(formatting.markdown(str(newest["text"])))
        said = f"{first['written_by']}, {formatting.moment(first['written_at'])}"
        if len(versions) > 1:
            said += f"; changed by {newest['written_by']}, {formatting.moment(newest['written_at'])}"
        st.caption(formatting.markdown(said))
        with st.container(horizontal=True, gap="small"):
            if len(versions) > 1:
                _history(versions.iloc[1:])
            if access.permitted(EDIT):
                _change(owner_id, str(newest["thread"]), str(newest["text"]), len(versions))


def _history(earlier: pd.DataFrame) -> None:
    with st.popover("Earlier versions", icon=":material/history:", type="tertiary"):
        for row in earlier.to_dict("records"):
            st.markdown(formatting.markdown(str(row["text"])))
            st.caption(formatting.markdown(f"{row['written_by']}, {formatting.moment(row['written_at'])}"))


def _change(owner_id: str, thread: str, text: str, version: int) -> None:
    with st.popover("Change", icon=":material/edit:", type="tertiary"):
        form(text, owner_id, thread, "Keep change", f"{version}_{thread}")
    if st.button("Take away", key=f"note_away_{thread}", icon=":material/delete:", type="tertiary"):
        dialogs.confirm(
            "Take this note away?",
            ["It is no longer shown here. That there was one, and what it said, is kept."],
            "Take away",
            partial(write, Note(owner_id, None, thread)),
            "The note is taken away.",
        )


def form(text: str, owner_id: str, thread: str, verb: str, key: str) -> None:
    """A text and the button that keeps it; a text that is not kept stays."""
    typed = st.text_area(
        "Note", value=text, key=f"note_text_{owner_id}_{key}", max_chars=LONGEST, height=100,
        label_visibility="collapsed", placeholder="What should the next person know?",
    )  # fmt: skip
    said = (typed or "").strip()
    if st.button(verb, key=f"note_keep_{owner_id}_{key}", disabled=not said or said == text):
        note = Note(owner_id, said, thread) if thread else Note(owner_id, said)
        dialogs.make(partial(write, note), "The note is kept.")


def write(note: Note) -> None:
    """Keep a version of a note. Raises ForbiddenError and NotChangedError."""
    access.require(EDIT)
    if not cache.shows("account", note.owner_id):
        cache.require_shown("customer", note.owner_id)
    customer_notes.write(settings().database_url.get_secret_value(), note, access.person())
    LOG.info("%s wrote a note about %s", access.person(), note.owner_id)

"""Asking before something is changed, and saying that it was."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import formatting
from dashboard.exchange import NotChangedError

DONE = "_done"


def confirm(title: str, sentences: Sequence[str], verb: str, change: Callable[[], None], done: str) -> None:
    """Ask whether to go on. A change that fails says why and stays open; one that is made redraws all."""

    @st.dialog(title)
    def ask() -> None:
        for sentence in sentences:
            st.markdown(formatting.markdown(sentence))
        with st.container(horizontal=True):
            agreed = st.button(verb, type="primary", key="confirm")
            if st.button("Cancel", key="cancel"):
                st.rerun()
        if agreed:
            make(change, done)

    ask()


def make(change: Callable[[], None], done: str) -> None:
    """Carry out a change that needs no question: it redraws all, or says in place why it failed."""
    try:
        with st.spinner("One moment"):
            change()
    except NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
    else:
        st.session_state[DONE] = done
        st.rerun()


def say_what_was_done() -> None:
    """Once after a change: a line that it was made."""
    done = st.session_state.pop(DONE, None)
    if done:
        st.toast(formatting.markdown(done), icon=":material/check:")

"""Approvals: what somebody asks for that is over their limit, and what became of earlier requests."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, desk, dialogs, formatting, states, widgets
from dashboard.actions.base import Preview
from dashboard.columns import Column
from dashboard.customer import acting
from dashboard.grids import grid
from dashboard.metrics import approvals
from dashboard.quoting import waiting as quote_waiting
from dashboard.store import once

DECIDED = (
    Column("customer", "Customer"),
    Column("created_at", "Asked", "day"),
    Column("kind", "Action"),
    Column("person", "By"),
    Column("reason", "Why"),
    Column("outcome", "Outcome"),
    Column("decided_by", "Decided by"),
    Column("comment", "Comment"),
)
LOOKED = "_looked"

snapshot = widgets.begin("approvals", "What waits for a second person, and what was decided?")
dialogs.say_what_was_done()


def request(row: Mapping[Any, Any]) -> None:
    """One request: who asks for what and why, as it was shown to them, and what one may do about it."""
    with st.container(border=True, key=f"request_{row['id']}"):
        st.subheader(formatting.markdown(f"{row['kind']} for {row['customer']}"), anchor=False)
        st.caption(
            formatting.markdown(
                f"Asked by {row['person']} ({row['role']}) at {formatting.moment(row['created_at'])}, "
                f"waits until {formatting.moment(row['expires_at'])}"
            )
        )
        st.markdown(formatting.markdown(f"Why: {row['reason']}"))
        looked = st.session_state.get(LOOKED, {}).get(row["id"])
        if looked is None:
            as_asked(row)
        else:
            acting.told(looked)
        decide(row, looked)


def as_asked(row: Mapping[Any, Any]) -> None:
    """What the request was made with; numbers of that time."""
    rows = pd.DataFrame(row["shown"]["rows"], columns=["", "Then", "After"])
    st.table(rows.map(formatting.markdown), hide_index=True, border="horizontal")
    for sentence in approvals.in_words(row["shown"]):
        st.markdown(formatting.markdown(sentence))
    for sentence in row["over"]:
        st.warning(formatting.markdown(sentence), icon=":material/approval_delegation:")


def decide(row: Mapping[Any, Any], looked: Preview | None) -> None:
    """The buttons: look anew, approve, decline; whoever asked may only take it back."""
    name, own = str(row["id"]), row["person"] == access.person()
    if not own and not access.permitted("approve actions"):
        st.caption("It waits for somebody who may approve it.")
        return
    comment = st.text_input("Comment", key=f"comment_{name}", placeholder="Kept with the decision") or ""
    with st.container(horizontal=True):
        if not own and looked is None and st.button("Look at it now", key=f"look_{name}", type="primary"):
            look(name)
        exceeded = desk.over(looked) if looked else ()
        if (
            not own
            and looked
            and st.button("Approve and do it", key=f"approve_{name}", type="primary", disabled=bool(exceeded))
        ):
            attempt(lambda: desk.approve(name, looked, comment), f"Approved and done: {row['kind'].lower()}.")
        verb, done = ("Withdraw", "Withdrawn.") if own else ("Decline", "Declined.")
        if st.button(verb, key=f"decline_{name}", disabled=not comment.strip()):
            attempt(lambda: desk.decline(name, comment), done)
    for sentence in exceeded:
        st.warning(formatting.markdown(f"{sentence} Somebody else has to approve it."))


def look(name: str) -> None:
    """Ask Stripe what the request would do now."""
    try:
        with st.spinner("Asking Stripe"):
            found = desk.look(name)
    except desk.ActionError as error:
        st.error(formatting.markdown(str(error)), icon=":material/block:")
        return
    st.session_state[LOOKED] = {**st.session_state.get(LOOKED, {}), name: found}
    st.rerun()


def attempt(do: Any, done: str) -> None:
    """Do it and say so, or say why not."""
    try:
        with st.spinner("One moment"):
            do()
    except desk.ActionError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    st.session_state.pop(LOOKED, None)
    st.session_state[dialogs.DONE] = done
    st.rerun()


quotes = quote_waiting.section(snapshot)
rows = once(approvals.told, snapshot.frame("approvals"))
waiting, decided = once(approvals.apart, rows)
if approvals.has_late(waiting, desk.now()):
    attempt(desk.let_expire, "A request had waited too long and is closed.")
if rows.empty and not quotes:
    states.empty("Nobody has asked for approval yet. What is over the limit of a role waits here.")
for each in once(pd.DataFrame.to_dict, waiting, "records"):
    request(each)
if not decided.empty:
    with widgets.card("Decided", "The newest first"):
        grid(decided, DECIDED, "usd", "approvals")

"""Actions: what was changed at Stripe, by whom and why, and what is not finished."""

import pandas as pd
import streamlit as st

from dashboard import access, cache, desk, dialogs, formatting, navigation, states, widgets
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import actions
from dashboard.store import once

MOST = 20_000  # entries; the newest
ENTRIES = (
    Column("customer", "Customer"),
    Column("at", "Day", "day"),
    Column("time", "UTC"),
    Column("what", "Action"),
    Column("subject", "Of"),
    Column("outcome", "Outcome"),
    Column("person", "By"),
    Column("role", "As", "word"),
    Column("approved_by", "Approved by", help="Empty: within the limits of who did it."),
    Column("reason", "Why"),
    Column("changed", "What changed"),
    Column("requests", "Stripe requests"),
    Column("id", "Entry", "count", help="Its place in the chain, as `doctor` names it."),
)
OPEN = (
    Column("customer", "Customer"),
    Column("created_at", "Begun", "day"),
    Column("kind", "Action"),
    Column("person", "By"),
    Column("reason", "Why"),
    Column("told", "What happened"),
)

snapshot = widgets.begin("actions", "What was changed at Stripe, by whom, why, and did it arrive?")
dialogs.say_what_was_done()


def unfinished() -> None:
    """What may or may not have happened at Stripe, and the button that finds out."""
    rows = snapshot.frame("unfinished_actions")
    if rows.empty:
        return
    note = "Stripe may have done these. Finishing looks first, and sends again only under the same key."
    with widgets.card(f"{formatting.plural(len(rows), 'action')} not finished", note):
        rows = rows.assign(customer=rows["customer_name"].fillna(rows["customer_id"]))
        grid(rows, OPEN, "usd", "actions_open")
        if access.permitted("finish actions"):
            if st.button("Finish them", key="resume", type="primary"):
                finish(len(rows))
            with st.expander("Stripe does not tell? Look there, and say how it ended"):
                by_hand(rows)


def finish(number: int) -> None:
    """Look at Stripe, send again what is safe to send, and say what came of it."""
    try:
        with st.spinner("Asking Stripe"):
            found = desk.resume()
    except desk.ActionError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    done = sum(state == "done" for state in found.values())
    st.session_state[dialogs.DONE] = f"{done} of {number} finished."
    st.rerun()


def by_hand(rows: pd.DataFrame) -> None:
    """Close an action by what a person saw at Stripe."""
    named = {
        str(row["id"]): f"{row['kind']} for {row['customer']}, {formatting.moment(row['created_at'])}"
        for row in rows.to_dict("records")
    }
    chosen = st.selectbox("Action", list(named), format_func=named.__getitem__, key="close_action")
    happened = st.radio("At Stripe", ["It was done", "It was not done"], key="close_how", horizontal=True)
    seen = st.text_input("What you saw", key="close_reason")
    if st.button("Close it", key="close", disabled=not (seen or "").strip()) and chosen:
        try:
            desk.close(chosen, happened == "It was done", seen)
        except desk.ActionError as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")
        else:
            st.session_state[dialogs.DONE] = f"Closed: {named[chosen]}."
            st.rerun()


def entries() -> None:
    """The audit, newest first, and what is looked for in it; a row leads to its customer."""
    text = st.text_input(
        "Find", key="audit_text", placeholder="Person, action, customer, reason, request", max_chars=200
    )
    found = snapshot.frame("audit_entries", text=text or "", last=cache.last_audit_entry(), limit=MOST)
    rows = once(actions.told, found)
    if rows.empty and text:
        st.markdown("Nothing in the audit has all of these words.")
        return
    if rows.empty:
        states.empty("Nothing was changed from here yet. A customer's page offers what can be done.")
        return
    if len(rows) == MOST:
        st.caption(f"These are the newest {formatting.count(MOST)}. Older ones are found by their words.")
    place = grid(rows, ENTRIES, "usd", "actions", select=True)
    if place is not None and not formatting.is_missing(rows["customer_id"].iloc[place]):
        navigation.open_customer(str(rows["customer_id"].iloc[place]))


unfinished()
entries()

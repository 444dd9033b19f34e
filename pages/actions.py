"""Actions: what was changed at Stripe, by whom and why, and what is not finished."""

import streamlit as st

from dashboard import access, desk, dialogs, formatting, navigation, states, widgets
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import actions

ENTRIES = (
    Column("customer", "Customer"),
    Column("at", "Day", "day"),
    Column("what", "Action"),
    Column("outcome", "Outcome"),
    Column("person", "By"),
    Column("reason", "Why"),
    Column("changed", "What changed"),
    Column("requests", "Stripe requests"),
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
        grid(
            rows.assign(customer=rows["customer_name"].fillna(rows["customer_id"])),
            OPEN,
            "usd",
            "actions_open",
        )
        if access.permitted("finish actions") and st.button("Finish them", key="resume", type="primary"):
            try:
                with st.spinner("Asking Stripe"):
                    found = desk.resume()
            except desk.ActionError as error:
                st.error(formatting.markdown(str(error)), icon=":material/error:")
            else:
                done = sum(state == "done" for state in found.values())
                st.session_state[dialogs.DONE] = f"{done} of {len(rows)} finished."
                st.rerun()


def entries() -> None:
    """The audit, newest first; a row leads to its customer."""
    rows = actions.told(snapshot.frame("audit_entries"))
    if rows.empty:
        states.empty("Nothing was changed from here yet. A customer's page offers what can be done.")
        return
    place = grid(rows, ENTRIES, "usd", "actions", select=True)
    if place is not None and not formatting.is_missing(rows["customer_id"].iloc[place]):
        navigation.open_customer(str(rows["customer_id"].iloc[place]))


unfinished()
entries()

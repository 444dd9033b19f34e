"""What staff changed at Stripe for a customer: the audit of it."""

import streamlit as st

from dashboard import access
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid

CHANGES = (
    Column("at", "Day", "day"),
    Column("time", "UTC"),
    Column("what", "What"),
    Column("outcome", "Outcome", "word"),
    Column("person", "By"),
    Column("role", "As", "word"),
    Column("reason", "Why", "long"),
    Column("requests", "Stripe's request ids"),
)


def changes(snapshot: Snapshot, owner_id: str) -> None:
    """The audit entries of the customer, the newest first."""
    if not access.permitted("view actions"):
        st.markdown("Who changed what is open to those with the permission “view actions”.")
        return
    rows = snapshot.frame("audit_entries", customer_id=owner_id)
    if rows.empty:
        st.markdown("Nobody has changed anything here yet.")
        return
    told = rows.assign(
        time=[f"{at:%H:%M}" for at in rows["at"]],
        requests=[", ".join(each or ()) for each in rows["request_ids"]],
    )
    grid(told, CHANGES, "", "customer_changes")

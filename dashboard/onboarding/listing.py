"""The list of add-ons being set up, and the form that begins another."""

from collections.abc import Hashable, Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import access, address, filters, formatting, kpis, states, widgets
from dashboard.addons.states import STATES
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import addon_setups as setups
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding import telling
from dashboard.store import once
from data.frames.addons import MOST

LIST = (
    Column("customer", "Customer"),
    Column("addon_name", "Add-on"),
    Column("what", "What"),
    Column("stands", "State"),
    Column("since", "Since", "day"),
    Column("waits", "Last moved"),
    Column("wrong", "Not right", "long"),
)
ANY = {"": "Every state", **STATES}


def everything(snapshot: Snapshot, now: datetime) -> None:
    """Every set-up, by state; a selected one opens."""
    names = {key: each.name for key, each in addon_desk.offered().items()}
    key = (now.replace(second=0, microsecond=0), *names.items())  # ages are told in minutes
    rows = snapshot.kept("set-ups", key, lambda: setups.told(snapshot.frame("addon_setups"), names, now))
    figures(rows)
    if len(rows) >= MOST:
        st.caption(f"Only the {MOST:,} that have stood still longest are counted and listed.")
    if access.permitted(addon_desk.EDIT):
        another(snapshot, names)
    if waits := telling.everywhere(snapshot):
        opened(waits)
    if rows.empty:
        states.empty("No add-on is being set up. Begin with a customer above.")
        return
    with widgets.card("Set-ups", "Those that have stood still longest first. Select a row to open it."):
        state = filters.choice("State", ANY, "state")
        some = once(_in_state, rows, state) if state else rows
        if some.empty:
            st.markdown("None.")
            return
        place = grid(some, LIST, "usd", "addons", select=True)
    if place is not None:
        opened(str(some["id"].iloc[place]))


def _in_state(rows: pd.DataFrame, state: str) -> pd.DataFrame:
    return rows.loc[rows["state"] == state].reset_index(drop=True)


def figures(rows: pd.DataFrame) -> None:
    """How many stand where."""
    kpis.row(
        [
            kpis.count(setups.being_set_up, once(setups.being_set_up, rows)).named("Being set up"),
            kpis.count(setups.waiting, once(setups.waiting, rows)).named("Waiting for customer"),
            kpis.count(setups.live, once(setups.live, rows)).named("Live"),
            kpis.count(setups.attention, once(setups.attention, rows)).named("Live, not right"),
        ],
        "Now, as far as they are kept here.",
    )


def another(snapshot: Snapshot, names: dict[str, str]) -> None:
    """Who gets which add-on, and the button that begins it."""
    with st.expander("Set up an add-on", icon=":material/add:"):
        typed = st.text_input(
            "Customer", key="addon_customer", placeholder="Name, e-mail, domain or Stripe id", max_chars=200
        )
        if not (typed or "").strip():
            return
        found = snapshot.frame("find", typed, limit=20)
        found = found.loc[found["customer_id"].notna()]
        if found.empty:
            st.markdown("No customer of Stripe is found by that.")
            return
        called = {str(row["customer_id"]): _called(row) for row in found.to_dict("records")}
        left, right = st.columns(2)
        customer = left.selectbox("Which one", list(called), format_func=called.__getitem__, key="addon_whom")
        addon = right.selectbox("Add-on", list(names), format_func=names.__getitem__, key="addon_which")
        if st.button("Request add-on", type="primary", key="addon_request") and customer and addon:
            try:
                opened(addon_desk.request(customer, addon))
            except addon_desk.AddonError as error:
                st.error(formatting.markdown(str(error)), icon=":material/error:")


def _called(row: Mapping[Hashable, object]) -> str:
    parts = [
        str(row[name]) for name in ("name", "email", "customer_id") if not formatting.is_missing(row[name])
    ]
    return " · ".join(parts)


def opened(name: str) -> None:
    """Show one set-up instead of the list."""
    address.write(setup=name, state="")
    st.rerun()

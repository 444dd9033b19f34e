"""What is being offered to a customer and set up for them: quotes, Stripe's and ours, and add-ons."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, desk, formatting, navigation
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import addon_setups
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding import listing
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import listing as quote_list

OURS = tuple(column for column in quote_list.LIST if column.name != "name")  # for whom is said by the page
SETUPS = listing.LIST[1:]
STRIPES = (
    Column("number", "Number"),
    Column("status", "Status", "word"),
    Column("amount_total", "Total", "own"),
    Column("created_at", "Drafted", "day"),
    Column("expires_at", "Expires", "day"),
    Column("accepted_at", "Accepted", "day"),
)


def offers(snapshot: Snapshot, customer_id: str) -> None:
    """The customer's quotes and set-ups of add-ons; a selected row opens its own page."""
    drawn = [_ours(snapshot, customer_id), _setups(snapshot, customer_id), _stripes(snapshot, customer_id)]
    if not any(drawn):
        st.markdown("No quote was made for this customer, and no add-on is being set up.")


def _ours(snapshot: Snapshot, customer_id: str) -> bool:
    if not access.permitted("view quotes"):
        return False
    try:
        drafts = quote_desk.listed(customer_id)
    except quote_desk.NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
        return True
    if drafts:
        st.markdown("**Quotes**")
        rows = quote_list.frame(snapshot, drafts)
        _opening(rows, OURS, "customer_offers", navigation.open_quote)
    return bool(drafts)


def _setups(snapshot: Snapshot, customer_id: str) -> bool:
    found = (
        snapshot.frame("addon_setups", customer_id) if access.permitted("view add-ons") else pd.DataFrame()
    )
    if len(found):
        st.markdown("**Add-ons being set up**")
        names = {key: each.name for key, each in addon_desk.offered().items()}
        rows = addon_setups.told(found, names, desk.now())
        _opening(rows, SETUPS, "customer_setups", navigation.open_setup)
    return len(found) > 0


def _stripes(snapshot: Snapshot, customer_id: str) -> bool:
    found = snapshot.frame("customer_quotes", customer_id)
    if len(found):
        st.markdown("**Quotes at Stripe**")
        grid(found, STRIPES, "", "customer_quotes")
    return len(found) > 0


def _opening(rows: pd.DataFrame, shape: tuple[Column, ...], name: str, leave: Callable[[str], Any]) -> None:
    st.caption("Select a row to open it.")
    place = grid(rows, shape, "", name, select=True)
    if place is not None:
        leave(str(rows["id"].iloc[place]))

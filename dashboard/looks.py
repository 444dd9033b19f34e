"""What is new to the person who looks: since when, and all of it taken as seen."""

import logging
from datetime import datetime, timedelta

import streamlit as st

from dashboard import access
from dashboard.cache import Snapshot
from data import clock, looks

AGAIN = timedelta(minutes=5)
"""A page that is redrawn within this time of the same data notes nothing."""
NOTED = "_look_noted"
BEFORE = "_look_before"
LOG = logging.getLogger(__name__)


def since(snapshot: Snapshot) -> datetime | None:
    """The data that the person's visit before this one saw last; None on the first, or if unknown."""
    now = clock.now()
    noted: tuple[datetime, datetime] | None = st.session_state.get(NOTED)
    if noted is None or noted[0] != snapshot.now or now - noted[1] > AGAIN:
        st.session_state[NOTED] = (snapshot.now, now)
        try:
            st.session_state[BEFORE] = looks.look(snapshot.url, access.person(), snapshot.now, now)
        except looks.NotKeptError:
            LOG.warning("When %s looked could not be kept", access.person())
    found: datetime | None = st.session_state.get(BEFORE)
    return found


def seen_all(snapshot: Snapshot) -> None:
    """Take all that the page shows as seen; where that cannot be kept, it holds for this session."""
    st.session_state[BEFORE] = snapshot.now
    try:
        looks.seen_all(snapshot.url, access.person(), snapshot.now, clock.now())
    except looks.NotKeptError:
        LOG.warning("When %s looked could not be kept", access.person())

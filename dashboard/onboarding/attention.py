"""On other pages: live add-ons that are not right, such as a sign-on whose certificate ends soon."""

from datetime import datetime

import streamlit as st

from dashboard import access, formatting, navigation
from dashboard.cache import Snapshot
from dashboard.metrics import addon_setups as setups
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding import telling

MOST = 3


def told(snapshot: Snapshot, now: datetime) -> None:
    """A line for each of the first few, with the way there; nothing where all are right."""
    if not access.permitted(navigation.entry("addons").permission):
        return
    _unheard(snapshot)
    names = {key: each.name for key, each in addon_desk.offered().items()}
    key = (now.date(), *names.items())
    rows = snapshot.kept(
        "add-ons not right",
        key,
        lambda: setups.not_right(setups.told(snapshot.frame("addon_setups"), names, now)),
    )
    for place, row in enumerate(rows.head(MOST).to_dict("records")):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = f"{row['addon_name']} for {row['customer']}: {row['wrong']}"
            st.warning(formatting.markdown(said), icon=":material/extension:", width="stretch")
            if st.button("Open", key=f"not_right_{place}"):
                navigation.open_setup(str(row["id"]))
    if len(rows) > MOST:
        more = formatting.plural(len(rows) - MOST, "more live add-on")
        st.caption(f"{more} not right: see Add-ons.")


def _unheard(snapshot: Snapshot) -> None:
    """That our own system was told something in vain, so that somebody looks."""
    rows = snapshot.frame("provisioning")
    if count := int((rows["state"] == "dead").sum()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(telling.gave_up(count), icon=":material/notification_important:", width="stretch")
            if st.button("Open", key="unheard"):
                navigation.open_setup("")

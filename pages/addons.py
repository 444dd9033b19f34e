"""Add-ons: what is being set up for whom, what it waits for, and one set-up from request to live."""

import streamlit as st

from dashboard import desk, dialogs, widgets
from dashboard.onboarding import listing, one

snapshot = widgets.begin("addons", "Which add-ons are being set up, what do they wait for, which are live?")
dialogs.say_what_was_done()
name = "".join(st.query_params.get_all("setup")[-1:])
if name:
    one.one(snapshot, name, desk.now())
else:
    listing.everything(snapshot, desk.now())

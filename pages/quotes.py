"""Quotes: each with its state and what it is worth, and the way to a new one."""

import streamlit as st

from dashboard import dialogs, formatting, states, widgets
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import forms as quote_forms
from dashboard.quoting import listing as quote_list

snapshot = widgets.begin("quotes", "What is being offered, to whom, and what is it worth?")
dialogs.say_what_was_done()

quote_forms.begin()
try:
    drafts = quote_desk.listed()
    found = quote_list.narrowed(snapshot) if drafts else None
except quote_desk.NotChangedError as error:
    st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
    st.button("Try again")
else:
    if found is not None and not found:
        states.empty("Try its number, fewer letters, or another state.", title="No quote found")
    elif drafts:
        quote_list.table(snapshot, drafts if found is None else found)
    else:
        states.empty("A new quote is kept from its first letter on.", title="No quotes yet")

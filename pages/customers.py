"""Customers: find one by whatever is known of it."""

import streamlit as st

from dashboard import navigation, states, widgets
from dashboard.columns import Column
from dashboard.grids import grid

FOUND = (
    Column("called", "Customer"),
    Column("email", "E-mail"),
    Column("matched", "Found by"),
    Column("what", "What it is"),
)
WHAT = {"customer": "Customer", "account": "Account that Stripe does not know"}
HINT = "Name, e-mail, domain, Stripe id, account id, invoice number, or a card's last four digits"

snapshot = widgets.begin("customers", "Who is this, and where is everything about them?")
typed = st.text_input(
    "Find",
    key="find",
    bind="query-params",
    placeholder=HINT,
    label_visibility="collapsed",
    icon=":material/search:",
)
if not (typed or "").strip():
    states.asking("Whom do you look for?", f"{HINT}: type any of them. One letter wrong is forgiven.")
else:
    rows = snapshot.frame("find", typed)
    if rows.empty:
        states.empty(
            "Fewer letters find more. Ids, invoice numbers and the digits of a card must be whole.",
            title="Nobody found",
        )
    else:
        told = rows.assign(
            called=rows["name"].fillna(rows["email"]).fillna(rows["id"]),
            what=[WHAT[str(kind)] for kind in rows["kind"]],
        )
        st.caption("Select a row to open it.")
        place = grid(told, FOUND, "usd", "found", select=True)
        if place is not None:
            chosen = told.iloc[place]
            if chosen["kind"] == "account":
                navigation.open_account(str(chosen["id"]))
            navigation.open_customer(str(chosen["id"]))

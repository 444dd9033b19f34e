"""A prospect becomes a customer at Stripe: the form, on the list of customers and on an account's page."""

import pandas as pd
import streamlit as st

from dashboard import access
from dashboard.actions.base import Command
from dashboard.actions.of_subscription import CHANGE
from dashboard.actions.prospects import AddCustomer
from dashboard.cache import Snapshot
from dashboard.customer import acting
from dashboard.customer.acting import Offer, Subject


def button(snapshot: Snapshot, name: str = "", country: str = "", account_id: str = "") -> None:
    """Opens the form, for those who may sell; what is known of the account is filled in."""
    if not access.permitted(CHANGE):
        return

    def form(subject: Subject) -> Command | None:
        called = st.text_input("Name", name, key="act_new_name", help="It stands on invoices.") or ""
        email = st.text_input("Billing e-mail", key="act_new_email") or ""
        code = st.text_input("Country", country, key="act_new_country", placeholder="DE", max_chars=2) or ""
        if not called.strip() or not email.strip():
            return None
        return AddCustomer(called, email, code.strip(), acting.mark(), account_id)

    offer = Offer("Add customer", "person_add", CHANGE, form, lambda _: True)
    nothing = pd.DataFrame()
    acting.button(offer, Subject(snapshot, "", nothing, nothing, nothing), key="add_customer")

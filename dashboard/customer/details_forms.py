"""The form of a customer's billing details, and the link by which they change their card."""

from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from dashboard import access, desk, formatting
from dashboard.actions.base import Command
from dashboard.actions.customers import LABELS, EditBillingDetails
from dashboard.customer.acting import Offer, Subject, choice

LANGUAGES = {
    "": "As Stripe chooses",
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "ja": "Japanese",
}
TAXES = {"none": "Taxed", "exempt": "Exempt", "reverse": "Reverse charge"}
DETAILS_NOW = "_details"


def billing_details(subject: Subject) -> Command | None:
    """Who pays, and how invoices reach them; the fields begin as Stripe has them now."""
    before = _now(subject.customer_id)
    if before is None:
        return None
    typed = {name: _field(name, label, before[name]).strip() for name, label in LABELS.items()}
    fields = tuple((name, value) for name, value in typed.items() if value != before[name])
    return EditBillingDetails(subject.customer_id, fields) if fields else None


def _now(customer_id: str) -> dict[str, str] | None:
    """The details as Stripe has them, read when the form opens."""
    known: tuple[str, dict[str, str]] | None = st.session_state.get(DETAILS_NOW)
    if known is None or known[0] != customer_id:
        try:
            known = (customer_id, desk.details(customer_id))
        except desk.ActionError as error:
            st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
            return None
        st.session_state[DETAILS_NOW] = known
    return known[1]


def _field(name: str, label: str, value: str) -> str:
    if name == "language":
        options = LANGUAGES | ({value: value} if value not in LANGUAGES else {})
        return str(choice(label, options, "act_language", index=list(options).index(value)))
    if name == "tax_exempt":
        return str(choice(label, TAXES, "act_tax", index=list(TAXES).index(value or "none")))
    return st.text_input(label, value, key=f"act_{name}") or ""


def card_link(customer_id: str) -> None:
    """A link by which the customer changes the card: staff never see or type its number."""
    if not access.permitted("send card links"):
        return
    with st.popover("Card link", icon=":material/add_card:", key="card_link"):
        st.markdown(
            "The customer opens the link and enters another card at Stripe. It is valid for a short time."
        )
        if st.button("Make a link", key="make_card_link", icon=":material/link:"):
            try:
                st.session_state["_card_link"] = (customer_id, desk.card_link(customer_id, uuid4().hex))
            except desk.ActionError as error:
                st.error(formatting.markdown(str(error)), icon=":material/error:")
        made = st.session_state.get("_card_link")
        if made and made[0] == customer_id:
            st.code(made[1], language=None, wrap_lines=True)


DETAILS: Mapping[str, Offer] = {
    "details": Offer(
        "Edit billing details", "edit", "change billing details", billing_details, lambda _: True
    ),
}
"""What can be done beside subscriptions and invoices."""

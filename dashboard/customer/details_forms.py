"""Forms of billing details, tax ids and cards, and the link by which customers change their card."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import streamlit as st

from dashboard import access, desk, formatting
from dashboard.actions import tax_ids
from dashboard.actions.base import Command
from dashboard.actions.collecting import UseCard
from dashboard.actions.customers import LABELS, EditBillingDetails
from dashboard.customer.acting import Nothing, Offer, Subject, choice, live

LANGUAGES = {
    "": "As Stripe chooses",
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "ja": "Japanese",
}
TAXES = {"none": "Taxed", "exempt": "Exempt", "reverse": "Reverse charge"}
LINKS = {
    "portal": "Stripe's portal: the new card is charged from then on",
    "checkout": "Stripe's Checkout: the card is left there, and charged once you choose it",
}


def billing_details(subject: Subject) -> Command | Nothing | None:
    """Who pays, and how invoices reach them; the fields begin as Stripe has them now."""
    before = live(f"details {subject.customer_id}", lambda: desk.details(subject.customer_id))
    if before is None:
        return Nothing()
    typed = {name: _field(name, label, before[name]).strip() for name, label in LABELS.items()}
    fields = tuple((name, value) for name, value in typed.items() if value != before[name])
    return EditBillingDetails(subject.customer_id, fields) if fields else None


def _field(name: str, label: str, value: str) -> str:
    if name == "language":
        options = LANGUAGES | ({value: value} if value not in LANGUAGES else {})
        return str(choice(label, options, "act_language", index=list(options).index(value)))
    if name == "tax_exempt":
        return str(choice(label, TAXES, "act_tax", index=list(TAXES).index(value or "none")))
    return st.text_input(label, value, key=f"act_{name}") or ""


def add_tax_id(subject: Subject) -> Command | None:
    """A tax id of one of Stripe's kinds."""
    named = tax_ids.NAMES | {kind: kind for kind in sorted(tax_ids.KINDS - set(tax_ids.NAMES))}
    kind = choice("Kind", named, "act_tax_kind")
    value = st.text_input("Number", key="act_tax_value", placeholder="As it stands in the register") or ""
    return tax_ids.AddTaxId(subject.customer_id, str(kind), value) if value.strip() else None


def remove_tax_id(subject: Subject) -> Command | Nothing:
    """Take a tax id off."""
    held = live(f"tax ids {subject.customer_id}", lambda: desk.tax_ids_of(subject.customer_id))
    if not held:
        return Nothing() if held is None else Nothing("The customer has no tax id.")
    return tax_ids.RemoveTaxId(subject.customer_id, str(choice("Tax id", held, "act_tax_id")))


def use_card(subject: Subject) -> Command | Nothing:
    """Another of the cards that the customer has left."""
    methods = subject.snapshot.frame("customer_methods", subject.customer_id)
    cards = methods.loc[(methods["type"] == "card") & ~methods["is_default"].astype("bool")]
    named = {
        str(row["method_id"]): f"{str(row['brand']).capitalize()} ending in {row['last4']}, "
        f"until {row['exp_month']}/{row['exp_year']}"
        for row in cards.to_dict("records")
    }
    if not named:
        return Nothing("The customer has left no other card: send a card link first.")
    return UseCard(subject.customer_id, str(choice("Card", named, "act_card")))


def card_link(customer_id: str) -> None:
    """A link by which the customer changes the card: staff never see or type its number."""
    if not access.permitted("send card links"):
        return
    with st.popover("Card link", icon=":material/add_card:", key="card_link"):
        st.markdown(
            "The customer opens the link and enters another card at Stripe. It is valid for a short time."
        )
        by: Any = choice("Leads to", LINKS, "card_link_by") if desk.offers_checkout() else "portal"
        if st.button("Make a link", key="make_card_link", icon=":material/link:"):
            try:
                link = desk.card_link(customer_id, uuid4().hex, by)
                st.session_state["_card_link"] = (customer_id, link)
            except desk.ActionError as error:
                st.error(formatting.markdown(str(error)), icon=":material/error:")
        made = st.session_state.get("_card_link")
        if made and made[0] == customer_id:
            st.code(made[1], language=None, wrap_lines=True)
            _mailed(customer_id, made[1])


def _mailed(customer_id: str, link: str) -> None:
    """Send the link from here, where a mail server is set; each link to an address once."""
    if not desk.sends_mail():
        return
    to = (st.text_input("E-mail it to", key="card_link_to") or "").strip()
    sent = st.session_state.setdefault("_card_links_sent", set())
    if (link, to) in sent:
        st.success(formatting.markdown(f"Sent to {to}."), icon=":material/mark_email_read:")
    elif st.button("Send the link", key="send_card_link", icon=":material/mail:", disabled=not to):
        try:
            desk.send_card_link(customer_id, link, to)
        except desk.ActionError as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")
        else:
            sent.add((link, to))
            st.rerun()


DETAILS: Mapping[str, Offer] = {
    "details": Offer(
        "Edit billing details", "edit", "change billing details", billing_details, lambda _: True
    ),
    "add_tax_id": Offer("Add a tax id", "badge", tax_ids.CHANGE, add_tax_id, lambda _: True),
    "remove_tax_id": Offer("Remove a tax id", "backspace", tax_ids.CHANGE, remove_tax_id, lambda _: True),
    "use_card": Offer("Charge another card", "credit_card", tax_ids.CHANGE, use_card, lambda _: True),
}
"""What can be done beside subscriptions and invoices."""

"""One invoice as a page shows it: what it is, its lines, what was tried to pay it, credits, notes."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, cache, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import invoices
from dashboard.metrics.recognition import deferred
from dashboard.metrics.text import known
from dashboard.receivables import forms as receivable_forms

LINES = (
    Column("description", "Line", "long"),
    Column("product", "Product"),
    Column("quantity", "Quantity", "count"),
    Column("amount", "Amount", "amount"),
    Column("discount", "Discount", "amount"),
    Column("tax", "Tax", "amount"),
    Column("period_start", "From", "day"),
    Column("period_end", "To", "day"),
    Column("recognised", "Recognised", "amount", help=deferred.formula),
    Column("what", "Kind"),
)
TRIES = (
    Column("created_at", "Tried on", "day"),
    Column("status", "Outcome", "word"),
    Column("amount", "Amount", "amount"),
    Column("card", "With"),
    Column("reason", "Why it failed"),
    Column("amount_refunded", "Refunded", "amount"),
)
CREDITS = (
    Column("number", "Credit note"),
    Column("created_at", "Issued", "day"),
    Column("status", "State", "word"),
    Column("reason", "Reason", "word"),
    Column("total", "Total", "amount"),
    Column("pre_payment", "Off the amount due", "amount"),
    Column("post_payment", "Refunded or credited", "amount"),
    Column("memo", "Memo", "long"),
)


def head(row: dict[str, Any]) -> None:
    """What the invoice is, its state, and where else it can be seen."""
    number = known(row["number"]) or "Draft without a number"
    st.header(formatting.markdown(number), anchor=False)
    email = known(row["customer_email"]) if access.permitted("see personal data") else ""
    who = known(row["customer_name"]) or email or known(row["customer_id"])
    st.markdown(formatting.markdown(" · ".join(filter(None, (who, email, row["id"])))))
    with st.container(horizontal=True, gap="small"):
        for flag in invoices.flags(row):
            st.badge(formatting.markdown(flag.text), icon=f":material/{flag.icon}:", color=flag.colour)
    with st.container(horizontal=True, gap="small"):
        if known(row["customer_id"]) and st.button("Customer", key="open_customer", icon=":material/person:"):
            navigation.open_customer(str(row["customer_id"]))
        for label, url, icon in _links(row):
            st.link_button(label, url, icon=f":material/{icon}:")


def _links(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    links = [
        ("Hosted page", known(row["hosted_invoice_url"]), "open_in_new"),
        ("PDF", known(row["invoice_pdf"]), "picture_as_pdf"),
        ("In Stripe", cache.invoice_url(str(row["id"])), "open_in_new"),
    ]
    return [link for link in links if link[1].startswith("https://")]


def sums(row: dict[str, Any]) -> None:
    """How the amount due comes about, and the dates of its life."""
    left, right = st.columns(2)
    with left, widgets.card("Amounts", "In the invoice's own currency."):
        st.table(_told(invoices.amounts(row), "What", "Amount"), hide_index=True, border="horizontal")
    with right, widgets.card("Dates", "In UTC."):
        st.table(_told(invoices.dates(row), "What", "When"), hide_index=True, border="horizontal")


def _told(pairs: list[tuple[str, str]], *heads: str) -> pd.DataFrame:
    return pd.DataFrame({heads[0]: [name for name, _ in pairs], heads[1]: [value for _, value in pairs]})


def lines(snapshot: Snapshot, row: dict[str, Any]) -> None:
    """Its lines as they stand on it."""
    found = snapshot.frame("invoice_lines", row["id"])
    note = "Amounts before discount and tax. Recognised is revenue of the days of service until today."
    with widgets.card("Lines", note):
        if found.empty:
            st.markdown("No line of it was read.")
            return
        what = ["Proration" if each else "" for each in found["proration"].fillna(False)]
        told = invoices.rendered(found.assign(what=what), row, snapshot.now.date())
        if row["status"] in ("draft", "void"):
            told = told.assign(recognised=None)
        grid(told, LINES, row["currency"], "invoice_lines")


def tries(snapshot: Snapshot, row: dict[str, Any]) -> None:
    """The charges that were to pay it."""
    found = snapshot.frame("invoice_tries", row["id"])
    linked = bool(found["linked"].all()) if len(found) else True
    note = "The newest first." if linked else (
        "Stripe ties no payment to this invoice: these are charges of the same customer and amount while it "
        "was open."
    )  # fmt: skip
    with widgets.card("Payments tried", note):
        if found.empty:
            st.markdown(invoices.untried(row))
            return
        grid(invoices.tried(found), TRIES, row["currency"], "invoice_tries")


def credit_notes(snapshot: Snapshot, row: dict[str, Any]) -> None:
    """Its credit notes, where it has any."""
    found = snapshot.frame("invoice_credit_notes", row["id"])
    with widgets.card("Credit notes", "The newest first; a void one counts for nothing."):
        if found.empty:
            st.markdown("None.")
        else:
            grid(found, CREDITS, row["currency"], "invoice_credit_notes")


def notes(snapshot: Snapshot, row: dict[str, Any]) -> None:
    """What people noted about it, with a form while it is open."""
    with widgets.card("Notes", "Promises to pay, disputes and remarks, the newest first."):
        receivable_forms.beside(snapshot, str(row["id"]), row["currency"], is_open=row["status"] == "open")

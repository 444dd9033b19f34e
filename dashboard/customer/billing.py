"""What a customer was billed, how they pay, and everything that happened."""

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics.text import known

INVOICES = (
    Column("number", "Number"),
    Column("created_at", "Date", "day"),
    Column("status", "Status", "word"),
    Column("billing_reason", "For", "word"),
    Column("told_total", "Total"),
    Column("told_open", "Open"),
    Column("due_at", "Due", "day"),
    Column("paid_at", "Paid", "day"),
    Column("hosted_url", "Page", "link"),
    Column("pdf_url", "PDF", "link"),
)
NOTES = (
    Column("number", "Number"),
    Column("invoice_number", "On invoice"),
    Column("created_at", "Date", "day"),
    Column("status", "Status", "word"),
    Column("reason", "Reason", "word"),
    Column("told_total", "Total"),
)
METHODS = (
    Column("called", "Method"),
    Column("expires", "Expires"),
    Column("default", "Default"),
    Column("created_at", "Added", "day"),
)
QUOTES = (
    Column("number", "Number"),
    Column("status", "Status", "word"),
    Column("told_total", "Total"),
    Column("created_at", "Drafted", "day"),
    Column("expires_at", "Expires", "day"),
    Column("accepted_at", "Accepted", "day"),
)
HAPPENED = (
    Column("at", "Day", "day"),
    Column("source", "Where", "word"),
    Column("what", "What", "word"),
    Column("detail", "Detail"),
    Column("told_amount", "Amount"),
)


def billing(snapshot: Snapshot, customer_id: str, invoices: pd.DataFrame) -> None:
    """Invoices, credit notes, payment methods and quotes."""
    st.markdown("**Invoices**")
    if invoices.empty:
        st.markdown("None yet.")
    else:
        grid(told(invoices, total="total", open="amount_remaining"), INVOICES, "usd", "customer_invoices")
    notes = snapshot.frame("customer_credit_notes", customer_id)
    if len(notes):
        st.markdown("**Credit notes**")
        grid(told(notes, total="total"), NOTES, "usd", "customer_credit_notes")
    st.markdown("**Payment methods**")
    methods = snapshot.frame("customer_methods", customer_id)
    if methods.empty:
        st.markdown("None on file.")
    else:
        grid(_methods(methods), METHODS, "usd", "customer_methods")
    quotes = snapshot.frame("customer_quotes", customer_id)
    if len(quotes):
        st.markdown("**Quotes**")
        grid(told(quotes, total="amount_total"), QUOTES, "usd", "customer_quotes")


def _methods(rows: pd.DataFrame) -> pd.DataFrame:
    called = [
        f"{known(row['brand']).capitalize() or formatting.word(known(row['type']))}"
        f"{' ending in ' + known(row['last4']) if known(row['last4']) else ''}"
        for row in rows.to_dict("records")
    ]
    expires = [
        f"{int(month):02d}/{int(year)}" if not formatting.is_missing(month) else formatting.DASH
        for month, year in zip(rows["exp_month"], rows["exp_year"], strict=True)
    ]
    default = ["Yes" if each else "" for each in rows["is_default"]]
    return rows.assign(called=called, expires=expires, default=default)


def told(rows: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """Rows with amounts in words, since each may be in a currency of its own."""
    columns_told = {
        f"told_{name}": [
            formatting.amount(value, str(currency))
            for value, currency in zip(rows[column], rows["currency"], strict=True)
        ]
        for name, column in columns.items()
    }
    return rows.assign(**columns_told)


def happened(snapshot: Snapshot, customer_id: str) -> None:
    """Everything that happened, by source if wanted, the newest first."""
    rows = snapshot.frame("customer_happenings", customer_id, snapshot.now)
    sources = list(dict.fromkeys(str(each) for each in rows["source"]))
    chosen = st.pills(
        "Show", sources, selection_mode="multi", format_func=formatting.word, key="happened_sources"
    )
    rows = rows.loc[rows["source"].isin(chosen)] if chosen else rows
    grid(told(rows, amount="amount"), HAPPENED, "usd", "customer_happened")

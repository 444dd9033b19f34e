"""What a customer was billed, and how they pay."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.customer.billed_to import billed_to
from dashboard.grids import grid
from dashboard.metrics.text import known
from dashboard.store import once

INVOICES = (
    Column("number", "Number"),
    Column("created_at", "Date", "day"),
    Column("status", "Status", "word"),
    Column("billing_reason", "For", "word"),
    Column("total", "Total", "own"),
    Column("amount_remaining", "Open", "own"),
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
    Column("total", "Total", "own"),
)
METHODS = (
    Column("called", "Method"),
    Column("expires", "Expires"),
    Column("default", "Default"),
    Column("created_at", "Added", "day"),
)


def billing(
    snapshot: Snapshot, customer_id: str, invoices: pd.DataFrame, profile: Mapping[Hashable, Any]
) -> None:
    """Who is billed, invoices, credit notes and payment methods."""
    billed_to(profile)
    st.markdown("**Invoices**")
    if invoices.empty:
        st.markdown("None yet.")
    else:
        grid(invoices, INVOICES, "", "customer_invoices")
    notes = snapshot.frame("customer_credit_notes", customer_id)
    if len(notes):
        st.markdown("**Credit notes**")
        grid(notes, NOTES, "", "customer_credit_notes")
    st.markdown("**Payment methods**")
    methods = snapshot.frame("customer_methods", customer_id)
    if methods.empty:
        st.markdown("None on file.")
    else:
        grid(once(_methods, methods), METHODS, "", "customer_methods")


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

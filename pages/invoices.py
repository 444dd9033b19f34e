"""Invoices: all of them, found by what is on them, and one with everything that became of it."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import dialogs, filters, formatting, invoice_parts, navigation, states, widgets
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.invoice_pager import Pager
from dashboard.metrics import invoices, receivables
from dashboard.store import once

PAGE = 50
LIST = (
    Column("number", "Invoice"),
    Column("state", "State"),
    Column("total", "Total", "own"),
    Column("open", "Open", "own"),
    Column("customer", "Customer"),
    Column("currency", "Currency", "code"),
    Column("created_at", "Created", "day"),
    Column("falls_due_at", "Due", "day"),
    Column("paid_at", "Paid", "day"),
    Column("method", "How it is paid"),
    Column("po_number", "Purchase order"),
    Column("account_manager", "Account manager"),
    Column("customer_email", "E-mail"),
)
NONE = "There is no invoice yet. The page fills itself when Stripe has one."
PLACEHOLDER = "Number, customer, e-mail, amount, purchase order or id"

snapshot = widgets.begin("invoices", "Which invoices are there, and what became of this one?")
asked = st.query_params.get("id", "")


def one(invoice_id: str) -> None:
    """An invoice with its lines, payments, credit notes and notes."""
    if st.button("All invoices", key="all_invoices", icon=":material/arrow_back:", type="tertiary"):
        navigation.open_invoices()
    found = snapshot.frame("invoice_detail", invoice_id)
    if found.empty:
        states.empty("No invoice of this id was read. It may be newer than the data, or of another account.")
        return
    row = found.iloc[0].to_dict()
    invoice_parts.head(row)
    invoice_parts.sums(row)
    invoice_parts.lines(snapshot, row)
    left, right = st.columns(2)
    with left:
        invoice_parts.tries(snapshot, row)
    with right:
        invoice_parts.credit_notes(snapshot, row)
    invoice_parts.notes(snapshot, row)


def every() -> None:
    """The list that a search and filters leave, a page at a time."""
    known = filters.facts(snapshot)
    selection, _ = filters.bar(known, period=False, plan=False, currency=False)
    typed = filters.search("Search", "q", PLACEHOLDER)
    with st.container(horizontal=True, gap="small"):
        chosen = filters.chips("State", "Any state", "status", list(invoices.STATUSES), invoices.status)
        ages = filters.chips("Age", "Any age", "age", list(receivables.AGES), receivables.AGES.__getitem__)
        methods = filters.chips(
            "How it is paid", "Any payment", "method", list(invoices.METHODS), invoices.METHODS.__getitem__
        )
    named: dict[str, Any] = {"search": typed, "statuses": chosen, "methods": methods, "ages": ages}
    named |= snapshot.narrowed("invoice_page", selection)
    pager = Pager("invoices", named)
    rows = snapshot.frame("invoice_page", snapshot.now, after=pager.after, limit=PAGE + 1, **named)
    if rows.empty:
        states.empty("No invoice matches. Try fewer letters, another state, or fewer filters.", unasked=NONE)
        return
    listed(rows, pager, longest_first=bool(ages))


def listed(rows: pd.DataFrame, pager: Pager, *, longest_first: bool) -> None:
    """One page of the list; a selected row opens the invoice."""
    shown = once(invoices.listed, once(pd.DataFrame.head, rows, PAGE))
    order = "the longest due first" if longest_first else "the newest first"
    first = pager.page * PAGE + 1
    span = f"{formatting.count(first)} to {formatting.count(first + len(shown) - 1)}"
    note = f"{span}, {order}. Select one to open it."
    with widgets.card("All invoices", note):
        place = grid(widgets.people(shown, "customer_name"), LIST, "", "invoices", select=True)
        pager.buttons(str(shown["place"].iloc[-1]) if len(rows) > PAGE else None)
    if place is not None:
        navigation.open_invoice(str(shown["invoice_id"].iloc[place]))


dialogs.say_what_was_done()
if asked:
    one(asked)
else:
    every()

"""Forms about an invoice: each gives the command that it stands for, None while something is missing."""

from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard import desk, formatting
from dashboard.actions.base import Command
from dashboard.actions.drafts import AddLine, ChangeLine, FinalizeInvoice, RemoveLine
from dashboard.actions.invoices import (
    COLLECT,
    CREDIT,
    CreditInvoice,
    MarkInvoicePaid,
    MarkUncollectible,
    PayInvoice,
    SendInvoice,
    VoidInvoice,
)
from dashboard.actions.refunds import RefundPayment
from dashboard.customer.acting import Offer, Subject, choice, live, mark
from dashboard.metrics.text import known
from data import money

REFUND_REASONS = ("requested_by_customer", "duplicate", "fraudulent")


def _invoice(subject: Subject, *statuses: str) -> str:
    rows = subject.invoices.loc[subject.invoices["status"].isin(statuses)]
    named = {str(row["invoice_id"]): _told(row) for row in rows.to_dict("records")}
    return str(choice("Invoice", named, "act_invoice"))


def _told(row: Mapping[Hashable, Any]) -> str:
    """Number, amount, what is open of it, day: in this order, since a phone cuts off the end."""
    total, left = (
        formatting.amount(row[name], str(row["currency"])) for name in ("total", "amount_remaining")
    )
    number, day = known(row["number"]) or "Draft", formatting.day(row["created_at"])
    state = f"{left} open" if row["amount_remaining"] else str(row["status"])
    return f"{number}, {total}, {state}, {day}"


def send_invoice(subject: Subject) -> Command | None:
    """E-mail an invoice again."""
    return SendInvoice(subject.customer_id, _invoice(subject, "open", "draft"))


def pay_invoice(subject: Subject) -> Command | None:
    """Charge the card on file."""
    return PayInvoice(subject.customer_id, _invoice(subject, "open", "uncollectible"))


def mark_paid(subject: Subject) -> Command | None:
    """The money came outside of Stripe."""
    return MarkInvoicePaid(subject.customer_id, _invoice(subject, "open", "uncollectible"))


def void_invoice(subject: Subject) -> Command | None:
    """The invoice is not owed."""
    return VoidInvoice(subject.customer_id, _invoice(subject, "open", "uncollectible"))


def write_off(subject: Subject) -> Command | None:
    """Give the money up."""
    return MarkUncollectible(subject.customer_id, _invoice(subject, "open"))


def credit(subject: Subject) -> Command | None:
    """A credit note, of a paid invoice split as Stripe requires."""
    invoice = _invoice(subject, "open", "paid", "uncollectible")
    row = subject.invoices.set_index("invoice_id").loc[invoice]
    currency = str(row["currency"])
    amount = _amount("Amount", currency, "act_amount")
    split = (0, 0, 0)
    if row["status"] == "paid":
        st.caption("A paid invoice's credit goes somewhere: these add up to the amount.")
        names = ("Refunded to the card", "Kept as credit for later invoices", "Given back outside of Stripe")
        one, two, three = (_amount(name, currency, f"act_split_{place}") for place, name in enumerate(names))
        split = (one, two, three)
    reasons = {
        "": "Not given",
        **{
            each: formatting.word(each)
            for each in ("duplicate", "order_change", "product_unsatisfactory", "fraudulent")
        },
    }
    why = choice("Reason on the credit note", reasons, "act_credit_reason")
    memo = st.text_input("Words to the customer", key="act_memo")
    if not amount:
        return None
    return CreditInvoice(subject.customer_id, invoice, amount, *split, why, memo or "", mark())


def refund(subject: Subject) -> Command | None:
    """Give a payment back, or a part of it."""
    invoice = _invoice(subject, "paid")
    amount = _amount("Amount", _currency(subject, invoice), "act_amount")
    reasons = {"": "Not given"} | {each: formatting.word(each) for each in REFUND_REASONS}
    why = str(choice("Reason", reasons, "act_refund_reason"))
    return RefundPayment(subject.customer_id, invoice, amount, why, mark()) if amount else None


def draft_lines(subject: Subject) -> Command | None:
    """Add a line to a draft, change one, or take one out."""
    invoice = _invoice(subject, "draft")
    currency = _currency(subject, invoice)
    held = live(f"lines {invoice}", lambda: desk.lines_of(invoice))
    if held is None:
        return None
    named = {"": "Add a line"} | {
        key: f"{line.description}: {formatting.amount(line.amount, currency)}" for key, line in held.items()
    }
    line_id = str(choice("Line", named, "act_line"))
    line = held.get(line_id)
    if line and not line.own and st.checkbox("Take it out", key=f"act_out_{line_id}"):
        return RemoveLine(subject.customer_id, invoice, line_id)
    said = st.text_input("Words", line.description if line else "", key=f"act_words_{line_id}") or ""
    if line and line.own:
        st.caption("Its amount comes from the subscription: add a line to add to it or take off.")
        return ChangeLine(subject.customer_id, invoice, line_id, said, line.amount)
    amount = _amount("Amount", currency, f"act_line_{line_id}", line.amount if line else 0, least=None)
    if line:
        return ChangeLine(subject.customer_id, invoice, line_id, said, amount)
    return AddLine(subject.customer_id, invoice, said, amount, mark()) if said.strip() and amount else None


def finalize(subject: Subject) -> Command | None:
    """Make a draft final."""
    invoice = _invoice(subject, "draft")
    then = {True: "Stripe charges or sends it", False: "It stays open until somebody does"}
    return FinalizeInvoice(subject.customer_id, invoice, bool(choice("Then", then, "act_collect")))


def _currency(subject: Subject, invoice: str) -> str:
    return str(subject.invoices.set_index("invoice_id").loc[invoice, "currency"])


def _amount(label: str, currency: str, key: str, minor: int = 0, least: float | None = 0.0) -> int:
    """An amount typed in the main unit, as minor units."""
    places = money.decimals(currency)
    begins, step = float(money.major(minor, currency)), 10.0**-places
    value = st.number_input(
        f"{label}, {currency.upper()}", least, None, begins, step, f"%.{places}f", key=key
    )
    return int(Decimal(str(value)).scaleb(places))


def _has(*statuses: str) -> Callable[[Subject], bool]:
    return lambda subject: bool(subject.invoices["status"].isin(statuses).any())


INVOICES: Mapping[str, Offer] = {
    "send": Offer("Send an invoice again", "forward_to_inbox", COLLECT, send_invoice, _has("open", "draft")),
    "pay": Offer("Charge the card now", "credit_card", COLLECT, pay_invoice, _has("open", "uncollectible")),
    "paid": Offer("Mark as paid", "price_check", COLLECT, mark_paid, _has("open", "uncollectible")),
    "credit": Offer(
        "Credit an invoice", "receipt_long", CREDIT, credit, _has("open", "paid", "uncollectible")
    ),
    "refund": Offer("Refund a payment", "currency_exchange", CREDIT, refund, _has("paid")),
    "lines": Offer("Edit a draft's lines", "edit_note", CREDIT, draft_lines, _has("draft")),
    "finalize": Offer("Finalize a draft", "task", COLLECT, finalize, _has("draft")),
    "void": Offer("Void an invoice", "block", CREDIT, void_invoice, _has("open", "uncollectible")),
    "write_off": Offer("Mark as uncollectible", "money_off", CREDIT, write_off, _has("open")),
}

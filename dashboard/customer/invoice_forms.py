"""Forms about an invoice: each gives the command that it stands for, None while something is missing."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import streamlit as st

from dashboard import formatting
from dashboard.actions.base import Command
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
from dashboard.customer.acting import Offer, Subject, choice
from dashboard.metrics.text import known
from data import money


def _invoice(subject: Subject, *statuses: str) -> str:
    rows = subject.invoices.loc[subject.invoices["status"].isin(statuses)]
    named = {
        str(row["invoice_id"]): f"{known(row['number']) or 'Draft'}, {formatting.day(row['created_at'])}, "
        f"{formatting.amount(row['amount_remaining'], str(row['currency']))} open of "
        f"{formatting.amount(row['total'], str(row['currency']))}"
        for row in rows.to_dict("records")
    }
    return str(choice("Invoice", named, "act_invoice"))


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
    return CreditInvoice(subject.customer_id, invoice, amount, *split, why, memo or "") if amount else None


def _amount(label: str, currency: str, key: str) -> int:
    """An amount typed in the main unit, as minor units."""
    places = money.decimals(currency)
    step = 10.0**-places
    value = st.number_input(f"{label}, {currency.upper()}", 0.0, None, 0.0, step, f"%.{places}f", key=key)
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
    "void": Offer("Void an invoice", "block", CREDIT, void_invoice, _has("open", "uncollectible")),
    "write_off": Offer("Mark as uncollectible", "money_off", CREDIT, write_off, _has("open")),
}

"""The credit for a month with less uptime than promised: a credit note, once for each month of a promise."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions import invoices, marks
from dashboard.actions.base import Handler, Preview
from dashboard.actions.invoices import CREDIT, CreditInvoice
from dashboard.formatting import amount
from data.actions import Step
from data.addons.claims import KIND
from data.gateway import Gateway

Json = dict[str, Any]


@dataclass(frozen=True)
class CreditDowntime(invoices.OfInvoice):
    """Credit an amount (minor units) of an invoice for a month of a promise with so many minutes down."""

    setup_id: str
    month: str
    minutes: int
    amount: int
    currency: str
    memo: str
    refund: bool = False  # of a paid invoice: to the card; else it is kept for later invoices

    @property
    def mark(self) -> str:
        """What the credit note is found again by, whichever invoice it is of."""
        return f"downtime {self.setup_id} {self.month}"


def _read(gateway: Gateway, command: CreditDowntime) -> Json:
    """The invoice, with all credit notes of its customer that are not void."""
    notes = marks.everything(gateway, "/v1/credit_notes", customer=command.customer_id)
    standing = [each for each in notes if each.get("status") != "void"]
    return {**invoices.read(gateway, command), "notes": standing}


def _guard(command: CreditDowntime, obj: Json) -> str | None:
    if marks.found(command.mark, obj["notes"]):
        return f"The credit for {command.month} was issued already: it is among the customer's credit notes."
    if obj["currency"] != command.currency:
        return f"This invoice is in {obj['currency'].upper()}, the fee in {command.currency.upper()}."
    left = invoices.creditable(obj)
    if command.amount > left:
        told = amount(left, obj["currency"])
        return f"Only {told} of this invoice can still be credited: choose another one."
    return invoices.can_credit(_credit(command, obj), obj)


def _credit(command: CreditDowntime, obj: Json) -> CreditInvoice:
    """The same as the command about an invoice that it comes to."""
    paid = obj["status"] == "paid"
    return CreditInvoice(
        command.customer_id,
        command.invoice_id,
        command.amount,
        refund=command.amount if paid and command.refund else 0,
        balance=command.amount if paid and not command.refund else 0,
        memo=command.memo,
        mark=command.mark,
    )


def _preview(command: CreditDowntime, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    return invoices.preview_credit(_credit(command, obj), obj, gateway, at)


def _steps(command: CreditDowntime, obj: Json, at: datetime) -> list[Step]:
    return invoices.credit_steps(_credit(command, obj), obj, at)


HANDLERS: dict[type, Handler[Any]] = {
    CreditDowntime: Handler(
        KIND,
        CREDIT,
        _read,
        invoices.seen,
        _guard,
        _preview,
        _steps,
        lambda command, obj: marks.found(command.mark, obj["notes"]),
    ),
}
"""What the command needs and does."""

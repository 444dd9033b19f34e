"""The credit for a month with less uptime than promised: a credit note, or one of each of several invoices.

The credit is a share of the month's fee, which is told without tax; the tax that an invoice adds to it is
credited with it. Where no invoice has so much left, each credits a part, and together never more than all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from dashboard.actions import invoices, marks
from dashboard.actions.base import Handler, Preview
from dashboard.actions.invoices import CREDIT, CreditInvoice
from dashboard.formatting import amount
from data.actions import Step
from data.addons.claims import KIND
from data.gateway import Gateway
from data.money import half_up
from data.records.fields import reference

Json = dict[str, Any]


def tax_on(amount: int, total: int, untaxed: int) -> int:
    """What an invoice's taxes add to an amount, at the invoice's own rate; minor units, half-up.

    untaxed: its total without what taxes add; taxes that prices include add nothing.
    """
    return half_up(Fraction(amount * (total - untaxed), untaxed)) if total > untaxed > 0 else 0


def fitting(left: int, total: int, untaxed: int) -> int:
    """The most, without tax, of which with its tax so much is left of an invoice."""
    if not total > untaxed > 0:
        return left
    most = left * untaxed // total + 1
    while most and most + tax_on(most, total, untaxed) > left:
        most -= 1
    return most


@dataclass(frozen=True)
class CreditDowntime(invoices.OfInvoice):
    """Credit an amount (minor units, without tax) of an invoice for a month with so many minutes down.

    tax: what is credited with it; credit: the month's whole credit where this is a part of it, else 0.
    """

    setup_id: str
    month: str
    minutes: int
    amount: int
    currency: str
    memo: str
    refund: bool = False  # of a paid invoice: to the card; else it is kept for later invoices
    tax: int = 0
    credit: int = 0

    @property
    def of_month(self) -> str:
        """What every credit note for the month is found again by, whichever invoice it is of."""
        return f"downtime {self.setup_id} {self.month}"

    @property
    def mark(self) -> str:
        """What the credit note is found again by; that of a part names its invoice and what it credits."""
        part = f" {self.invoice_id} {self.amount}" if self.credit else ""
        return f"{self.of_month}{part}"


def _read(gateway: Gateway, command: CreditDowntime) -> Json:
    """The invoice, with all credit notes of its customer that are not void."""
    notes = marks.everything(gateway, "/v1/credit_notes", customer=command.customer_id)
    standing = [each for each in notes if each.get("status") != "void"]
    own = [each for each in standing if reference(each["invoice"]) == command.invoice_id]
    return {**invoices.with_charges(gateway, invoices.read(gateway, command), own), "notes": standing}


def _guard(command: CreditDowntime, obj: Json) -> str | None:
    if refusal := _issued(command, obj["notes"]):
        return refusal
    if obj["currency"] != command.currency:
        return f"This invoice is in {obj['currency'].upper()}, the fee in {command.currency.upper()}."
    if command.tax != tax_on(command.amount, obj["total"], _untaxed(obj)):
        return "The taxes of this invoice are other than they were thought to be: look at it again."
    left = invoices.creditable(obj)
    if command.amount + command.tax > left:
        told = amount(left, obj["currency"])
        return f"Only {told} of this invoice can still be credited: choose another one."
    return invoices.can_credit(_credit(command, obj), obj)


def _issued(command: CreditDowntime, notes: Sequence[Json]) -> str | None:
    """Why nothing more may be credited for the month."""
    names = [str((each.get("metadata") or {}).get(marks.MARK) or "") for each in notes]
    parts = [name.split()[3:] for name in names if name.startswith(f"{command.of_month} ")]
    if command.of_month in names or (parts and not command.credit):
        return f"The credit for {command.month} was issued already: it is among the customer's credit notes."
    if command.invoice_id in [invoice for invoice, _ in parts]:
        return f"This invoice has credited its part of {command.month} already: choose another one."
    if command.credit and sum(int(each) for _, each in parts) + command.amount > command.credit:
        told = amount(command.credit, command.currency)
        return f"With what was issued already it would be more than the credit of {told}: look at it again."
    return None


def _seen(obj: Json) -> Json:
    """The invoice, and how many credit notes the customer has: another may be for the same month."""
    return {**invoices.seen(obj), "credit notes": len(obj["notes"])}


def _untaxed(obj: Json) -> int:
    """An invoice's total without what taxes add."""
    off = sum(each["amount"] for each in obj.get("total_discount_amounts") or ())
    return int(obj["subtotal"] - off)


def _credit(command: CreditDowntime, obj: Json) -> CreditInvoice:
    """The same as the command about an invoice that it comes to."""
    paid, whole = obj["status"] == "paid", command.amount + command.tax
    return CreditInvoice(
        command.customer_id,
        command.invoice_id,
        whole,
        refund=whole if paid and command.refund else 0,
        balance=whole if paid and not command.refund else 0,
        memo=command.memo,
        mark=command.mark,
    )


def _preview(command: CreditDowntime, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    found = invoices.preview_credit(_credit(command, obj), obj, gateway, at)
    found = replace(found, seen=_seen(obj))
    if not command.tax:
        return found
    told = ((name, "–", amount(size, command.currency)) for name, size in _apart(command))
    return replace(found, rows=(*found.rows, *told))


def _apart(command: CreditDowntime) -> tuple[tuple[str, int], ...]:
    return ("Of that the fee's share", command.amount), ("Of that its tax", command.tax)


def _steps(command: CreditDowntime, obj: Json, at: datetime) -> list[Step]:
    return invoices.credit_steps(_credit(command, obj), obj, at)


HANDLERS: dict[type, Handler[Any]] = {
    CreditDowntime: Handler(
        KIND,
        CREDIT,
        _read,
        _seen,
        _guard,
        _preview,
        _steps,
        lambda command, obj: marks.found(command.mark, obj["notes"]),
    ),
}
"""What the command needs and does."""

"""The charges that paid an invoice: what of it was refunded by itself, and what can still be."""

from collections.abc import Iterable
from typing import Any

from dashboard.actions import marks
from data.gateway import Forbidden, Gateway, NotFound
from data.records.fields import reference

Json = dict[str, Any]


def charges_of(gateway: Gateway, invoice_id: str) -> list[Json]:
    """The charges that paid an invoice, that with most left first. Raises GatewayError."""
    paid = marks.everything(gateway, "/v1/invoice_payments", invoice=invoice_id, status="paid")
    found = [charge for each in paid for charge in _charges(gateway, each["payment"])]
    return sorted(found, key=left, reverse=True)


def _charges(gateway: Gateway, payment: Json) -> list[Json]:
    """The charges behind a payment that succeeded; none where it came from outside of Stripe."""
    if charge := reference(payment.get("charge")):
        return [gateway.get(f"/v1/charges/{charge}")]
    intent = reference(payment.get("payment_intent"))
    found = marks.everything(gateway, "/v1/charges", payment_intent=intent) if intent else []
    return [each for each in found if each["status"] == "succeeded"]


def known_charges(gateway: Gateway, invoice: Json) -> list[Json] | None:
    """The same of an invoice that is paid; None where the key or the server shows none."""
    if invoice["status"] != "paid":
        return []
    try:
        return charges_of(gateway, invoice["id"])
    except (Forbidden, NotFound):
        return None


def left(charge: Json) -> int:
    """What can still be refunded of a charge, minor units."""
    captured = charge.get("amount_captured")
    return int(charge["amount"] if captured is None else captured) - int(charge.get("amount_refunded") or 0)


def refunded_apart(charges: Iterable[Json], notes: Iterable[Json]) -> int:
    """What was refunded of an invoice by itself, not by its credit notes, minor units."""
    refunds = [each for note in notes if note.get("status") != "void" for each in note.get("refunds") or ()]
    by_notes = sum(int(each.get("amount_refunded") or 0) for each in refunds)
    return max(0, sum(int(each.get("amount_refunded") or 0) for each in charges) - by_notes)

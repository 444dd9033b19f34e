"""POST /v1/invoices/{id}/...: finalize, send, pay, void, mark uncollectible."""

from collections.abc import Callable, Collection
from typing import Any

from data.sandbox.api.actions.asked import flag, present
from data.sandbox.api.actions.paying import NO_CARD, declined
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import FailedPaymentError, StripeError, invalid
from data.sandbox.api.parameters import only_known
from data.sandbox.billing import Billing, invoicing, payments, working
from data.sandbox.store import Store

Json = dict[str, Any]


def _found(billing: Billing, call: Call) -> Json:
    return present(billing, "invoices", "invoice", call.path_params["id"], "invoice", 404)


def _refuse_unless(invoice: Json, statuses: Collection[str], what: str) -> None:
    if invoice["status"] not in statuses:
        told = " or ".join(statuses)
        raise StripeError(
            400,
            f"You can only {what} {told} invoices. This invoice has status `{invoice['status']}`.",
            "invoice_not_editable" if invoice["status"] != "draft" else None,
        )


def finalize(store: Store, call: Call) -> Json:
    """Finalise a draft; it is collected at once where it advances by itself, else it stays open."""
    parameters = call.parameters()
    only_known(parameters, {"auto_advance", "expand"})
    with working(store, call.request) as billing:
        invoice = _found(billing, call)
        if invoice["status"] != "draft":
            raise StripeError(
                400, "This invoice is already finalized, you can't re-finalize a non-draft invoice."
            )
        asked = flag(parameters, "auto_advance")
        advance = invoice["auto_advance"] if asked is None else asked
        billing.change("invoices", invoice, None, auto_advance=advance)
        if advance:
            payments.collect(billing, invoice)
        else:
            invoicing.finalize(billing, invoice)
            payments.settle_empty(billing, invoice)
        return {**invoice}


def send(store: Store, call: Call) -> Json:
    """Send an invoice that is collected by sending it; a draft is finalised first."""
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        invoice = _found(billing, call)
        if invoice["collection_method"] != "send_invoice":
            raise StripeError(
                400, "You can only manually send an invoice if its collection method is 'send_invoice'."
            )
        if invoice["status"] == "draft":
            invoicing.finalize(billing, invoice)
        _refuse_unless(invoice, ("open",), "send")
        billing.emit("invoice.sent", invoice)
        return {**invoice}


def pay(store: Store, call: Call) -> Json:
    """Pay now, with the card on file or outside of Stripe. Raises StripeError 402: it was declined."""
    parameters = call.parameters()
    only_known(parameters, {"paid_out_of_band", "payment_method", "off_session", "forgive", "expand"})
    outside, forgiven = (bool(flag(parameters, name)) for name in ("paid_out_of_band", "forgive"))
    flag(parameters, "off_session")
    if forgiven:
        raise invalid("forgive", "The sandbox forgives nothing: mark the invoice as paid out of band.")
    with working(store, call.request) as billing:
        invoice = _found(billing, call)
        if invoice["status"] == "paid":
            raise StripeError(400, "Invoice is already paid")
        _refuse_unless(invoice, ("draft", "open", "uncollectible"), "pay")
        if "payment_method" in parameters:
            _pay_with(billing, invoice, parameters["payment_method"])
        if not outside and payments.payment_method_of(billing, invoice) is None:
            raise StripeError(400, NO_CARD, "resource_missing")
        payments.pay(billing, invoice["id"], out_of_band=outside)
        answer = {**invoice}
    if answer["status"] != "paid":  # what failed is kept: the attempt and its charge
        raise declined(FailedPaymentError)
    return answer


def _pay_with(billing: Billing, invoice: Json, identity: Any) -> None:
    card = present(billing, "payment_methods", "PaymentMethod", identity, "payment_method")
    if card["customer"] != invoice["customer"]:
        raise invalid("payment_method", "The customer does not have a payment method with this ID.")
    billing.change("invoices", invoice, None, default_payment_method=card["id"])


def void(store: Store, call: Call) -> Json:
    """Void a finalised invoice that is not paid."""
    return _closed(store, call, "void", ("open", "uncollectible"), invoicing.void)


def mark_uncollectible(store: Store, call: Call) -> Json:
    """Write an open invoice off."""
    return _closed(store, call, "mark as uncollectible", ("open",), invoicing.mark_uncollectible)


def _closed(
    store: Store, call: Call, what: str, statuses: Collection[str], close: Callable[[Billing, Json], None]
) -> Json:
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        invoice = _found(billing, call)
        _refuse_unless(invoice, statuses, what)
        close(billing, invoice)
        return {**invoice}

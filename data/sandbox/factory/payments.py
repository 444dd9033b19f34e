"""Charges: a card that paid, or that was declined."""

from typing import Any

Json = dict[str, Any]

DECLINES = {  # the message is Stripe's for the customer
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "insufficient_funds": "Your card has insufficient funds.",
}


_CHARGE: Json = {
    "object": "charge",
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "calculated_statement_descriptor": "EXAMPLE SOFTWARE",
    "description": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "fraud_details": {},
    "livemode": False,
    "metadata": {},
    "on_behalf_of": None,
    "payment_intent": None,
    "receipt_email": None,
    "receipt_number": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}
"""What every charge of an invoice has."""


def charge(
    identity: str, created: int, invoice: Json, payment_method: Json, decline: str | None, **fields: Any
) -> Json:
    """A charge of an invoice's open amount; decline is a key of DECLINES, None when it was paid."""
    amount, paid = invoice["amount_remaining"], decline is None
    return {
        **_CHARGE,
        "id": identity,
        "amount": amount,
        "amount_captured": amount if paid else 0,
        "balance_transaction": f"txn_{identity[3:]}" if paid else None,
        "billing_details": payment_method["billing_details"],
        "captured": paid,
        "created": created,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "failure_code": None if decline is None else _code(decline),
        "failure_message": None if decline is None else DECLINES[decline],
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_method": payment_method["id"],
        "payment_method_details": {"card": _card(payment_method["card"], amount, paid), "type": "card"},
        "receipt_url": f"https://pay.stripe.com/receipts/{identity}" if paid else None,
        "status": "succeeded" if paid else "failed",
        **fields,
    }


def invoice_payment(identity: str, created: int, invoice: Json, payment_intent: str) -> Json:
    """What links an invoice to the payment intent that is to pay it; open until it is paid."""
    return {
        "id": identity,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_remaining"],
        "created": created,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": payment_intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def _code(decline: str) -> str:
    return "expired_card" if decline == "expired_card" else "card_declined"


def _outcome(decline: str | None) -> Json:
    return {
        "advice_code": None if decline is None else "try_again_later",
        "network_advice_code": None,
        "network_decline_code": None if decline is None else "05",
        "network_status": "approved_by_network" if decline is None else "declined_by_network",
        "reason": "generic_decline" if decline == "card_declined" else decline,
        "risk_level": "normal",
        "seller_message": "Payment complete." if decline is None else "The bank declined the payment.",
        "type": "authorized" if decline is None else "issuer_declined",
    }


def _card(card: Json, amount: int, paid: bool) -> Json:
    kept = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "wallet",
    )
    return {
        **{name: card[name] for name in kept},
        "amount_authorized": amount if paid else None,
        "authorization_code": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "transaction_link_id": None,
    }

"""Money that goes back: credit notes and refunds."""

from typing import Any

from data.sandbox.factory.subscriptions import listed

Json = dict[str, Any]


def credit_note(identity: str, created: int, invoice: Json, amount: int, number: str, **fields: Any) -> Json:
    """An issued credit note of one custom line; fields: type, reason, memo, refunds, the payment amounts."""
    return {
        "id": identity,
        "object": "credit_note",
        "amount": amount,
        "amount_shipping": 0,
        "created": created,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": created,
        "invoice": invoice["id"],
        "lines": listed([_line(f"cnli_{identity[3:]}", amount)], f"/v1/credit_notes/{identity}/lines"),
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": number,
        "out_of_band_amount": None,
        "pdf": f"https://pay.stripe.com/credit_notes/{identity}/pdf",
        "post_payment_amount": 0,
        "pre_payment_amount": 0,
        "pretax_credit_amounts": [],
        "reason": None,
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "total_taxes": [],
        "type": "pre_payment",
        "voided_at": None,
        **fields,
    }


def _line(identity: str, amount: int) -> Json:
    return {
        "id": identity,
        "object": "credit_note_line_item",
        "amount": amount,
        "description": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "custom_line_item",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def credited(note_id: str, place: int, asked: Json) -> Json:
    """A line of a credit note: {"amount", "description", "quantity", "invoice_line_item"}."""
    name = asked.get("invoice_line_item")
    named = {"type": "invoice_line_item", "invoice_line_item": name} if name else {}
    base = _line(f"cnli_{note_id[3:]}{place or ''}", asked["amount"])
    quantity = asked.get("quantity", 1)
    unit = asked["amount"] // quantity if asked["amount"] % quantity == 0 else None
    return {
        **base,
        **named,
        "description": asked.get("description"),
        "quantity": quantity,
        "unit_amount": unit,
        "unit_amount_decimal": None if unit is None else str(unit),
    }


def refund(identity: str, created: int, charge: Json, amount: int, reason: str | None) -> Json:
    """A refund of a card charge that succeeded."""
    return {
        "id": identity,
        "object": "refund",
        "amount": amount,
        "balance_transaction": f"txn_{identity[3:]}",
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }

"""Commands about a customer: billing details, and a link by which they change their card."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from data.action_settings import ADDRESS as ADDRESS_OF_MAIL
from data.actions import Step
from data.gateway import Gateway

Json = dict[str, Any]

ADDRESS = ("line1", "line2", "postal_code", "city", "state", "country")
LABELS = {
    "name": "Name",
    "email": "Billing e-mail",
    "phone": "Phone",
    "line1": "Street",
    "line2": "Street, second line",
    "postal_code": "Postal code",
    "city": "City",
    "state": "State",
    "country": "Country",
    "language": "Language of invoices",
    "footer": "Invoice footer",
    "po_number": "PO number on invoices",
    "tax_exempt": "Tax",
}
PO = "PO number"
"""The name of the invoice field that carries a purchase order's number."""
PO_LETTERS = 140


@dataclass(frozen=True)
class EditBillingDetails:
    """Set billing details: (field, value) pairs of LABELS; an empty value takes it out."""

    customer_id: str
    fields: tuple[tuple[str, str], ...]

    @property
    def subject(self) -> str:
        """The customer."""
        return self.customer_id


def _read(gateway: Gateway, command: Any) -> Json:
    return gateway.get(f"/v1/customers/{command.customer_id}")


def details(obj: Json) -> dict[str, str]:
    """A customer's billing details by the names of LABELS; empty where there is none."""
    address = obj.get("address") or {}
    settings = obj.get("invoice_settings") or {}
    custom = {each["name"]: each["value"] for each in settings.get("custom_fields") or ()}
    found = {
        **{name: obj.get(name) for name in ("name", "email", "phone")},
        **{name: address.get(name) for name in ADDRESS},
        "language": (obj.get("preferred_locales") or [""])[0],
        "footer": settings.get("footer"),
        "po_number": custom.get(PO),
        "tax_exempt": obj.get("tax_exempt"),
    }
    return {name: found[name] or "" for name in LABELS}


def _guard(command: EditBillingDetails, obj: Json) -> str | None:
    if obj.get("deleted"):
        return "This customer is deleted at Stripe."
    wanted = dict(command.fields)
    if wanted.get("email") and not re.fullmatch(ADDRESS_OF_MAIL, wanted["email"].strip()):
        return "The billing e-mail needs a name, an @ and a domain."
    if (country := wanted.get("country", "").strip()) and not re.fullmatch("[A-Za-z]{2}", country):
        return "The country is a code of two letters, such as DE."
    changed = _changed(command, obj)
    if changed.get("language") == "":
        return "The language can be another one; Stripe describes no way to take it out."
    if len(changed.get("po_number", "")) > PO_LETTERS:
        return f"Stripe takes PO numbers of {PO_LETTERS} letters at most."
    return None if changed else "Nothing is different from what it is now."


def _changed(command: EditBillingDetails, obj: Json) -> dict[str, str]:
    before = details(obj)
    wanted = {name: value.strip() for name, value in command.fields}
    if "country" in wanted:
        wanted["country"] = wanted["country"].upper()
    return {name: value for name, value in wanted.items() if value != before[name]}


def _preview(command: EditBillingDetails, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    before, changed = details(obj), _changed(command, obj)
    rows = tuple((LABELS[name], before[name] or "–", changed[name] or "–") for name in changed)
    mails: tuple[str, ...] = ()
    if "email" in changed:
        to = changed["email"] or "nobody"
        mails = (
            f"From now on invoices and receipts go to {to}, no longer to {before['email'] or 'nobody'}.",
        )
    warnings: tuple[str, ...] = ()
    if {"country", "postal_code", "tax_exempt"} & set(changed):
        warnings = ("Taxes on later invoices may change with it.",)
    return Preview(rows, details(obj), at, mails=mails, warnings=warnings)


def _params(command: EditBillingDetails, obj: Json) -> Json:
    changed = _changed(command, obj)
    after = details(obj) | changed
    params: Json = {
        name: changed[name] for name in ("name", "email", "phone", "tax_exempt") if name in changed
    }
    if set(ADDRESS) & set(changed):
        params["address"] = {name: after[name] for name in ADDRESS}
    if "language" in changed:
        params["preferred_locales"] = [after["language"]]
    settings: Json = {"footer": after["footer"]} if "footer" in changed else {}
    if "po_number" in changed:
        settings["custom_fields"] = _custom(obj, after["po_number"])
    return params | ({"invoice_settings": settings} if settings else {})


def _custom(obj: Json, number: str) -> list[Json] | str:
    """The invoice fields with the purchase order's number in its place; others stay."""
    known = (obj.get("invoice_settings") or {}).get("custom_fields") or []
    others = [{"name": each["name"], "value": each["value"]} for each in known if each["name"] != PO]
    return [*others, *([{"name": PO, "value": number}] if number else [])] or ""


def _steps(command: EditBillingDetails, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", f"/v1/customers/{command.customer_id}", _params(command, obj))]


HANDLERS: dict[type, Handler[Any]] = {
    EditBillingDetails: Handler(
        "Edit billing details",
        "change billing details",
        _read,
        details,
        _guard,
        _preview,
        _steps,
        lambda command, obj: not _changed(command, obj),
    ),
}
"""What each command needs and does."""


def card_link(gateway: Gateway, customer_id: str, key: str, return_url: str | None = None) -> str:
    """A short-lived address at which the customer enters another card. Raises GatewayError."""
    params: Json = {"customer": customer_id, "flow_data": {"type": "payment_method_update"}}
    if return_url:
        params["return_url"] = return_url
    return str(gateway.write("post", "/v1/billing_portal/sessions", params, key).object["url"])


LINK_SUBJECT = "Your payment details"
LINK_TEXT = """Hello,

with this link you can enter another card for what you have from us:

{link}

It leads to Stripe, who handles our payments, and is valid for a short time. We never ask for a card's number
by e-mail or on the phone.
"""


def checkout_link(gateway: Gateway, customer_id: str, key: str, return_url: str, currency: str) -> str:
    """An address of Stripe's Checkout at which the customer leaves a card. Raises GatewayError.

    The card is theirs from then on, and charged once it is chosen (UseCard). currency is that of customers
    who have none of their own yet.
    """
    own = gateway.get(f"/v1/customers/{customer_id}").get("currency")
    params: Json = {
        "mode": "setup",
        "customer": customer_id,
        "success_url": return_url,
        "currency": own or currency,
        "payment_method_types": ["card"],
    }
    return str(gateway.write("post", "/v1/checkout/sessions", params, key).object["url"])

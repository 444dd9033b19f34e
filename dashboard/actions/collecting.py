"""Commands about how a running subscription is paid: by card or by invoices, and with which card."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dashboard.actions.base import Handler, Preview
from dashboard.actions.mails import receipt, sent_invoice
from dashboard.actions.marks import everything
from dashboard.actions.of_subscription import CHANGE, OfSubscription, handler, path, unbilled, unscheduled
from data.actions import Step
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
LONGEST = 365  # days until an invoice is due


@dataclass(frozen=True)
class SetCollection(OfSubscription):
    """Charge the card, or send invoices that are due after so many days."""

    method: Literal["charge_automatically", "send_invoice"]
    days_until_due: int = 0


@dataclass(frozen=True)
class UseCard:
    """Make a card that the customer has left the one that is charged."""

    customer_id: str
    method_id: str

    @property
    def subject(self) -> str:
        """The customer."""
        return self.customer_id


def _can_set(command: SetCollection, obj: Json) -> str | None:
    if refusal := unscheduled(command, obj):
        return refusal
    if command.method == "send_invoice" and not 1 <= command.days_until_due <= LONGEST:
        return f"Invoices are due after 1 to {LONGEST} days."
    return "That is how it is collected already." if _is_set(command, obj) else None


def _is_set(command: SetCollection, obj: Json) -> bool:
    if obj["collection_method"] != command.method:
        return False
    return command.method != "send_invoice" or bool(obj["days_until_due"] == command.days_until_due)


def _in_words(method: str, days: int | None) -> str:
    return "The card is charged" if method == "charge_automatically" else f"Invoices, due after {days} days"


def _params(command: SetCollection) -> Json:
    due = {"days_until_due": command.days_until_due} if command.method == "send_invoice" else {}
    return {"collection_method": command.method, **due}


def _preview(command: SetCollection, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    before = _in_words(obj["collection_method"], obj["days_until_due"])
    charges = command.method == "charge_automatically"
    mails = (receipt if charges else sent_invoice)(obj["customer_email"])
    no_card = ("There is no card on file: the next charge fails without one.",) * _no_card(charges, obj)
    return unbilled(
        obj,
        at,
        ("Paid by", before, _in_words(command.method, command.days_until_due)),
        mails=tuple(f"From the next invoice on: {each[0].lower()}{each[1:]}" for each in mails),
        warnings=("Invoices that are open stay as they are.", *no_card),
    )


def _no_card(charges: bool, obj: Json) -> bool:
    return charges and not (obj.get("default_payment_method") or obj.get("has_card"))


def _steps(command: SetCollection, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", path(command), _params(command))]


def _read_cards(gateway: Gateway, command: UseCard) -> Json:
    """The customer with the cards that they have left."""
    customer = gateway.get(f"/v1/customers/{command.customer_id}")
    if customer.get("deleted"):
        return {**customer, "cards": []}
    cards = everything(gateway, f"/v1/customers/{command.customer_id}/payment_methods", type="card")
    return {**customer, "cards": cards}


def seen_cards(obj: Json) -> Json:
    """What must not change between a preview and its confirmation."""
    return {"card": _default(obj)}


def _default(obj: Json) -> str | None:
    return reference((obj.get("invoice_settings") or {}).get("default_payment_method"))


def _can_use(command: UseCard, obj: Json) -> str | None:
    if obj.get("deleted"):
        return "This customer is deleted at Stripe."
    if not any(each["id"] == command.method_id for each in obj["cards"]):
        return "The customer does not have this card any more."
    return "This card is charged already." if _default(obj) == command.method_id else None


def card_in_words(card: Json | None) -> str:
    """A card by its brand, last digits and end."""
    if card is None:
        return "None"
    told = card.get("card") or {}
    brand = str(told.get("brand") or "card").capitalize()
    return f"{brand} ending in {told.get('last4')}, until {told.get('exp_month')}/{told.get('exp_year')}"


def _preview_card(command: UseCard, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    cards = {each["id"]: each for each in obj["cards"]}
    before = card_in_words(cards.get(_default(obj) or ""))
    rows = (("Card that is charged", before, card_in_words(cards[command.method_id])),)
    return Preview(
        rows,
        seen_cards(obj),
        at,
        warnings=("A subscription that has a card of its own keeps it.",),
    )


def _card_steps(command: UseCard, obj: Json, at: datetime) -> list[Step]:
    params = {"invoice_settings": {"default_payment_method": command.method_id}}
    return [Step("post", f"/v1/customers/{command.customer_id}", params)]


HANDLERS: dict[type, Handler[Any]] = {
    SetCollection: handler(
        "Change how it is paid", CHANGE, guard=_can_set, preview=_preview, steps=_steps, achieved=_is_set
    ),
    UseCard: Handler(
        "Use this card",
        "change billing details",
        _read_cards,
        seen_cards,
        _can_use,
        _preview_card,
        _card_steps,
        lambda command, obj: _default(obj) == command.method_id,
    ),
}
"""What each command needs and does."""

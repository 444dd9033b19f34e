"""The commands of quotes at Stripe: written as a draft, sent, accepted, taken back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Money, Preview
from dashboard.actions.marks import everything
from dashboard.actions.objects import has_card
from dashboard.actions.quoting_params import (
    CANCEL,
    Wanting,
    coupons_missing,
    fee_products,
    made_by,
    product_id,
    products_missing,
    quote_params,
    tiered_price,
    tiered_rows,
)
from dashboard.actions.quoting_reading import prices, products, those_there
from dashboard.formatting import amount, day
from data.actions import HARMLESS, Step
from data.clock import from_epoch
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
SEND = "send quotes"
ENDED = (None, "canceled")  # what a quote revises, where there is nothing to take back
NO_CARD = "There is no card on file: once accepted, the first invoice waits for one."


@dataclass(frozen=True)
class WriteQuote(Wanting):
    """Write a quote at Stripe, as a draft that binds nobody; with it what it needs.

    wanted: the text of dashboard.quotes.offering.wanted. customer: theirs at Stripe; a prospect has none, and
    becomes one by name and e-mail.
    """

    customer: str
    quote_id: str
    version: int
    seal: str
    wanted: str
    name: str = ""
    email: str = ""

    @property
    def customer_id(self) -> str:
        """The customer; of a prospect, what keeps two people from making the same one at once."""
        return self.customer or f"new {self.email.strip().lower()}"

    @property
    def subject(self) -> str:
        """The quote, ours."""
        return self.quote_id


def _read(gateway: Gateway, command: WriteQuote) -> Json:
    """What is there already of what is wanted, the customer, and the quote where it was written."""
    plan = command.plan
    known = products(gateway, plan)
    if command.customer:
        customers = [gateway.get(f"/v1/customers/{command.customer}")]
    else:
        customers = everything(gateway, "/v1/customers", email=command.email.strip())
    return {
        "products": known,
        "prices": prices(gateway, plan, known),
        "coupons": those_there(gateway, "/v1/coupons", [each["id"] for each in plan["coupons"]]),
        "fees": those_there(gateway, "/v1/products", [each["product"] for each in plan["fees"]]),
        "customers": customers,
        "quotes": [quote for each in customers for quote in _written(gateway, command, each)],
    }


def _written(gateway: Gateway, command: WriteQuote, customer: Json) -> list[Json]:
    if customer.get("deleted"):
        return []
    mine = {"quote": command.quote_id, "version": str(command.version), "seal": command.seal}
    held = everything(gateway, "/v1/quotes", customer=customer["id"])
    return [each for each in held if each["metadata"] == mine and each["status"] != "canceled"]


def _seen(obj: Json) -> Json:
    customer = obj["customers"][0] if obj["customers"] else {}
    quote = obj["quotes"][0]["id"] if obj["quotes"] else None
    return {"quote": quote, "customer": customer.get("id"), "currency": customer.get("currency")}


def _guard(command: WriteQuote, obj: Json) -> str | None:
    if not command.customer:
        return _no_prospect(command, obj)
    customer, plan = obj["customers"][0], command.plan
    if customer.get("deleted"):
        return "This customer is deleted at Stripe."
    if (currency := customer.get("currency")) and currency != plan["currency"]:
        return f"This customer is billed in {currency.upper()}, and Stripe bills no second currency."
    return None


def _no_prospect(command: WriteQuote, obj: Json) -> str | None:
    if not command.name.strip() or not command.email.strip():
        return "Give the prospect's name and e-mail: they become a customer at Stripe."
    others = [each for each in obj["customers"] if _made_for(each) != command.quote_id]
    if others:
        return f"There is a customer with this e-mail already, {others[0]['id']}: choose them in the quote."
    return None


def _made_for(customer: Json) -> str | None:
    found = (customer.get("metadata") or {}).get("quote")
    return None if found is None else str(found)


def _preview(command: WriteQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    plan = command.plan
    expected, currency = plan["expected"], plan["currency"]
    rows = [("At Stripe", "–", "a draft, then its totals are compared")]
    rows += [
        (step.path.rpartition("/")[2].capitalize(), "–", _told(step)) for step in _steps(command, obj, at)
    ]
    warnings = (NO_CARD,) if _charges(command) and not any(map(has_card, obj["customers"])) else ()
    lines = [("First period", expected["first"] - expected["fees"])]
    lines += [(fee["name"], fee["amount"]) for fee in plan["fees"]]
    money = Money(currency, expected["first"], expected["first"], tuple(lines), now=False)
    return Preview(tuple(rows), _seen(obj), at, currency, money, warnings=warnings)


def _charges(command: WriteQuote) -> bool:
    return bool(command.plan["terms"]["collection_method"] == "charge_automatically")


def _told(step: Step) -> str:
    return str(step.params.get("name") or step.params.get("id") or step.params.get("product") or "made anew")


def _steps(command: WriteQuote, obj: Json, at: datetime) -> list[Step]:
    """What is missing, each thing before what names it; the quote last."""
    plan, known = command.plan, dict(obj["products"])
    steps = products_missing(plan, known)
    known = {key: known.get(key) or product_id(key) for key in plan["entries"]}
    steps += fee_products(plan, obj["fees"])
    steps += coupons_missing(plan, known, obj["coupons"])
    by_word: Json = dict(obj["prices"])
    for name, row in tiered_rows(plan).items():
        if name not in by_word:
            by_word[name] = made_by(len(steps))
            steps.append(tiered_price(plan, row, known))
    customer: Any = obj["customers"][0]["id"] if obj["customers"] else made_by(len(steps))
    if not obj["customers"]:
        marked = {"name": command.name.strip(), "email": command.email.strip()}
        marked["metadata"] = {"quote": command.quote_id}  # type: ignore[assignment]
        steps.append(Step("post", "/v1/customers", marked, HARMLESS))
    params = quote_params(plan, customer, known, by_word)
    return [*steps, Step("post", "/v1/quotes", params, CANCEL)]


NO_PLACE = (
    "Stripe Tax needs to know where the customer is: enter their address there, "
    "take the quote back to change it, and send it anew."
)


@dataclass(frozen=True)
class OfOffer:
    """A quote that is at Stripe; offer_id is its id there."""

    customer_id: str
    quote_id: str
    version: int
    seal: str
    offer_id: str

    @property
    def subject(self) -> str:
        """The quote, Stripe's."""
        return self.offer_id


@dataclass(frozen=True)
class SendQuote(OfOffer):
    """Finalize it, so that the customer can accept: only where Stripe's totals are ours, minor units.

    first: of the first invoice; fees: of it, what is billed once; again: each period at last. What it revises
    is taken back right after, in the same action: until both are done the customer knows of the earlier one
    alone, and what was cut short between them is finished by resuming.
    """

    first: int
    again: int
    fees: int
    later: bool = False  # it begins on a day to come, so that only the fees are due at once
    revises: str = ""  # Stripe's id of the open quote in whose place it comes


@dataclass(frozen=True)
class AcceptQuote(OfOffer):
    """The customer accepted: by whom it was signed, and when ("YYYY-MM-DD")."""

    signatory: str
    signed_on: str


@dataclass(frozen=True)
class CancelQuote(OfOffer):
    """Take it back at Stripe; to_state: what our own quote is then, "" where it was never sent."""

    to_state: str = ""


def _offer(gateway: Gateway, command: OfOffer) -> Json:
    return gateway.get(f"/v1/quotes/{command.offer_id}")


def _to_send(gateway: Gateway, command: SendQuote) -> Json:
    """The draft, with the status of what it revises."""
    if not command.revises:
        return _offer(gateway, command)
    return {**_offer(gateway, command), "revised": gateway.get(f"/v1/quotes/{command.revises}")["status"]}


def _to_send_seen(obj: Json) -> Json:
    return _offer_seen(obj) | ({"revised": obj["revised"]} if "revised" in obj else {})


def _offer_seen(obj: Json) -> Json:
    names = ("subscription", "subscription_schedule", "invoice")
    moments = obj.get("status_transitions") or {}
    found = {name: reference(obj.get(name)) for name in names}
    return {
        "status": obj["status"],
        "total": obj["amount_total"],
        "expires_at": obj.get("expires_at"),
        "accepted_at": moments.get("accepted_at"),
        "customer": reference(obj.get("customer")),
        **found,
    }


def differences(obj: Json, command: SendQuote) -> list[str]:
    """Where Stripe's totals, before taxes, are not ours: a sentence each."""
    upfront, again = obj["computed"]["upfront"], obj["computed"].get("recurring")
    pairs = (
        ("all of the first period", _untaxed(obj), command.first),
        ("what is due at once", _untaxed(upfront), command.fees if command.later else command.first),
        ("each period without the discounts that end", _untaxed(again) if again else 0, command.again),
    )
    code = obj["currency"]
    return [
        f"Stripe comes to {amount(theirs, code)} for {what}, the quote to {amount(ours, code)}."
        for what, theirs, ours in pairs
        if theirs != ours
    ]


def _untaxed(sums: Json) -> int:
    return int(sums["amount_total"]) - int((sums.get("total_details") or {}).get("amount_tax") or 0)


def _may_send(command: SendQuote, obj: Json) -> str | None:
    if obj["status"] != "draft":
        return f"At Stripe this quote is {obj['status']}, not a draft."
    if obj.get("revised") == "accepted":
        return "The customer has accepted the quote that this one revises: it is noted at the next sync."
    if (obj.get("automatic_tax") or {}).get("status") == "requires_location_inputs":
        return NO_PLACE
    return " ".join(differences(obj, command)) or None


def _may_accept(command: AcceptQuote, obj: Json) -> str | None:
    if not command.signatory.strip():
        return "Say who accepted it: their name."
    return {
        "open": None,
        "draft": "It was not sent yet.",
        "accepted": "The customer has accepted it at Stripe already: it is noted at the next sync.",
    }.get(obj["status"], "It has expired or was withdrawn at Stripe: revise it and send it again.")


def _may_cancel(command: CancelQuote, obj: Json) -> str | None:
    if obj["status"] == "accepted":
        return "The customer has accepted it: it cannot be taken back, only its subscription changed."
    return "It is canceled at Stripe already." if obj["status"] == "canceled" else None


def _moved(command: OfOffer, obj: Json, to: str, told: str, money: Money | None, at: datetime) -> Preview:
    rows = (
        ("At Stripe", str(obj["status"]), to),
        ("Quote", "–", f"{obj.get('number') or obj['id']}, {told}"),
    )
    return Preview(rows, _offer_seen(obj), at, obj["currency"], money)


def _sending(command: SendQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    found = _moved(command, obj, "open", "which the customer can accept", None, at)
    if obj.get("revised") not in ENDED:
        found = replace(found, rows=(*found.rows, ("What it revises", obj["revised"], "canceled")))
    return replace(found, seen=_to_send_seen(obj))


def _accepting(command: AcceptQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    late = _late(obj, at)
    first = obj["amount_total"] if late else obj["computed"]["upfront"]["amount_total"]
    money = Money(obj["currency"], first, first, (("First invoice", first),), now=True, at=at)
    told = f"signed by {command.signatory} on {command.signed_on}"
    return replace(_moved(command, obj, "accepted", told, money, at), warnings=(late,) if late else ())


def _late(obj: Json, at: datetime) -> str:
    """What it means that the day on which it was to begin is past; else "".

    Stripe does not look at such a day any more (API description, quote's `effective_date`).
    """
    planned = from_epoch((obj.get("subscription_data") or {}).get("effective_date"))
    if planned is None or planned > at:
        return ""
    return (
        f"It was to begin on {day(planned)}, which is past: Stripe begins it now and bills the first period "
        "at once, and the term runs from now on. Where that is not what was agreed, revise the quote."
    )


def _cancelling(command: CancelQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    return _moved(command, obj, "canceled", "which nobody can accept any more", None, at)


def _send_steps(command: SendQuote, obj: Json, at: datetime) -> list[Step]:
    path = f"/v1/quotes/{command.offer_id}"
    finalize = Step("post", f"{path}/finalize", {}, f"{path}/cancel" if command.revises else None)
    if obj.get("revised") in ENDED:
        return [finalize]
    return [finalize, Step("post", f"/v1/quotes/{command.revises}/cancel", {})]


def _is_sent(command: SendQuote, obj: Json) -> bool:
    return obj["status"] in ("open", "accepted") and obj.get("revised") in ENDED


def _step(verb: str) -> Callable[[OfOffer, Json, datetime], list[Step]]:
    def steps(command: OfOffer, obj: Json, at: datetime) -> list[Step]:
        return [Step("post", f"/v1/quotes/{command.offer_id}/{verb}", {})]

    return steps


def _is(*states: str) -> Callable[[OfOffer, Json], bool]:
    def achieved(command: OfOffer, obj: Json) -> bool:
        return obj["status"] in states

    return achieved


def _is_written(command: WriteQuote, obj: Json) -> bool:
    return bool(obj["quotes"])


HANDLERS: dict[type, Handler[Any]] = {
    WriteQuote: Handler(
        "Write quote at Stripe",
        SEND,
        _read,
        _seen,
        _guard,
        _preview,
        _steps,
        _is_written,
        own=frozenset({"customer", "currency"}),
    ),
    SendQuote: Handler(
        "Send quote",
        SEND,
        _to_send,
        _to_send_seen,
        _may_send,
        _sending,
        _send_steps,
        _is_sent,
        own=frozenset({"status", "expires_at"}),
    ),
    AcceptQuote: Handler(
        "Accept quote",
        SEND,
        _offer,
        _offer_seen,
        _may_accept,
        _accepting,
        _step("accept"),
        _is("accepted"),
    ),
    CancelQuote: Handler(
        "Withdraw quote",
        SEND,
        _offer,
        _offer_seen,
        _may_cancel,
        _cancelling,
        _step("cancel"),
        _is("canceled"),
    ),
}
"""What each command needs and does."""

"""The commands of a quote that is at Stripe: sent, accepted, taken back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Money, Preview
from dashboard.formatting import amount, day
from data.actions import Step
from data.clock import from_epoch
from data.gateway import Gateway
from data.records.fields import reference

Json = dict[str, Any]
SEND = "send quotes"
ENDED = (None, "canceled")  # what a quote revises, where there is nothing to take back
ACCEPTED = "The customer has accepted the quote that this one revises: it is noted at the next sync."
NO_PLACE = "Stripe Tax needs to know where the customer is: enter their address there, then compare again."


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
class ReplaceQuote(OfOffer):
    """Send what adds to a running subscription in the place of an open quote, which is taken back at Stripe.

    offer_id is ours, since Stripe has no quote of an addition; revises: Stripe's id of the other.
    """

    revises: str


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


def is_placeless(obj: Json) -> bool:
    """Whether Stripe Tax did not know where the customer is; it looks when a quote is written."""
    return (obj.get("automatic_tax") or {}).get("status") == "requires_location_inputs"


def _untaxed(sums: Json) -> int:
    return int(sums["amount_total"]) - int((sums.get("total_details") or {}).get("amount_tax") or 0)


def _may_send(command: SendQuote, obj: Json) -> str | None:
    if obj["status"] != "draft":
        return f"At Stripe this quote is {obj['status']}, not a draft."
    if obj.get("revised") == "accepted":
        return ACCEPTED
    if is_placeless(obj):
        return NO_PLACE
    return " ".join(differences(obj, command)) or None


def _revised(gateway: Gateway, command: ReplaceQuote) -> Json:
    return gateway.get(f"/v1/quotes/{command.revises}")


def _status(obj: Json) -> Json:
    return {"status": obj["status"]}


def _may_replace(command: ReplaceQuote, obj: Json) -> str | None:
    return {
        "open": None,
        "accepted": ACCEPTED,
    }.get(obj["status"], "The quote that this one revises has ended at Stripe: send it after the next sync.")


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
    late = _past(obj, at)
    first = obj["amount_total"] if late else obj["computed"]["upfront"]["amount_total"]
    money = Money(obj["currency"], first, first, (("First invoice", first),), now=True, at=at)
    told = f"signed by {command.signatory} on {command.signed_on}"
    warnings = (_late(late),) if late and late.date() < at.date() else ()
    return replace(_moved(command, obj, "accepted", told, money, at), warnings=warnings)


def _past(obj: Json, at: datetime) -> datetime | None:
    """When it was to begin, where that is past: Stripe begins it now (API, quote's `effective_date`)."""
    planned = from_epoch((obj.get("subscription_data") or {}).get("effective_date"))
    return planned if planned is not None and planned <= at else None


def _late(planned: datetime) -> str:
    """What it means that the day on which it was to begin is over."""
    return (
        f"It was to begin on {day(planned)}, which is past: Stripe begins it now and bills the first period "
        "at once, and the term runs from now on. Where that is not what was agreed, revise the quote."
    )


def _cancelling(command: CancelQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    return _moved(command, obj, "canceled", "which nobody can accept any more", None, at)


def _replacing(command: ReplaceQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    found = _moved(command, obj, "canceled", "in whose place the addition is sent", None, at)
    return replace(found, seen=_status(obj))


def _replace_steps(command: ReplaceQuote, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", f"/v1/quotes/{command.revises}/cancel", {})]


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


HANDLERS: dict[type, Handler[Any]] = {
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
    ReplaceQuote: Handler(
        "Send addition for quote",
        SEND,
        _revised,
        _status,
        _may_replace,
        _replacing,
        _replace_steps,
        _is("canceled"),
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

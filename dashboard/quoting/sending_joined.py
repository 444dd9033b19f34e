"""Sending and accepting quotes that add to a running subscription: of these Stripe has no quote."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from dashboard import access, desk
from dashboard.actions import opening, running
from dashboard.actions.base import ActionError, Preview
from dashboard.actions.quoting import ReplaceQuote
from dashboard.actions.quoting_joining import JoinSubscription
from dashboard.actions.quoting_preparing import PrepareJoining, missing
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import Priced
from dashboard.quotes.sealing import figures, seal
from dashboard.quoting import desk as quote_desk
from data import clock
from data.clock import from_epoch
from data.config import settings
from data.quotes import joining as quote_joining
from data.quotes.drafts import Draft, NotChangedError
from data.quotes.joining import Addition
from data.quotes.offers import Document, Offer
from data.quotes.states import APPROVED, SENT, Move

Json = dict[str, Any]
NOBODY = "Not signed yet"
OPEN = timedelta(30)  # where a quote says nothing of it, as at Stripe
PREPARED = "To compare the totals before the quote is sent"


def _url() -> str:
    return settings().database_url.get_secret_value()


def is_addition(offer: Offer) -> bool:
    """Whether what was sent adds to a running subscription."""
    return "joins" in offer.wanted


def origin(draft: Draft, sealed: str) -> dict[str, Any]:
    """How what is sent names the quote that it comes from."""
    return {
        "quote": draft.id,
        "version": draft.version,
        "seal": sealed,
        "owner": draft.created_by,
        "name": draft.name,
    }


def prepare(draft: Draft, found: Priced) -> tuple[Addition, Preview]:
    """Compare what Stripe would bill for the change with the quote; what it needs there is made first.

    Raises ActionError, also where Stripe comes to something else.
    """
    sealed, customer = seal(draft.fields, found), str(draft.fields.get("customer_id") or "")
    plan = wanted(origin(draft, sealed), draft.fields, found, quote_desk.sold(), clock.now().date())
    told = (customer, draft.id, draft.version, sealed, json.dumps(plan))
    with opening.gateway(settings()) as gateway:
        _prepared(gateway, PrepareJoining(*told))
        name = quote_joining.offer_id(draft.id, draft.version)
        look = JoinSubscription(*told, name, NOBODY, clock.now().date().isoformat())
        shown = running.preview(gateway, desk.actor(), look)
    plan["joins"]["items"] = shown.seen["items"]
    ends = from_epoch(plan["terms"]["expires_at"]) or clock.now() + OPEN
    return Addition(customer, plan, ends), shown


def _prepared(gateway: Any, command: PrepareJoining) -> None:
    if missing(gateway, command):
        shown = running.preview(gateway, desk.actor(), command)
        running.execute(_url(), gateway, desk.actor(), command, shown, PREPARED)


def send(
    draft: Draft, found: Priced, addition: Addition, paper: Document, reason: str, revises: Offer | None
) -> None:
    """Note that the customer has it, with the paper; revises: the quote at Stripe in whose place it comes.

    Raises ActionError where it was changed meanwhile.
    """
    if addition.wanted["seal"] != seal(draft.fields, found):
        raise ActionError("This quote was changed since it was compared: look at it as it is now.")
    sealed = addition.wanted["seal"]
    made = _move(draft.id, draft.version, APPROVED, SENT, reason, sealed, asdict(figures(found)))
    try:
        if revises is None:
            quote_joining.send(_url(), made, addition, paper)
            return
        name = quote_joining.hold(_url(), made, addition, paper)
    except NotChangedError as error:
        raise ActionError(str(error)) from error
    command = ReplaceQuote(addition.customer_id, draft.id, draft.version, sealed, name, revises.id)
    with opening.gateway(settings()) as gateway:
        shown = running.preview(gateway, desk.actor(), command)
        running.execute(_url(), gateway, desk.actor(), command, shown, reason)


def end(offer: Offer, to_state: str, reason: str) -> None:
    """It cannot be accepted any more. Raises ActionError."""
    made = _move(offer.quote_id, offer.version, SENT, to_state, reason, offer.seal)
    try:
        quote_joining.end(_url(), offer.id, made)
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def _move(quote_id: str, version: int, origin: str, to: str, reason: str, sealed: str, *known: Json) -> Move:
    by = (clock.now(), access.person(), access.role())
    return Move(quote_id, origin, to, version, *by, reason, sealed, *known)


def acceptance(offer: Offer, signatory: str, signed_on: date) -> JoinSubscription:
    """The command that notes a customer's yes, and does what was agreed."""
    return JoinSubscription(
        str(offer.customer_id),
        offer.quote_id,
        offer.version,
        offer.seal,
        json.dumps(offer.wanted),
        offer.id,
        signatory.strip(),
        signed_on.isoformat(),
    )

"""Where quotes are sent from, and taken back: the commands in their order."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from dashboard import access, cache, desk
from dashboard.actions import opening, quoting_stages, running
from dashboard.actions.base import ActionError, Command, Preview
from dashboard.actions.quoting import CancelQuote, SendQuote, differences, is_placeless
from dashboard.actions.quoting_writing import WriteQuote
from dashboard.cache import Snapshot
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import Priced, price
from dashboard.quotes.sealing import seal
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import sending_joined as quote_sending_joined
from dashboard.quoting.linking import mail
from dashboard.quoting.papers import keep, may_send, require_address, whole_paper
from dashboard.quoting.sending_joined import is_addition, origin
from data import clock
from data.config import settings
from data.quotes import drafts as quotes
from data.quotes import offers as quote_offers
from data.quotes.drafts import Draft
from data.quotes.joining import Addition
from data.quotes.offers import TAKEN, Document, Offer
from data.quotes.states import APPROVED, SENT

Json = dict[str, Any]


def _url() -> str:
    return settings().database_url.get_secret_value()


def offers(quote_id: str) -> Sequence[Offer]:
    """What was written of a quote at Stripe, the newest first. Raises NotChangedError."""
    return quote_offers.offers(cache.stored(), quote_id)


def last_days(quote_ids: Sequence[str]) -> dict[str, date]:
    """The last day to accept each of some quotes that can be accepted and end. Raises NotChangedError."""
    return quote_offers.last_days(cache.stored(), quote_ids)


def prepare(draft: Draft, found: Priced) -> tuple[SendQuote | Addition, Preview]:
    """Write an approved quote at Stripe as a draft, unless it is there, and compare the totals.

    Raises ActionError, also where Stripe comes to something else: then the draft is taken back.
    """
    require_unchanged(draft)
    revised = _revised(draft)
    revises = revised.id if revised and not is_addition(revised) else ""
    if found.quote.joins is not None:
        return quote_sending_joined.prepare(draft, found)
    if broken := quote_desk.reading(draft.fields).broken:
        raise ActionError(f"It cannot be sent as it is. {broken[0].told}")
    with opening.gateway(settings()) as gateway:
        sealed = seal(draft.fields, found)
        mine = _standing(gateway, draft.id, sealed)
        if mine is None:
            _do(gateway, _written(draft, found, sealed), "To compare the totals before it is sent")
            mine = offers(draft.id)[0]
        waits, later = bool(_starts(mine)), list[str]()
        command = SendQuote(**named(mine), **mine.wanted["expected"], later=waits, revises=revises)
        try:
            shown = running.preview(gateway, desk.actor(), command)
            if later := list(quoting_stages.differences(gateway, str(mine.customer_id), mine.wanted)):
                raise ActionError(" ".join(later))
            return command, shown
        except ActionError:
            now = gateway.get(f"/v1/quotes/{mine.id}")
            if now["status"] == "draft" and (later or is_placeless(now) or differences(now, command)):
                _do(gateway, CancelQuote(**named(mine)), "It cannot be sent as Stripe has it")
            raise


def _standing(gateway: Any, quote_id: str, sealed: str) -> Offer | None:
    """The draft at Stripe of what is approved; that of an earlier version is taken back."""
    for each in offers(quote_id):
        if each.state != "written":
            continue
        held = is_addition(each)  # for an action that was cut short, before it was changed
        if held or gateway.get(f"/v1/quotes/{each.id}")["status"] == "canceled":
            quote_offers.gone(_url(), each.id)
        elif each.seal == sealed:
            return each
        else:
            _do(gateway, CancelQuote(**named(each)), "It was changed before it was sent")
    return None


def _revised(draft: Draft) -> Offer | None:
    """The open offer in whose place it comes. Raises ActionError."""
    earlier = offers(draft.revises) if draft.revises else ()
    if any(each.state == "accepted" for each in earlier):
        raise ActionError(TAKEN)
    found = next((each for each in earlier if each.state == "open"), None)
    customer = str(draft.fields.get("customer_id") or "") or _became(draft)
    adds = is_addition(found) or bool(draft.fields.get("of.subscription")) if found else False
    if found is not None and adds and found.customer_id != customer:
        raise ActionError("What it revises was offered to another customer: clone it, and withdraw that one.")
    return found


def _starts(offer: Offer) -> int | None:
    found: int | None = offer.wanted["terms"]["starts_at"]
    return found


def _written(draft: Draft, found: Priced, sealed: str) -> WriteQuote:
    of = origin(draft, sealed)
    of |= {"tax": list(settings().quote_tax)} if settings().quote_tax else {}
    plan = wanted(of, draft.fields, found, quote_desk.sold(), clock.now().date())
    told = draft.fields
    return WriteQuote(
        str(told.get("customer_id") or "") or _became(draft),
        draft.id,
        draft.version,
        sealed,
        json.dumps(plan),
        str(told.get("prospect") or ""),
        str(told.get("prospect_email") or ""),
    )


def _became(draft: Draft) -> str:
    """The customer that the prospect became when the quote was sent that this one revises; else ""."""
    earlier = quotes.latest(_url(), draft.revises) if draft.revises else None
    if earlier is None or _prospect(earlier) != _prospect(draft):
        return ""
    return next((each.customer_id for each in offers(earlier.id) if each.customer_id), "")


def _prospect(draft: Draft) -> str:
    return str(draft.fields.get("prospect_email") or "").strip().casefold()


def named(offer: Offer) -> Json:
    """What every command about a quote at Stripe names it by."""
    return {
        "customer_id": str(offer.customer_id),
        "quote_id": offer.quote_id,
        "version": offer.version,
        "seal": offer.seal,
        "offer_id": offer.id,
    }


def _do(gateway: Any, command: Command, reason: str) -> None:
    shown = running.preview(gateway, desk.actor(), command)
    running.execute(_url(), gateway, desk.actor(), command, shown, reason)


def send(snapshot: Snapshot, draft: Draft, command: SendQuote | Addition, shown: Preview, to: str) -> str:
    """Finalize what was compared and mail it, where an address is given; says what was not done.

    The quote that it revises is taken back with it, so that never two can be accepted. Raises ActionError.
    """
    require_unchanged(draft)
    if to:
        require_address(to)
    found = _priced(draft)
    if isinstance(command, SendQuote) and seal(draft.fields, found) != command.seal:
        raise ActionError("The price list has changed since it was approved: have it approved anew.")
    content = whole_paper(snapshot, draft, found, shown.seen.get("expires_at"))
    kept = Document(f"Order form {draft.name}.pdf", "order_form", content, clock.now(), access.person())
    told = f"Sent to {to}" if to else "Sent"
    if isinstance(command, Addition):
        revised = _revised(draft)
        at_stripe = revised if revised and not is_addition(revised) else None
        quote_sending_joined.send(draft, found, command, kept, told, at_stripe)
    else:
        with opening.gateway(settings()) as gateway:
            keep(command.offer_id, kept)
            running.execute(_url(), gateway, desk.actor(), command, shown, told)
    desk.read_again()
    try:
        return mail(draft, offers(draft.id)[0], to) if to else ""
    except ActionError as error:
        return str(error)


def _priced(draft: Draft) -> Priced:
    quote = quote_desk.reading(draft.fields).quote
    if quote is None:
        raise ActionError("The quote cannot be worked out at the price list of today.")
    return price(quote, quote_desk.sold())


def end(draft: Draft, offer: Offer, to_state: str, reason: str) -> None:
    """Take a sent quote back, or note the customer's no. Raises ActionError."""
    require_unchanged(draft)
    if not reason.strip():
        raise ActionError("Say why: the reason is kept with the quote.")
    if is_addition(offer):
        quote_sending_joined.end(offer, to_state, reason.strip())
    else:
        with opening.gateway(settings()) as gateway:
            _do(gateway, CancelQuote(**named(offer), to_state=to_state), reason)
    desk.read_again()


def require_unchanged(draft: Draft) -> None:
    """Only what is still as it was looked at, and only who may. Raises ActionError."""
    may_send()
    now = quotes.latest(_url(), draft.id)
    if now is None or (now.version, now.state) != (draft.version, draft.state):
        raise ActionError("This quote was changed meanwhile: look at it as it is now.")
    if now.state not in (APPROVED, SENT):
        raise ActionError("Only a quote that is approved can be sent, and only one that is sent accepted.")

"""Where quotes are sent and accepted from: the commands in their order, the papers, the mail."""

import json
import re
import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from dashboard import access, cache, desk, formatting, quote_desk, quote_sending_joined
from dashboard.actions import opening, quoting_completing, running
from dashboard.actions.base import ActionError, Command, Preview
from dashboard.actions.quoting import (
    AcceptQuote,
    CancelQuote,
    OfOffer,
    SendQuote,
    WriteQuote,
    differences,
)
from dashboard.cache import Snapshot
from dashboard.quote_sending_joined import Addition, JoinSubscription, is_addition
from dashboard.quotes import order_form
from dashboard.quotes.offering import wanted
from dashboard.quotes.pricing import Priced, price
from dashboard.quotes.sealing import seal
from data import actions, clock, mail, quote_offers, quote_states, quotes
from data.action_settings import ADDRESS
from data.audit import Entry
from data.clock import from_epoch
from data.config import Settings, settings
from data.mail import Attachment
from data.quote_offers import Document, Offer
from data.quote_states import APPROVED, SENT, SUPERSEDED
from data.quotes import Draft, NotChangedError

__all__ = ["AcceptQuote", "ActionError", "JoinSubscription", "Offer", "Preview", "is_addition"]

Json = dict[str, Any]
Change = Callable[[], str]
"""Does something, and says what is left to do."""
SEND = "send quotes"
LARGEST = 10 * 2**20  # bytes of a signed document
EVERY = 15.0  # seconds between two looks at what customers did
SUBJECT = "Your order form from {seller}"
TEXT = """Hello,

attached are our order form {number} and the quote behind it: {total} over {term} months.

To accept, sign the order form and send it back{address}.

{owner}
{seller}
"""


ADDED = """Hello,

attached is our order form {number}.
It adds to your subscription, for {total}
until the renewal and in the months that are agreed from it.

To accept, sign the order form and send it back{address}.

{owner}
{seller}
"""


def _url() -> str:
    return settings().database_url.get_secret_value()


def offers(quote_id: str) -> Sequence[Offer]:
    """What was written of a quote at Stripe, the newest first. Raises NotChangedError."""
    return quote_offers.offers(cache.stored(), quote_id)


def documents(offer: Offer) -> Sequence[Document]:
    """The papers of what was sent. Raises NotChangedError."""
    return quote_offers.documents(cache.stored(), offer.id)


def paper(snapshot: Snapshot, draft: Draft, found: Priced, expires_at: int | None = None) -> bytes:
    """The order form of a quote as it is; expires_at: when it does at Stripe, epoch seconds."""
    known, told = settings(), draft.fields
    address = tuple(part.strip() for part in known.seller_address.split(",") if part.strip())
    seller = order_form.Party(
        known.seller_name, (*address, known.seller_email) if known.seller_email else address
    )
    ends = from_epoch(expires_at - 1) if expires_at else None
    by = order_form.Paper(
        draft.id,
        draft.version,
        seal(draft.fields, found),
        seller,
        _customer(snapshot, told),
        draft.created_by,
        clock.now().date(),
        known.order_terms,
        ends.date() if ends else None,
    )
    return order_form.pdf(by, told, found, quote_desk.sold())


def _customer(snapshot: Snapshot, told: Any) -> order_form.Party:
    customer = str(told.get("customer_id") or "")
    if not customer:
        return order_form.party(str(told.get("prospect") or ""), {"email": told.get("prospect_email")})
    rows = snapshot.frame("customer_profile", customer).to_dict("records")
    known = {str(name): value for name, value in (rows[0] if rows else {}).items() if isinstance(value, str)}
    return order_form.party(known.get("name") or customer, known)


def prepare(draft: Draft, found: Priced) -> tuple[SendQuote | Addition, Preview]:
    """Write an approved quote at Stripe as a draft, unless it is there, and compare the totals.

    Raises ActionError, also where Stripe comes to something else: then the draft is taken back.
    """
    _own(draft)
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
        command = SendQuote(**_of(mine), **mine.wanted["expected"], later=bool(_starts(mine)))
        try:
            return command, running.preview(gateway, desk.actor(), command)
        except ActionError:
            now = gateway.get(f"/v1/quotes/{mine.id}")
            if now["status"] == "draft" and differences(now, command):
                _do(gateway, CancelQuote(**_of(mine)), "Stripe's totals are not those of the quote")
            raise


def _standing(gateway: Any, quote_id: str, sealed: str) -> Offer | None:
    """The draft at Stripe of what is approved; that of an earlier version is taken back."""
    for each in offers(quote_id):
        if each.state != "written":
            continue
        if gateway.get(f"/v1/quotes/{each.id}")["status"] == "canceled":
            quote_offers.gone(_url(), each.id)
        elif each.seal == sealed:
            return each
        else:
            _do(gateway, CancelQuote(**_of(each)), "It was changed before it was sent")
    return None


def _starts(offer: Offer) -> int | None:
    found: int | None = offer.wanted["terms"]["starts_at"]
    return found


def _written(draft: Draft, found: Priced, sealed: str) -> WriteQuote:
    of = {"quote": draft.id, "version": draft.version, "seal": sealed, "owner": draft.created_by}
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


def _of(offer: Offer) -> Json:
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

    The quote that it revises is taken back first, so that never two can be accepted. Raises ActionError.
    """
    _own(draft)
    if to and not re.fullmatch(ADDRESS, to):
        raise ActionError("The address needs a name, an @ and a domain.")
    found = _priced(draft)
    if isinstance(command, SendQuote) and seal(draft.fields, found) != command.seal:
        raise ActionError("The price list has changed since it was approved: have it approved anew.")
    content = paper(snapshot, draft, found, shown.seen.get("expires_at"))
    kept = Document(f"Order form {draft.id}.pdf", "order_form", content, clock.now(), access.person())
    told = f"Sent to {to}" if to else "Sent"
    with opening.gateway(settings()) as gateway:
        _supersede(gateway, draft, by_ours=isinstance(command, Addition))
        if isinstance(command, Addition):
            quote_sending_joined.send(draft, found, command, kept, told)
        else:
            _kept(command.offer_id, kept)
            running.execute(_url(), gateway, desk.actor(), command, shown, told)
    desk.read_again()
    try:
        return mail_it(draft, offers(draft.id)[0], to) if to else ""
    except ActionError as error:
        return str(error)


def _supersede(gateway: Any, draft: Draft, *, by_ours: bool) -> None:
    """Take back what it revises; where neither is at Stripe that is done as the new one is sent."""
    for earlier in offers(draft.revises) if draft.revises else ():
        if earlier.state != "open":
            continue
        if not is_addition(earlier):
            _do(gateway, CancelQuote(**_of(earlier), to_state=SUPERSEDED), f"Revised by {draft.id}")
        elif not by_ours:
            quote_sending_joined.end(earlier, SUPERSEDED, f"Revised by {draft.id}")


def _priced(draft: Draft) -> Priced:
    quote = quote_desk.reading(draft.fields).quote
    if quote is None:
        raise ActionError("The quote cannot be worked out at the price list of today.")
    return price(quote, quote_desk.sold())


def mail_it(draft: Draft, offer: Offer, to: str) -> str:
    """Mail the order form and Stripe's document; noted before and after. Raises ActionError."""
    _may(SEND)
    if not re.fullmatch(ADDRESS, to):
        raise ActionError("The address needs a name, an @ and a domain.")
    papers = [Attachment(each.name, each.content) for each in documents(offer) if each.kind == "order_form"]
    if not is_addition(offer):
        papers.append(Attachment(f"Quote {offer.quote_id}.pdf", stripe_pdf(offer)))
    _note(offer, "unknown", f"to {to}: being sent")
    seller, comes_to = settings().seller_name, _agreed(offer)
    text = (ADDED if is_addition(offer) else TEXT).format(
        number=f"{offer.quote_id}-{offer.version}",
        total=formatting.amount(comes_to["total"], comes_to["currency"]),
        term=comes_to["term"],
        address=f" to {settings().seller_email}" if settings().seller_email else "",
        owner=draft.created_by,
        seller=seller,
    )
    try:
        mail.send(settings(), to, SUBJECT.format(seller=seller), text, papers)
    except mail.MailError as error:
        _note(offer, "refused", f"to {to}: {error}")
        raise ActionError(f"The quote is sent, but the mail is not. {error}") from error
    _note(offer, "done", f"to {to}")
    return ""


def _agreed(offer: Offer) -> Json:
    """What it came to when it was approved, whatever the price list says today. Raises ActionError."""
    moves = quote_states.history(_url(), offer.quote_id)
    found = next((each.figures for each in moves if each.figures and each.seal == offer.seal), None)
    if found is None:
        raise ActionError("What was approved of this quote is not known any more: nothing was mailed.")
    return dict(found)


def stripe_pdf(offer: Offer) -> bytes:
    """Stripe's own document. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        return gateway.quote_pdf(offer.id)


def _note(offer: Offer, outcome: str, told: str) -> None:
    at, by = clock.now(), (access.person(), access.role())
    entry = Entry(at, *by, "Mail quote", outcome, offer.customer_id, offer.id, told)
    try:
        actions.note(_url(), entry)
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def acceptance(offer: Offer, signatory: str, signed_on: date) -> AcceptQuote | JoinSubscription:
    """The command that notes a customer's yes."""
    if is_addition(offer):
        return quote_sending_joined.acceptance(offer, signatory, signed_on)
    return AcceptQuote(**_of(offer), signatory=signatory.strip(), signed_on=signed_on.isoformat())


def look(command: OfOffer | JoinSubscription) -> Preview:
    """What a command would do. Raises ActionError."""
    return desk.preview(command)


def accept(
    draft: Draft, command: AcceptQuote | JoinSubscription, shown: Preview, name: str, content: bytes
) -> str:
    """Keep the signed document, accept at Stripe, and put in place what follows; says what is left to do.

    Raises ActionError.
    """
    _own(draft)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise ActionError("The signed order form has to be a PDF.")
    if len(content) > LARGEST:
        raise ActionError(f"The signed order form may have {LARGEST // 2**20} MB.")
    if any(each.content == content for each in quote_offers.documents(_url(), command.offer_id)):
        raise ActionError("This is the order form as it was sent: upload the one that is signed.")
    _kept(command.offer_id, Document(name[-200:], "signed", content, clock.now(), access.person()))
    with opening.gateway(settings()) as gateway:
        told = f"Signed by {command.signatory} on {command.signed_on}"
        running.execute(_url(), gateway, desk.actor(), command, shown, told)
        mine = [each for each in quote_offers.incomplete(_url()) if each.id == command.offer_id]
        left = dict(quoting_completing.complete(_url(), gateway, mine))
    desk.read_again()
    return left.get(command.offer_id, "")


def _kept(offer_id: str, document: Document) -> None:
    try:
        quote_offers.keep(_url(), offer_id, document)
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def end(draft: Draft, offer: Offer, to_state: str, reason: str) -> None:
    """Take a sent quote back, or note the customer's no. Raises ActionError."""
    _own(draft)
    if not reason.strip():
        raise ActionError("Say why: the reason is kept with the quote.")
    if is_addition(offer):
        quote_sending_joined.end(offer, to_state, reason.strip())
    else:
        with opening.gateway(settings()) as gateway:
            _do(gateway, CancelQuote(**_of(offer), to_state=to_state), reason)
    desk.read_again()


def finish(offer: Offer) -> str:
    """Put in place what an accepted quote still lacks; says what is left. Raises ActionError."""
    _may(SEND)
    with opening.gateway(settings()) as gateway:
        left = dict(quoting_completing.complete(_url(), gateway, [offer]))
    desk.read_again()
    return left.get(offer.id, "")


def _own(draft: Draft) -> None:
    """Only what is still as it was looked at, and only who may."""
    _may(SEND)
    now = quotes.latest(_url(), draft.id)
    if now is None or (now.version, now.state) != (draft.version, draft.state):
        raise ActionError("This quote was changed meanwhile: look at it as it is now.")
    if now.state not in (APPROVED, SENT):
        raise ActionError("Only a quote that is approved can be sent, and only one that is sent accepted.")


def _may(permission: str) -> None:
    if not access.permitted(permission):
        raise ActionError(f"Your role may not do this: it needs the permission “{permission}”.")


def sends_mail() -> bool:
    """Whether a mail server is set."""
    return desk.sends_mail()


def settle(chosen: Settings) -> dict[str, str]:
    """Note what customers did and complete what they accepted; what could not be, by offer."""
    url = chosen.database_url.get_secret_value()
    left = quoting_completing.waiting(url)
    if not left:
        return {}
    with opening.gateway(chosen) as gateway:
        return dict(quoting_completing.complete(url, gateway, left))


def watch(chosen: Settings, stop: threading.Event) -> None:
    """Do so again and again, until told to stop; what fails is tried again."""
    while not stop.wait(EVERY):
        try:
            left = settle(chosen)
        except (ActionError, NotChangedError) as error:
            quote_desk.LOG.warning("%s", error)
            continue
        for name, why in left.items():
            quote_desk.LOG.warning("Quote %s is accepted and not complete: %s", name, why)

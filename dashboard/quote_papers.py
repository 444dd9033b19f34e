"""The papers of a quote: the order form, Stripe's own document, the signed one; and mailing them."""

import re
from collections.abc import Sequence
from typing import Any

from dashboard import access, cache, desk, formatting, quote_desk
from dashboard.actions import opening
from dashboard.actions.base import ActionError
from dashboard.actions.quoting import SEND
from dashboard.cache import Snapshot
from dashboard.quote_sending_joined import is_addition
from dashboard.quotes import order_form
from dashboard.quotes.pricing import Priced
from dashboard.quotes.sealing import seal
from data import actions, clock, mail, quote_offers, quote_states
from data.action_settings import ADDRESS
from data.audit import Entry
from data.clock import from_epoch
from data.config import settings
from data.mail import Attachment
from data.quote_offers import Document, Offer
from data.quotes import Draft, NotChangedError

Json = dict[str, Any]
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


def stripe_pdf(offer: Offer) -> bytes:
    """Stripe's own document. Raises ActionError."""
    with opening.gateway(settings()) as gateway:
        return gateway.quote_pdf(offer.id)


def keep(offer_id: str, document: Document) -> None:
    """Keep a paper with what was sent. Raises ActionError."""
    try:
        quote_offers.keep(_url(), offer_id, document)
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def sends_mail() -> bool:
    """Whether a mail server is set."""
    return desk.sends_mail()


def may_send() -> None:
    """Go on where the role may send quotes. Raises ActionError."""
    if not access.permitted(SEND):
        raise ActionError(f"Your role may not do this: it needs the permission “{SEND}”.")


def mail_it(draft: Draft, offer: Offer, to: str) -> str:
    """Mail the order form and Stripe's document; noted before and after. Raises ActionError."""
    may_send()
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


def _note(offer: Offer, outcome: str, told: str) -> None:
    at, by = clock.now(), (access.person(), access.role())
    entry = Entry(at, *by, "Mail quote", outcome, offer.customer_id, offer.id, told)
    try:
        actions.note(_url(), entry)
    except NotChangedError as error:
        raise ActionError(str(error)) from error

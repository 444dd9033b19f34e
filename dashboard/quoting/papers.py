"""The papers of a quote: the order form, Stripe's own document, the signed one; and mailing them."""

import re
from collections.abc import Sequence
from typing import Any

from dashboard import access, cache, desk, formatting
from dashboard.actions import opening
from dashboard.actions.base import ActionError
from dashboard.actions.quoting import SEND
from dashboard.cache import Snapshot
from dashboard.quotes import order_form
from dashboard.quotes.pricing import Priced
from dashboard.quotes.sealing import seal
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.sending_joined import is_addition
from data import actions, clock, mail
from data.action_settings import ADDRESS
from data.audit import Entry
from data.clock import from_epoch
from data.config import settings
from data.mail import Attachment
from data.quotes import drafts as quotes
from data.quotes import offers as quote_offers
from data.quotes import states as quote_states
from data.quotes.drafts import Draft, NotChangedError
from data.quotes.offers import Document, Offer

Json = dict[str, Any]
SUBJECT = "Your order form from {seller}"
TEXT = """Hello,

attached are our order form {number} and the quote behind it: {total} over {term} months.

To accept, sign the order form and send it back{address}.
{link}
{owner}
{seller}
"""
LINKED = """
Until {until} the papers are here, too:
{link}
"""
ADDED = """Hello,

attached is our order form {number}.
It adds to your subscription, for {total}
until the renewal and in the months that are agreed from it.

To accept, sign the order form and send it back{address}.
{link}
{owner}
{seller}
"""


def _url() -> str:
    return settings().database_url.get_secret_value()


def documents(offer: Offer, *kinds: str) -> Sequence[Document]:
    """The papers of what was sent, of some kinds or all. Raises NotChangedError."""
    return quote_offers.documents(cache.stored(), offer.id, *kinds)


def whole_paper(snapshot: Snapshot, draft: Draft, found: Priced, expires_at: int | None) -> bytes:
    """The order form with every letter in it, as it is sent. Raises ActionError where a font is missing."""
    try:
        return paper(snapshot, draft, found, expires_at, whole=True)
    except order_form.UnshownError as error:
        raise ActionError(
            f"The order form cannot show “{error}”, and perhaps other letters: no font of the machine where "
            "this app runs has it. Have fonts installed there (Debian: fonts-noto), or write it otherwise."
        ) from error


def paper(
    snapshot: Snapshot, draft: Draft, found: Priced, expires_at: int | None = None, *, whole: bool = False
) -> bytes:
    """The order form of a quote as it is; expires_at: when it does at Stripe, epoch seconds."""
    known, told = settings(), draft.fields
    address = tuple(part.strip() for part in known.seller_address.split(",") if part.strip())
    seller = order_form.Party(
        known.seller_name, (*address, known.seller_email) if known.seller_email else address
    )
    ends = from_epoch(expires_at - 1) if expires_at else None
    by = order_form.Paper(
        draft.name,
        seal(draft.fields, found),
        seller,
        _customer(snapshot, told),
        draft.created_by,
        clock.now().date(),
        known.order_terms,
        ends.date() if ends else None,
        replaced(draft),
    )
    return order_form.pdf(by, told, found, quote_desk.sold(), whole=whole)


def replaced(draft: Draft) -> str:
    """The name of the quote that it revises, where the customer has that."""
    if not draft.revises or not any(
        each.sent_at for each in quote_offers.offers(cache.stored(), draft.revises)
    ):
        return ""
    earlier = quotes.latest(cache.stored(), draft.revises)
    return earlier.name if earlier else ""


def _customer(snapshot: Snapshot, told: Any) -> order_form.Party:
    customer = str(told.get("customer_id") or "")
    if not customer:
        return order_form.party(str(told.get("prospect") or ""), {"email": told.get("prospect_email")})
    rows = snapshot.frame("customer_profile", customer).to_dict("records")
    known = {str(name): value for name, value in (rows[0] if rows else {}).items() if isinstance(value, str)}
    return order_form.party(known.get("name") or customer, known)


def stripe_pdf(offer: Offer) -> bytes:
    """Stripe's own document, read once and kept with what was sent. Raises ActionError."""
    try:
        kept = quote_offers.documents(_url(), offer.id, "stripe")
    except NotChangedError as error:
        raise ActionError(str(error)) from error
    if kept:
        return kept[-1].content
    with opening.gateway(settings()) as gateway:
        content = gateway.quote_pdf(offer.id)
    if offer.state in ("open", "accepted"):
        name = f"Quote {_name(offer)}.pdf"
        keep(offer.id, Document(name, "stripe", content, clock.now(), access.person()))
    return content


def _name(offer: Offer) -> str:
    found = quotes.latest(cache.stored(), offer.quote_id)
    return found.name if found else offer.quote_id


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


def require_address(to: str) -> None:
    """Go on with what mail can be sent to. Raises ActionError."""
    if not re.fullmatch(ADDRESS, to):
        raise ActionError("The address needs a name, an @ and a domain.")


def mail_it(draft: Draft, offer: Offer, to: str, linked: str = "") -> str:
    """Mail the papers, noted before and after; linked: LINKED, filled in. Raises ActionError."""
    may_send()
    require_address(to)
    papers = [Attachment(each.name, each.content) for each in documents(offer, "order_form")]
    if not is_addition(offer):
        papers.append(Attachment(f"Quote {draft.name}.pdf", stripe_pdf(offer)))
    _note(offer, "unknown", f"to {to}: being sent")
    seller, comes_to = settings().seller_name, _agreed(offer)
    text = (ADDED if is_addition(offer) else TEXT).format(
        number=draft.name,
        total=formatting.amount(comes_to["total"], comes_to["currency"]),
        term=comes_to["term"],
        address=f" to {settings().seller_email}" if settings().seller_email else "",
        link=linked,
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

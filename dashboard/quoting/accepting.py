"""Where the yes of customers is noted: with us or at Stripe, and what follows is put in place."""

import threading
from datetime import date

from dashboard import access, desk
from dashboard.actions import opening, quoting_completing, running
from dashboard.actions.base import ActionError, Preview
from dashboard.actions.quoting import AcceptQuote, OfOffer
from dashboard.actions.quoting_joining import JoinSubscription
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import sending_joined as quote_sending_joined
from dashboard.quoting.papers import keep, may_send
from dashboard.quoting.sending import named, require_unchanged
from dashboard.quoting.sending_joined import is_addition
from data import clock
from data.config import Settings, settings
from data.quotes import offers as quote_offers
from data.quotes.drafts import Draft, NotChangedError
from data.quotes.offers import Document, Offer

LARGEST = 10 * 2**20  # bytes of a signed document
EVERY = 15.0  # seconds between two looks at what customers did


def _url() -> str:
    return settings().database_url.get_secret_value()


def acceptance(offer: Offer, signatory: str, signed_on: date) -> AcceptQuote | JoinSubscription:
    """The command that notes a customer's yes."""
    if is_addition(offer):
        return quote_sending_joined.acceptance(offer, signatory, signed_on)
    return AcceptQuote(**named(offer), signatory=signatory.strip(), signed_on=signed_on.isoformat())


def look(command: OfOffer | JoinSubscription) -> Preview:
    """What a command would do. Raises ActionError."""
    return desk.preview(command)


def accept(
    draft: Draft, command: AcceptQuote | JoinSubscription, shown: Preview, name: str, content: bytes
) -> str:
    """Keep the signed document, accept at Stripe, and put in place what follows; says what is left to do.

    Raises ActionError.
    """
    require_unchanged(draft)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise ActionError("The signed order form has to be a PDF.")
    if len(content) > LARGEST:
        raise ActionError(f"The signed order form may have {LARGEST // 2**20} MB.")
    if any(each.content == content for each in quote_offers.documents(_url(), command.offer_id)):
        raise ActionError("This is the order form as it was sent: upload the one that is signed.")
    keep(command.offer_id, Document(name[-200:], "signed", content, clock.now(), access.person()))
    with opening.gateway(settings()) as gateway:
        told = f"Signed by {command.signatory} on {command.signed_on}"
        running.execute(_url(), gateway, desk.actor(), command, shown, told)
        mine = [each for each in quote_offers.incomplete(_url()) if each.id == command.offer_id]
        left = dict(quoting_completing.complete(_url(), gateway, mine))
    desk.read_again()
    return left.get(command.offer_id, "")


def finish(offer: Offer) -> str:
    """Put in place what an accepted quote still lacks; says what is left. Raises ActionError."""
    may_send()
    with opening.gateway(settings()) as gateway:
        left = dict(quoting_completing.complete(_url(), gateway, [offer]))
    desk.read_again()
    return left.get(offer.id, "")


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
        except Exception:
            quote_desk.LOG.exception("What customers accepted was not completed")
            continue
        for name, why in left.items():
            quote_desk.LOG.warning("Quote %s is accepted and not complete: %s", name, why)

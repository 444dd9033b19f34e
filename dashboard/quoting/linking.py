"""Links to the papers of a sent quote: where they lead, made and taken back by people."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from dashboard import access, cache, formatting
from dashboard.actions.base import ActionError
from dashboard.quoting import papers as quote_papers
from dashboard.quoting.sending_joined import is_addition
from data import clock
from data.audit import Entry
from data.config import settings
from data.quotes import links as quote_links
from data.quotes.drafts import Draft
from data.quotes.links import Link
from data.quotes.offers import Offer
from data.writing import NotChangedError

USUAL = timedelta(30)
LONGEST = timedelta(365)


def _url() -> str:
    return settings().database_url.get_secret_value()


def public() -> str:
    """Where customers open links, as the settings say; empty where they do not."""
    return settings().customer_url or settings().public_url or ""


def address(token: str, page: str = "") -> str:
    """A link; page: the address of the page that it is made on, where the settings name none."""
    if base := public():
        return f"{base}/offer/{token}"
    parts = urlsplit(page)
    way = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{way}/offer/{token}"


def links(offer: Offer) -> Sequence[Link]:
    """Those that there are, the newest first. Raises NotChangedError."""
    return quote_links.links(cache.stored(), offer.id)


def usual(offer: Offer) -> date:
    """Until when a link is good if nobody says otherwise: as long as the offer, and at least some days."""
    today = clock.now().date()
    return min(max(offer.last_day or today + USUAL, today + timedelta(1)), latest())


def latest() -> date:
    """The last day to which a link can be good."""
    return clock.now().date() + LONGEST - timedelta(1)


def may_link() -> None:
    """Go on where the role may send quotes and take papers along. Raises ActionError."""
    quote_papers.may_send()
    if not (access.permitted("download") and access.permitted("see personal data")):
        raise ActionError("Your role may not hand out the papers of quotes.")


def make(offer: Offer, until: date) -> tuple[str, str]:
    """A link that is good to the end of a day: its token, and what is left to say. Raises ActionError."""
    may_link()
    at = clock.now()
    if not at.date() <= until <= latest():
        raise ActionError(f"A link is good from today on, for {LONGEST.days} days at most.")
    ends = datetime.combine(until + timedelta(1), time(), UTC)
    told = _papers(offer)
    try:
        token = quote_links.make(_url(), offer, ends, _entry("Make link to quote", offer, f"until {until}"))
    except NotChangedError as error:
        raise ActionError(str(error)) from error
    return token, told


def _papers(offer: Offer) -> str:
    """Stripe's document is kept before somebody asks for it; where it cannot be had, so."""
    if is_addition(offer):
        return ""
    try:
        quote_papers.stripe_pdf(offer)
    except ActionError as error:
        return f"The link has the order form alone: Stripe's quote could not be read. {error}"
    return ""


def revoke(offer: Offer, link: Link) -> None:
    """It leads nowhere any more. Raises ActionError."""
    may_link()
    made = f"made by {link.made_by} on {link.made_at.date()}"
    try:
        quote_links.revoke(_url(), link, _entry("Revoke link to quote", offer, made))
    except NotChangedError as error:
        raise ActionError(str(error)) from error


def mail(draft: Draft, offer: Offer, to: str) -> str:
    """Mail the papers, with a link to them where customers can reach one. Raises ActionError."""
    quote_papers.require_address(to)
    if not public():
        return quote_papers.mail_it(draft, offer, to)
    until = usual(offer)
    token, _ = make(offer, until)
    linked = quote_papers.LINKED.format(until=formatting.day(until), link=address(token))
    try:
        return quote_papers.mail_it(draft, offer, to, linked)
    except ActionError:
        if led := quote_links.found(_url(), token):
            revoke(offer, led.link)  # nobody has it
        raise


def _entry(what: str, offer: Offer, told: str) -> Entry:
    by = (access.person(), access.role())
    return Entry(clock.now(), *by, what, "done", offer.customer_id, offer.id, told)

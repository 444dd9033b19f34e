"""What people decide on quotes: asked for, agreed to, taken back, given up, revised."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from dashboard import access, cache
from dashboard.cache import Snapshot
from dashboard.metrics.conversion import rates_into
from dashboard.quotes import rules, states
from dashboard.quotes.fields import Fields, given
from dashboard.quotes.pricing import Priced, price
from dashboard.quotes.sealing import figures, seal
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import letters as quote_letters
from dashboard.quoting.desk import Draft
from data import clock
from data.config import settings
from data.quotes import approvals as quote_approvals
from data.quotes import drafts as quotes
from data.quotes import states as quote_states
from data.quotes.approvals import Asked, Decision
from data.quotes.states import (
    ACCEPTED,
    APPROVED,
    DRAFT,
    WAITING,
    WITHDRAWN,
    Figures,
    Kept,
    Move,
    NotMovedError,
    Offer,
)
from data.sign_in_settings import ADMIN

__all__ = ["Asked", "Figures", "Kept", "NotMovedError", "Offer"]

COMMENTS = "see comments"
MENDED = "Something is still to be mended: it is told beside the fields."
OTHER_PRICES = "The price list has changed since it was asked for: take it back and ask again."


def _url() -> str:
    return settings().database_url.get_secret_value()


def _require(draft: Draft, permission: str) -> None:
    """Go on, or raise ForbiddenError."""
    access.require(permission)
    cache.require_shown("sales_quote", draft.id)


def needed(snapshot: Snapshot, fields: Fields, found: Priced) -> dict[str, list[str]]:
    """The roles that have to agree to a quote as it is, each because of phrases."""
    to, kept = settings().reporting_currency, snapshot.frame("exchange_rates")
    rates = snapshot.kept("rates into", (to,), lambda: rates_into(to, kept))
    return rules.needed(found, fields, quote_desk.sold().approval, rates, f"{clock.now():%Y-%m}")


def ask(snapshot: Snapshot, draft: Draft, reason: str) -> bool:
    """Ask whoever has to agree; whether nobody had to, and it is approved. Raises NotChangedError."""
    _require(draft, states.EDIT)
    found = _found(draft)
    wanted = needed(snapshot, draft.fields, found)
    if wanted and not reason.strip():
        raise NotMovedError("Say why: whoever approves reads the reason.")
    at = clock.now()
    moved = _move(draft, DRAFT, WAITING if wanted else APPROVED, reason.strip(), found)
    until, typed = at + timedelta(days=settings().approval_days), quotes.authors(cache.stored(), draft.id)
    told = quote_letters.asking(draft, wanted, figures(found), reason.strip(), until, typed)
    quote_approvals.ask(_url(), moved, wanted, until, told)
    return not wanted


def _found(draft: Draft) -> Priced:
    """A quote worked out in which nothing is broken."""
    reading = quote_desk.reading(draft.fields)
    if reading.quote is None or reading.broken:
        raise NotMovedError(MENDED)
    return price(reading.quote, quote_desk.sold())


def _move(draft: Draft, start: str, end: str, reason: str, found: Priced | None = None) -> Move:
    sealed = (seal(draft.fields, found), asdict(figures(found))) if found else (None, None)
    by = access.person(), access.role()
    return Move(draft.id, start, end, draft.version, clock.now(), *by, reason or None, *sealed)


def mine(draft: Draft, asked: Sequence[Asked]) -> bool:
    """Whether a quote is one's own: one began it, typed into it, or asked. Raises NotChangedError."""
    typed = quotes.authors(cache.stored(), draft.id)
    people = {draft.created_by, *typed, *(each.asked_by for each in asked)}
    return access.person().strip().casefold() in {each.strip().casefold() for each in people}


def for_me(draft: Draft, asked: Sequence[Asked]) -> list[Asked]:
    """What one may decide of what waits: for the role that one has, not of one's own, and only once."""
    if not access.permitted(states.APPROVE) or mine(draft, asked):
        return []
    if any(each.decided_by == access.person() for each in asked):
        return []
    roles = {access.role()} | (set(rules.ROLES) if access.role() == ADMIN else set())
    return [each for each in asked if each.state == "waiting" and each.role in roles]


def decide(draft: Draft, asked: Asked, comment: str, *, agreed: bool) -> bool:
    """Say yes or no in the name of a role; whether the quote is approved by it. Raises NotChangedError."""
    _require(draft, states.APPROVE)
    now = [each for each in quote_approvals.rounds(_url(), draft.id) if each.round == asked.round]
    if asked.role not in [each.role for each in for_me(draft, now)]:
        raise NotMovedError("This is not yours to decide, or somebody has decided meanwhile.")
    said = Decision(
        draft.id, draft.version, asked.role, access.person(), access.role(), comment.strip(), clock.now()
    )
    if not agreed:
        if not comment.strip():
            raise NotMovedError("Say why: whoever asked reads it.")
        told = quote_letters.decided(draft, asked.asked_by, comment, agreed=False)
        quote_approvals.refuse(_url(), said, told)
        return False
    last = next(iter(quote_states.history(_url(), draft.id)))
    if last.seal != seal(draft.fields, _priced(draft.fields)):
        raise NotMovedError(OTHER_PRICES)
    told = quote_letters.decided(draft, asked.asked_by, comment, agreed=True)
    return quote_approvals.agree(_url(), said, told)


def _priced(fields: Fields) -> Priced:
    quote = quote_desk.reading(fields).quote
    if quote is None:
        raise NotMovedError(OTHER_PRICES)
    return price(quote, quote_desk.sold())


def is_revised(draft: Draft) -> bool:
    """Whether another quote has its place, or may take it. Raises NotChangedError."""
    later = revision(draft.id)
    return later is not None and later.state not in quote_states.OVER


def take_back(draft: Draft, reason: str = "") -> None:
    """What waits or is approved is a draft again. Raises NotChangedError."""
    _require(draft, states.EDIT)
    quote_states.go(_url(), _move(draft, draft.state, DRAFT, reason.strip() or "Taken back"))


def give_up(draft: Draft, reason: str) -> None:
    """A quote that was not sent is withdrawn. Raises NotChangedError."""
    _require(draft, states.EDIT)
    if draft.state not in quote_states.EDITABLE:
        raise NotMovedError(f"This quote is {draft.state}: it is withdrawn at Stripe too.")
    if not reason.strip():
        raise NotMovedError("Say why it is withdrawn.")
    quote_states.go(_url(), _move(draft, draft.state, WITHDRAWN, reason.strip()))


def revise(draft: Draft) -> str:
    """Begin the quote that takes this one's place once it is sent; its id, or of the one that does already.

    Raises NotChangedError.
    """
    _require(draft, states.EDIT)
    if draft.state in (*quote_states.EDITABLE, ACCEPTED):
        raise NotMovedError(f"This quote is {draft.state}: only what was sent, or is over, is revised.")
    return quotes.revise(_url(), draft.id, given(draft.fields), access.person())


def revision(quote_id: str) -> Draft | None:
    """The newest quote that revises one. Raises NotChangedError."""
    return quotes.revision_of(cache.stored(), quote_id)


def asked_of(quote_id: str) -> Sequence[Asked]:
    """Everybody who was asked about a quote the last time. Raises NotChangedError."""
    every = quote_approvals.rounds(cache.stored(), quote_id)
    last = [each for each in every if each.round == every[0].round]
    return last if access.permitted(COMMENTS) else [replace(each, comment=None) for each in last]


def waiting() -> Mapping[str, Sequence[Asked]]:
    """What waits for anybody, by quote, the first to expire first. Raises NotChangedError."""
    found: dict[str, list[Asked]] = {}
    for each in quote_approvals.waiting(cache.stored()):
        found.setdefault(each.quote_id, []).append(each)
    return found


def let_expire() -> int:
    """Quotes that waited too long are drafts again; how many. Raises NotChangedError."""
    now = clock.now()
    if not quote_approvals.is_late(cache.stored(), now):
        return 0
    return quote_approvals.expire(_url(), now, quote_letters.expired)


def history(quote_id: str) -> Sequence[Kept]:
    """Every move of a quote, the newest first, with the reasons for those who may. Raises NotChangedError."""
    moves = quote_states.history(cache.stored(), quote_id)
    return moves if access.permitted(COMMENTS) else [replace(each, reason=None) for each in moves]


def agreed(drafts: Sequence[Draft]) -> Mapping[str, Figures]:
    """What those came to that are out of our hands, at the price list of then, by quote.

    Raises NotChangedError.
    """
    ids = [each.id for each in drafts if each.state not in quote_states.EDITABLE]
    found = quote_states.agreed(cache.stored(), ids) if ids else {}
    return {key: Figures(**told) for key, told in found.items()}


def offers(draft: Draft) -> Sequence[Offer]:
    """Other quotes of its owner and for its customer that the person may see. Raises NotChangedError."""
    customer = str(draft.fields.get("customer_id") or "") or None
    found = quote_states.offers(cache.stored(), draft.created_by, customer, draft.id)
    everybody = access.whose() is None
    return [each for each in found if everybody or cache.shows("sales_quote", each.id)]

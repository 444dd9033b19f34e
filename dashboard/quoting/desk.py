"""Where the pages of quotes read and write: drafts, who may, and what the catalogue sells."""

import logging
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from dashboard import access, cache
from dashboard.quotes.fields import STARTING, Fields, given
from dashboard.quotes.merging import Merged, merge
from dashboard.quotes.reading import Reading, read
from data import catalog, clock
from data.catalog import Addon, Catalog, Plan
from data.config import settings
from data.quotes import drafts as quotes
from data.quotes.drafts import Draft, NotChangedError, NotMovedError
from data.quotes.states import SENT

__all__ = [
    "EDIT",
    "Draft",
    "NotChangedError",
    "NotMovedError",
    "begin",
    "clone",
    "keep",
    "latest",
    "listed",
    "versions",
]

EDIT = "edit quotes"
MOST_TRIES = 5
LOG = logging.getLogger(__name__)


def _url() -> str:
    return settings().database_url.get_secret_value()


def sold() -> Catalog:
    """What is sold. Raises data.catalog.CatalogError."""
    return catalog.current()


def plans() -> list[Plan]:
    """The plans with a list price, the highest first."""
    return sorted((plan for plan in sold().plan if plan.list_prices), key=lambda plan: -plan.rank)


def addons() -> list[Addon]:
    """The add-ons with a list price, in the catalogue's order."""
    return sorted((addon for addon in sold().addon if addon.list_prices), key=lambda addon: addon.rank)


def today() -> date:
    """The UTC day, from which on a quote can start and expire."""
    return clock.now().date()


def reading(fields: Fields) -> Reading:
    """What fields say today."""
    return read(fields, sold(), today())


def begin(customer_id: str = "", currency: str = "") -> str:
    """Begin a quote, for a customer if one is named; gives its id. Raises ForbiddenError and NotChangedError.

    A currency without list prices is left for the one of the settings.
    """
    access.require(EDIT)
    if customer_id:
        cache.require_shown("customer", customer_id)
    first = plans()[0].key if plans() else ""
    listed = {price.currency for plan in plans() for price in plan.list_prices}
    code = currency if currency in listed else settings().reporting_currency
    return _create({**STARTING, "plan": first, "currency": code, "customer_id": customer_id}, None)


def clone(draft: Draft) -> str:
    """Begin another quote with the same fields. Raises ForbiddenError and NotChangedError."""
    access.require(EDIT)
    return _create(draft.fields, draft.id)


def _create(fields: Fields, origin: str | None) -> str:
    key = quotes.create(_url(), given(fields), access.person(), origin)
    LOG.info("%s began quote %s", access.person(), key)
    return key


def latest(quote_id: str) -> Draft | None:
    """A quote as it is now; None where there is none that the person may see. Raises NotChangedError."""
    return quotes.latest(cache.stored(), quote_id) if cache.shows("sales_quote", quote_id) else None


def versions(quote_id: str) -> Sequence[Draft]:
    """Every version of a quote, the newest first. Raises NotChangedError."""
    return quotes.versions(cache.stored(), quote_id) if cache.shows("sales_quote", quote_id) else ()


def listed(
    customer_id: str = "", *, states: Collection[str] = (), text: str = "", named: Collection[str] = ()
) -> Sequence[Draft]:
    """The quotes that the person may see, or of these a customer's, those changed last first.

    states, text and named (customers) are as in data.quotes.drafts.listed. Raises NotChangedError.
    """
    asked: dict[str, Any] = {"states": states, "text": text, "named": named}
    return quotes.listed(cache.stored(), access.whose(), customer_id, **asked)


def open_beside(draft: Draft, customer_id: str) -> Sequence[Draft]:
    """Other quotes that a customer can accept, but for what it revises. Raises NotChangedError."""
    found = listed(customer_id) if customer_id else ()
    return [each for each in found if each.state == SENT and each.id not in (draft.id, draft.revises)]


def keep(quote_id: str, base: Fields, mine: Fields) -> Merged:
    """Keep what was changed from a base, with whatever others have changed meanwhile.

    Gives what the quote is now; what both changed stays theirs and is told. Raises ForbiddenError and
    NotChangedError.
    """
    access.require(EDIT)
    cache.require_shown("sales_quote", quote_id)
    for _ in range(MOST_TRIES):
        now = quotes.latest(_url(), quote_id)
        if now is None:
            raise NotChangedError("This quote is no longer there, so nothing was kept.")
        merged = merge(base, mine, now.fields)
        same = merged.fields == given(now.fields)
        by = access.person(), access.role()
        if same or quotes.save(_url(), quote_id, now.version, merged.fields, *by):
            return merged
    raise NotChangedError("Others are changing this quote at this moment. What you typed is still here.")

"""The only cache: frames by data version, an engine by address. Pages read data here and nowhere else."""

import inspect
import logging
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from dashboard import access
from dashboard.access import ALL, Sight
from dashboard.metrics.selection import Selection
from dashboard.store import Store
from data import clock, frames
from data.config import SettingsError, settings
from data.database import is_prepared, open_engine
from data.frames import DataStatus
from data.own_customers import open_limited

__all__ = [
    "DataStatus",
    "Snapshot",
    "UnavailableError",
    "customer_url",
    "invoice_url",
    "reporting_currency",
    "snapshot",
    "status",
    "subscription_url",
]

T = TypeVar("T")
MOST = 1200  # frames and what was made of them
LOG = logging.getLogger(__name__)


class UnavailableError(Exception):
    """Data cannot be shown. `title` names the failure, the message says what to do; both are for a person."""

    def __init__(self, title: str, advice: str) -> None:
        super().__init__(advice)
        self.title = title


@st.cache_resource(show_spinner=False, max_entries=4, on_release=lambda engine: engine.dispose())
def _engine(url: str) -> Any:
    return open_engine(url, read_only=True)


@st.cache_resource(show_spinner=False, max_entries=64, on_release=lambda engine: engine.dispose())
def _limited(url: str, sight: Sight) -> Any:
    return open_limited(url, sight.whose, sight.hidden)


def _shown(url: str, sight: Sight) -> Any:
    """What shows all, or what the person may see and nothing else."""
    return _engine(url) if sight == ALL else _limited(url, sight)


@st.cache_resource(show_spinner=False)
def _store() -> Store:
    """Frames and what is made of them. Not each in Streamlit's cache, which hashes more than it saves."""
    return Store(MOST)


def _url() -> str:
    try:
        return settings().database_url.get_secret_value()
    except SettingsError as error:
        raise UnavailableError("The settings cannot be used", str(error)) from error


def status() -> DataStatus | None:
    """How fresh the data is, asked anew in every run; None when nothing was ever synced.

    Raises UnavailableError when the database does not answer.
    """
    try:
        found = _status(_engine(_url()))
    except UnavailableError:
        raise
    except Exception as error:
        LOG.exception("The database did not answer")
        raise UnavailableError(
            "The database does not answer",
            "Check that it runs and that DATABASE_URL points to it; `python -m dashboard doctor` says more. "
            "Nothing is lost, and this page returns when the database does.",
        ) from error
    return None if found is None or found.version is None or found.data_at is None else found


def _status(engine: Any) -> DataStatus | None:
    """What the database says; None where its tables were never made, looked up only when it fails."""
    try:
        return frames.data_status(engine)
    except Exception:
        if is_prepared(engine):
            raise
        return None


def stored() -> Any:
    """What shows every table as it is stored, for our own rows that are asked anew in every run.

    Whoever reads by it says whose rows they may be. Raises UnavailableError.
    """
    return _engine(_url())


def approvals_waiting() -> int:
    """How many requests wait for a second person, asked anew in every run; 0 where it cannot be told."""
    try:
        return frames.approvals_waiting(_shown(_url(), access.sight()), at=clock.now())
    except Exception:
        LOG.debug("The requests that wait could not be counted", exc_info=True)
        return 0


def quotes_changed() -> str:
    """Another text whenever a quote changes, asked anew in every run. Raises UnavailableError."""
    try:
        return frames.quotes_changed(_shown(_url(), access.sight()))
    except Exception as error:
        LOG.exception("The quotes could not be read")
        raise UnavailableError(
            "The quotes could not be read", "The rest of the app still works. The log has the details."
        ) from error


def last_audit_entry() -> int | None:
    """The number of the audit's newest entry, asked anew in every run; None where not known."""
    try:
        return frames.last_audit_entry(_shown(_url(), access.sight()))
    except Exception:
        LOG.exception("The audit could not be read")
        return None


def reporting_currency() -> str:
    """The currency that pages choose first, where the data has it."""
    _url()
    return settings().reporting_currency


def customer_url(customer_id: str) -> str:
    """A customer's page in Stripe's own dashboard."""
    return _at_stripe("customers", customer_id)


def subscription_url(subscription_id: str) -> str:
    """A subscription's page in Stripe's own dashboard."""
    return _at_stripe("subscriptions", subscription_id)


def invoice_url(invoice_id: str) -> str:
    """An invoice's page in Stripe's own dashboard."""
    return _at_stripe("invoices", invoice_id)


def quote_url(quote_id: str) -> str:
    """A quote's page in Stripe's own dashboard."""
    return _at_stripe("quotes", quote_id)


def _at_stripe(kind: str, name: str) -> str:
    return f"https://dashboard.stripe.com/{'' if settings().is_live else 'test/'}{kind}/{name}"


@dataclass(frozen=True)
class Snapshot:
    """The data of one version, as much of it as somebody may see.

    Every frame of it raises UnavailableError when it cannot be read.
    """

    url: str
    status: DataStatus
    sight: Sight = ALL

    @property
    def now(self) -> datetime:
        """The instant that the data is as of: "now" on every page."""
        assert self.status.data_at is not None
        return self.status.data_at

    def frame(self, name: str, *given: Any, **named: Any) -> pd.DataFrame:
        """The frame of that name in data.frames, shared and never changed; sets may come in any order."""
        key = ("frame", name, given, tuple((word, _fixed(value)) for word, value in sorted(named.items())))
        try:
            return self._keep(key, lambda: self._read(name, given, dict(key[3])))
        except Exception as error:
            LOG.exception("The frame %s could not be read", name)
            raise UnavailableError(
                f"The figures of “{name.replace('_', ' ')}” could not be read",
                "The rest of the app still works. The log has the details, and `python -m dashboard doctor` "
                "checks the database.",
            ) from error

    @staticmethod
    def has(name: str) -> bool:
        """Whether data.frames has a frame of that name."""
        return hasattr(frames, name)

    @staticmethod
    def takes(name: str, parameter: str) -> bool:
        """Whether the frame of that name can be asked with a parameter."""
        return parameter in _parameters(name)

    def narrowed(self, name: str, selection: Selection) -> dict[str, Any]:
        """What of a selection the frame of that name takes: products, intervals, currencies, audiences."""
        asked = {
            "products": selection.products,
            "intervals": selection.intervals,
            "currencies": selection.currencies,
            "audiences": selection.audiences,
        }
        return {word: value for word, value in asked.items() if value is not None and self.takes(name, word)}

    def kept(self, name: str, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        """What `build` makes of this version's frames, once for each name and key; never to be changed.

        Once for each instant, too: a sync that finds nothing new dates the version anew, and what is due by
        then is of that instant.
        """
        return self._keep(("kept", name, key, self.status.data_at), build)

    def _keep(self, key: Hashable, build: Callable[[], T]) -> T:
        source = self.url if self.sight == ALL else f"{self.url}\n{self.sight}"
        found: T = self._store.get(source, self.status.version or 0, key, build)
        return found

    @cached_property
    def _store(self) -> Store:
        return _store()

    def _read(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> pd.DataFrame:
        with st.spinner("Reading the figures"):
            result: pd.DataFrame = getattr(frames, name)(_shown(self.url, self.sight), *given, **named)
            return result


@lru_cache
def _parameters(name: str) -> frozenset[str]:
    return frozenset(inspect.signature(getattr(frames, name)).parameters)


def _fixed(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, Iterable) and not isinstance(value, str) else value


def snapshot() -> Snapshot | None:
    """The newest data that the person may see; None when nothing was ever synced."""
    found = status()
    return None if found is None else Snapshot(_url(), found, access.sight())


def require_shown(table: str, key: str) -> None:
    """Go on where the person may see the row of a table, or raise ForbiddenError."""
    if not shows(table, key):
        raise access.ForbiddenError("see the customers of others")


def shows(table: str, key: str) -> bool:
    """Whether the person may see the row of a table with that key, asked anew each time.

    Raises UnavailableError when the database does not answer.
    """
    if access.whose() is None:
        return True
    try:
        return frames.is_shown(_shown(_url(), access.sight()), table, key)
    except Exception as error:
        LOG.exception("Whose %s is could not be read", table)
        raise UnavailableError(
            "The database does not answer", "Nothing was done. Try again when the database answers."
        ) from error

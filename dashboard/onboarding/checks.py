"""Checks of add-ons against DNS and the web, as a page asks for them or as the job repeats them."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard import formatting
from dashboard.addons import checking
from dashboard.addons.checking import Found, Record
from dashboard.addons.states import CUSTOM_DOMAIN, SINGLE_SIGN_ON
from data import clock, watching
from data.addons import storage
from data.addons.fetching import Fetcher
from data.addons.lookups import Lookup
from data.addons.served import certificate
from data.addons.storage import Kept
from data.config import Settings
from data.writing import NotChangedError

LOG = logging.getLogger(__name__)
KINDS = (SINGLE_SIGN_ON, CUSTOM_DOMAIN)
STATES = ("waiting", "verified", "tested", "active", "enforced")
WAKES = 10.0  # seconds between two looks for what is due


@dataclass(frozen=True)
class Network:
    """The ways out: names, documents, and the name that custom domains lead to."""

    lookup: Lookup
    fetcher: Fetcher
    target: str | None


def network(settings: Settings) -> Network:
    """The ways out as the settings have them."""
    lookup = Lookup(settings.dns_servers)
    fetcher = Fetcher(lookup, settings.addon_private_addresses)
    return Network(lookup, fetcher, settings.custom_domain_target)


def records(kept: Kept, target: str | None) -> list[tuple[str, Record]]:
    """The records that the customer is to create, by the name of their check."""
    if kept.kind == SINGLE_SIGN_ON:
        domains = kept.settings.get("domains", [])
        return [
            (f"domain:{each['name']}", checking.challenge(each["name"], each["token"])) for each in domains
        ]
    hostname = kept.settings.get("hostname")
    if kept.kind != CUSTOM_DOMAIN or not hostname:
        return []
    owner = ("ownership", checking.challenge(hostname, kept.settings["token"]))
    return [owner, *([("routing", Record("CNAME", hostname, target))] if target else [])]


def check(url: str, kept: Kept, ways: Network) -> bool:
    """Look everything up and keep what was found; false when somebody changed the set-up meanwhile."""
    now = clock.now()
    found = dict(_found(kept, ways))
    return storage.note_checks(url, kept, checking.stamped(kept.checks, found, now), now)


def _found(kept: Kept, ways: Network) -> Iterator[tuple[str, Found]]:
    for name, record in records(kept, ways.target):
        if record.kind == "TXT":
            answer = ways.lookup.ask(record.name, "TXT")
            yield name, checking.owned(record, answer.values, answer.problem, answer.known)
    hostname = kept.settings.get("hostname")
    if kept.kind == CUSTOM_DOMAIN and hostname:
        yield "routing", _routing(hostname, ways)
        yield "certificate", _certificate(hostname, ways)


def _routing(hostname: str, ways: Network) -> Found:
    if not ways.target:
        return Found(None, "CUSTOM_DOMAIN_TARGET is not set, so it is not known where the name should lead.")
    named = ways.lookup.ask(hostname, "CNAME")
    if not named.known:
        return Found(None, named.problem)
    here, there = ways.lookup.addresses(hostname), ways.lookup.addresses(ways.target)
    apex = not named.values and ways.lookup.is_apex(hostname)
    return checking.routed(hostname, ways.target, named.values, here.values, there.values, apex)


def _certificate(hostname: str, ways: Network) -> Found:
    served = certificate(ways.fetcher, hostname)
    if served.until is None:
        return Found(False, served.problem)
    return Found(True, f"The certificate holds until {formatting.day(served.until)}.")


def watch(settings: Settings, stop: threading.Event) -> None:
    """Repeat the checks of set-ups that are due until told to stop; failures are logged and tried again."""
    watching.again(stop, WAKES, lambda: repeat(settings, stop), LOG, "Add-ons were not checked")


def repeat(settings: Settings, stop: threading.Event) -> int:
    """Check every set-up that is due once, whatever becomes of another; how many were checked."""
    url, ways, done = settings.database_url.get_secret_value(), network(settings), 0
    for kept in storage.due(url, KINDS, STATES, settings.addon_check_seconds):
        if stop.is_set():
            break
        try:
            done += check(url, kept, ways)
        except NotChangedError:
            raise
        except Exception:
            LOG.exception("The add-on %s was not checked", kept.id)
    return done

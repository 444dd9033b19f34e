"""What people do with add-ons: request, fill in, check, move on; each asks for the permission anew."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

from dashboard import access, cache
from dashboard.addons import changing, hostnames, oidc, rules, saml, states, uptime
from dashboard.addons.changing import in_the_way
from dashboard.addons.hostnames import HostnameError
from dashboard.onboarding import checks as addon_checks
from data import catalog, clock
from data.addons import promises, storage
from data.addons.fetching import FetchError
from data.addons.storage import By, Kept
from data.catalog import UptimeTier
from data.config import settings
from data.provisioning import outbox
from data.writing import NotChangedError

__all__ = ["EDIT", "AddonError", "Kept", "NotChangedError", "in_the_way"]

EDIT = "set up add-ons"
LOG = logging.getLogger(__name__)
AddonError = NotChangedError
"""What a person asked for was not done; the message says why."""


def _url() -> str:
    return settings().database_url.get_secret_value()


def _by(kept: Kept | None = None) -> By:
    """Who changes a set-up, or begins one. Raises ForbiddenError."""
    access.require(EDIT)
    if kept is not None:
        cache.require_shown("addon_setup", kept.id)
    return By(access.person(), access.role())


def offered() -> dict[str, catalog.Addon]:
    """The catalogue's add-ons that have something to set up, by key."""
    return {each.key: each for each in catalog.current().addon if each.kind in states.PATHS}


def tier_of(terms: Mapping[str, Any], tiers: Mapping[str, UptimeTier]) -> UptimeTier | None:
    """The tier that was promised, with its credits as agreed; else as the catalogue has it, by uptime."""
    if terms.get("credits"):
        return UptimeTier.of(terms["tier"], terms["credits"])
    return tiers.get(str(terms.get("tier")))


def tiers(addon: str) -> dict[str, UptimeTier]:
    """The tiers that the catalogue has of an add-on, by uptime."""
    return {str(each.uptime): each for each in offered()[addon].tiers}


def one(name: str) -> Kept | None:
    """A set-up as it is now; None where there is none that the person may see. Raises NotChangedError."""
    return storage.one(cache.stored(), name) if cache.shows("addon_setup", name) else None


def request(customer_id: str, addon: str) -> str:
    """Begin a set-up; its id. Raises NotChangedError."""
    by = _by()
    cache.require_shown("customer", customer_id)
    name = storage.request(_url(), customer_id, addon, offered()[addon].kind, by)
    LOG.info("%s requested %s for %s", by.person, addon, customer_id)
    return name


def save(kept: Kept, changed: Mapping[str, Any], what: str) -> None:
    """Keep settings; what had been verified of others leads back. Raises NotChangedError."""
    by = _by(kept)
    after = changing.with_settings(kept, changed)
    storage.change(_url(), kept, after, what, by, states.told(kept.state, after.state, changed))


def move(kept: Kept, to: str, reason: str) -> None:
    """Lead a set-up to another state. Raises NotChangedError."""
    by = _by(kept)
    after = changing.moved(kept, to, reason)
    storage.change(_url(), kept, after, changing.led(kept, to), by, states.told(kept.state, to, ()))


def check(kept: Kept) -> str:
    """Look everything up now; what came of it, in a sentence. Raises NotChangedError."""
    _by(kept)
    done = addon_checks.check(_url(), kept, addon_checks.network(settings()))
    return "Checked just now." if done else storage.MEANWHILE


def saml_from_file(kept: Kept, body: bytes) -> None:
    """Keep SAML metadata from a file. Raises NotChangedError for what cannot be used."""
    _keep_saml(kept, body, None)


def saml_from_url(kept: Kept, url: str) -> None:
    """Keep SAML metadata from an address. Raises NotChangedError for what cannot be used."""
    access.require(EDIT)
    address = url.strip()
    try:
        _keep_saml(kept, _fetched(address), address)
    except NotChangedError as error:
        if saml.looks_like_sign_on(address) and "sign on" not in str(error):
            raise NotChangedError(f"{error} The address looks like the one where people sign on.") from None
        raise


def _fetched(address: str) -> bytes:
    try:
        return addon_checks.network(settings()).fetcher.get(address)
    except FetchError as error:
        raise NotChangedError(str(error)) from None


def _keep_saml(kept: Kept, body: bytes, url: str | None) -> None:
    found = _understood(lambda: saml.read(body))
    changed = {"protocol": "saml", "metadata": found.kept(), "metadata_url": url, "provider": None}
    save(kept, {**changed, "client_id": None}, "SAML metadata read")


def _understood(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (saml.MetadataError, oidc.DiscoveryError, HostnameError, ValueError) as error:
        raise NotChangedError(str(error)) from None


def oidc_from_issuer(kept: Kept, issuer: str, client_id: str) -> None:
    """Keep an OpenID Connect provider after asking it. Raises NotChangedError for what cannot be used."""
    access.require(EDIT)
    if not client_id.strip():
        raise NotChangedError("Type the client id that the customer made for us.")
    asked = _understood(lambda: oidc.discovery_url(issuer))
    provider = _understood(lambda: oidc.read(_fetched(asked), asked))
    _understood(lambda: oidc.check_keys(_fetched(provider.jwks_uri)))
    changed = {"protocol": "oidc", "provider": provider.kept(), "client_id": client_id.strip()[:255]}
    save(kept, {**changed, "metadata": None, "metadata_url": None}, "OpenID Connect provider read")


def add_domain(kept: Kept, typed: str) -> None:
    """Add an e-mail domain with a challenge of its own. Raises NotChangedError."""
    name = _understood(lambda: hostnames.email_domain(typed))
    domains = list(kept.settings.get("domains", []))
    if name in (each["name"] for each in domains):
        raise NotChangedError(f"{name} is there already.")
    if any(name == own or name.endswith(f".{own}") for own in settings().own_domains):
        raise NotChangedError(f"{name} is ours, not the customer's.")
    save(kept, {"domains": [*domains, {"name": name, "token": uuid4().hex}]}, f"Domain {name} added")


def drop_domain(kept: Kept, name: str) -> None:
    """Take an e-mail domain out. Raises NotChangedError."""
    domains = [each for each in kept.settings.get("domains", []) if each["name"] != name]
    save(kept, {"domains": domains}, f"Domain {name} taken out")


def note_test(kept: Kept, who: str, account: str) -> None:
    """Note that an administrator or a member has signed on. Raises NotChangedError."""
    if not account.strip():
        raise NotChangedError("Say with which account it was tried.")
    told = {"by": access.person(), "at": clock.now().isoformat(), "account": account.strip()[:200]}
    save(kept, {"tests": {**kept.settings.get("tests", {}), who: told}}, f"Tested by {rules.TESTERS[who]}")


def set_hostname(kept: Kept, typed: str) -> None:
    """Keep the hostname of a custom domain. Raises NotChangedError for one that cannot be."""
    chosen = settings()
    ours = (*chosen.own_domains, *((chosen.custom_domain_target,) if chosen.custom_domain_target else ()))
    name = _understood(lambda: hostnames.ascii_form(typed))
    refused = list(hostnames.refused(name, ours))
    if refused:
        raise NotChangedError(" ".join(refused))
    if name != kept.settings.get("hostname"):
        save(kept, {"hostname": name, "token": uuid4().hex}, f"Hostname {name}")


def promise(kept: Kept, tier: str, begins: str, fee: int, currency: str, excluded: str) -> None:
    """Keep what an uptime promise says. Raises NotChangedError."""
    if kept.state in states.LIVE:
        raise NotChangedError("A promise that runs is not changed: disable it and request it again.")
    promised = tier_of(
        kept.settings if kept.settings.get("tier") == tier else {"tier": tier}, tiers(kept.addon)
    )
    if promised is None:
        raise NotChangedError(f"The catalogue has no tier of {tier}%.")
    told = {"tier": tier, "begins": begins, "fee": fee, "currency": currency, "excluded": excluded.strip()}
    told["credits"] = promised.table
    same = all(kept.settings.get(name) == told[name] for name in ("begins", "fee", "currency"))
    later = kept.settings.get("later") if same else None
    told = {**promises.renewed(kept.settings, told, runs=False), "later": later, "ended": None}
    save(kept, told, f"Promise of {tier}% from {begins}")


def send_again(name: str) -> None:
    """Let our own system be told again what it has not acknowledged. Raises NotChangedError."""
    by = _by()
    cache.require_shown("provisioning_request", name)
    outbox.again(_url(), name, by.person, by.role)


def give_up(name: str, reason: str) -> None:
    """Never tell our own system, so that what comes after it is told. Raises NotChangedError."""
    by = _by()
    cache.require_shown("provisioning_request", name)
    outbox.give_up(_url(), name, reason, by.person, by.role)


def downtime(kept: Kept) -> dict[str, int]:
    """The downtime that stands for each month. Raises NotChangedError."""
    return storage.downtime(cache.stored(), kept.id)


def note_downtime(kept: Kept, minutes: Mapping[str, int], source: str) -> None:
    """Keep downtime of months. Raises NotChangedError."""
    by = _by(kept)
    begins, last = promises.first(kept.settings), clock.month_of(clock.now())
    if not begins:
        raise NotChangedError("Say first from which month the promise runs.")
    outside = [month for month in minutes if not begins <= month <= last]
    if outside:
        raise NotChangedError(
            f"The promise runs from {begins}, and {last} is the last one: {', '.join(outside)}."
        )
    for month, down in minutes.items():
        _understood(partial(uptime.uptime, uptime.minutes_of(month), down))
    storage.note_downtime(_url(), kept, minutes, source, by)

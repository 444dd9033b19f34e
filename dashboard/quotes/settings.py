"""What an add-on of a quote is to be set up with, as far as the customer has said so: checked, not asked for.

At acceptance these become the first settings of the add-on's set-up.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from dashboard.addons.hostnames import HostnameError, ascii_form, email_domain, refused
from dashboard.quotes.fields import Fields
from dashboard.quotes.typed import Broken
from data.catalog import Addon

MOST_DOMAINS = 20
PARTS = {
    "single_sign_on": ("protocol", "domains", "scim"),
    "custom_domain": ("hostname",),
    "uptime_sla": (),
    "other": (),
}
"""By kind of add-on: the last parts of its fields, addon.<key>.<part>."""


def asked(addon: Addon, fields: Fields) -> dict[str, Any]:
    """What is known of an add-on: protocol, domains (ASCII), scim; hostname (ASCII); tier.

    What is not said, or said wrong, is left out.
    """
    found: dict[str, Any] = {}
    for part in PARTS[addon.kind]:
        typed = fields.get(f"addon.{addon.key}.{part}")
        if typed not in (None, "", []):
            value, _ = READ[part](str(typed))
            if value is not None:
                found[part] = value
    tier = fields.get(f"tier.{addon.key}")
    return {**found, "tier": str(tier)} if addon.tiers and tier else found


def broken(addon: Addon, fields: Fields) -> Iterator[Broken]:
    """What cannot be set up as it was typed."""
    for part in PARTS[addon.kind]:
        name = f"addon.{addon.key}.{part}"
        if fields.get(name) not in (None, "", []):
            for told in READ[part](str(fields[name]))[1]:
                yield Broken(name, told)


Answer = tuple[Any, list[str]]


def _one_of(*known: str) -> Callable[[str], Answer]:
    return lambda typed: (typed, []) if typed in known else (None, ["Choose one of those offered."])


def _domains(typed: str) -> Answer:
    names, wrong = [], []
    words = [word for word in re.split(r"[\s,;]+", typed) if word]
    if len(words) > MOST_DOMAINS:
        return None, [f"At most {MOST_DOMAINS} domains."]
    for word in words:
        try:
            names.append(email_domain(word))
        except HostnameError as error:
            wrong.append(str(error))
    return (None if wrong else list(dict.fromkeys(names))), wrong


def _hostname(typed: str) -> Answer:
    try:
        name = ascii_form(typed)
    except HostnameError as error:
        return None, [str(error)]
    wrong = list(refused(name, ()))
    return (None if wrong else name), wrong


READ: dict[str, Callable[[str], Answer]] = {
    "protocol": _one_of("saml", "oidc"),
    "domains": _domains,
    "scim": _one_of("yes", "no"),
    "hostname": _hostname,
}

"""Hostnames as customers type them, checked before anything is looked up.

Source: RFC 5891 and UTS 46 (the idna package); mixed scripts after Unicode's UTS 39, section 5.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import idna

LOOKALIKES = frozenset("асԁеһіјӏорԛѕԝхуԍорαοινρυχօսոհցյզ")
"""Cyrillic, Greek and Armenian letters that are taken for Latin ones."""
PHONETIC = frozenset("ɑɡɩ")
"""Latin letters of phonetic script that are taken for a, g and i."""
SECOND_LEVEL = frozenset(("co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go"))
"""What stands before a country, as in example.co.uk, where names are sold one level further down."""
PLAIN = re.compile(r"[a-z0-9-]+")


class HostnameError(ValueError):
    """A hostname cannot be used; the message says why and what to do."""


def ascii_form(typed: str) -> str:
    """The name as DNS has it, lower case, without the last dot. Raises HostnameError."""
    name = typed.strip().rstrip(".").lower()
    if not name:
        raise HostnameError("Type a name such as portal.example.com.")
    if "://" in name or "/" in name or ":" in name or "@" in name:
        raise HostnameError("Type the name alone, such as portal.example.com, without https:// and path.")
    if _is_address(name):
        raise HostnameError("This is an IP address; type a name such as portal.example.com.")
    if "*" in name:
        raise HostnameError("A wildcard (*) cannot be set up; type one name such as portal.example.com.")
    try:
        encoded = idna.encode(name, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise HostnameError(
            f"{typed.strip()[:80]} is no valid hostname: letters, digits, hyphens and dots."
        ) from None
    if "." not in encoded or encoded.rpartition(".")[2].isdigit():
        raise HostnameError("The name needs a domain, such as portal.example.com.")
    _refuse_lookalikes(idna.decode(encoded))
    return encoded


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refuse_lookalikes(name: str) -> None:
    """Refuse a name that can be read as another one."""
    for label in name.split("."):
        if PLAIN.fullmatch(label):
            continue
        scripts = {script for letter in label if (script := _script(letter))}
        foreign = scripts - {"LATIN"}
        if len(scripts) > 1 and not foreign <= {"HIRAGANA", "KATAKANA", "CJK", "HANGUL", "BOPOMOFO"}:
            mixed = " and ".join(sorted(each.capitalize() for each in scripts))
            raise HostnameError(
                f"“{label}” mixes {mixed} letters and can be taken for another name. "
                "Ask the customer for the name in one script."
            )
        letters = [letter for letter in label if letter.isalpha()]
        alike = bool(foreign) and all(letter in LOOKALIKES for letter in letters)
        if alike or not PHONETIC.isdisjoint(letters):
            raise HostnameError(
                f"“{label}” consists of letters that look like Latin ones and can be taken for another name. "
                "Ask the customer for the name in Latin letters."
            )


@lru_cache(maxsize=1024)
def _script(letter: str) -> str | None:
    return unicodedata.name(letter, "").split(" ")[0] if letter.isalpha() else None


def is_apex(name: str) -> bool:
    """Whether a name is a registered domain itself, as far as the name alone tells."""
    labels = name.split(".")
    return len(labels) == 2 or (len(labels) == 3 and labels[1] in SECOND_LEVEL and len(labels[2]) == 2)


def refused(name: str, ours: Iterable[str]) -> Iterator[str]:
    """Why a customer cannot have a name (in ASCII) as their custom domain, a sentence each."""
    for own in ours:
        if name == own or name.endswith(f".{own}"):
            yield f"{name} belongs to us ({own}); the customer uses a name of their own domain."
    if is_apex(name):
        yield (
            f"{name} is the domain itself, and a CNAME cannot stand there (RFC 1034, 3.6.2). Take a name "
            f"below it, such as portal.{name}."
        )


def email_domain(typed: str, free: Iterable[str] = ()) -> str:
    """The domain of e-mail addresses, in ASCII; an address is taken for its domain. Raises HostnameError."""
    name = ascii_form(typed.rpartition("@")[2])
    if name in (*FREE_MAIL, *free):
        raise HostnameError(f"{name} is open to everybody, so it is nobody's company domain.")
    return name


FREE_MAIL = frozenset(
    (
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com"),
        *("me.com", "aol.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "mail.ru"),
    )
)
"""Mail hosts where anybody gets an address."""

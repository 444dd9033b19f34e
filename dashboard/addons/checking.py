"""What was seen in DNS and on the web, judged: ok, not, or not known, with the reason and since when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

CHALLENGE = "_addon-verification"
"""The label below which a customer proves that a domain is theirs."""


class Record(NamedTuple):
    """A record that the customer is to create."""

    kind: str
    name: str
    value: str


class Found(NamedTuple):
    """What a check came to; ok is None when it is not known."""

    ok: bool | None
    told: str
    seen: tuple[str, ...] = ()


def challenge(domain: str, token: str) -> Record:
    """The TXT record that proves who a domain belongs to."""
    return Record("TXT", f"{CHALLENGE}.{domain}", f"addon-verification={token}")


def owned(record: Record, seen: Iterable[str], problem: str, known: bool) -> Found:
    """Whether the challenge stands where it should."""
    values = tuple(seen)
    if record.value in (each.strip() for each in values):
        return Found(True, f"{record.name} has the text.", values)
    if values:
        return Found(False, f"{record.name} has another text than the one expected.", values)
    return Found(False if known else None, problem)


def routed(
    name: str, target: str, cname: tuple[str, ...], here: Iterable[str], there: Iterable[str], apex: bool
) -> Found:
    """Whether a name leads to our target: by a CNAME, or to the very same addresses."""
    ours, theirs = set(there), set(here)
    if target in cname:
        return Found(True, f"{name} is a CNAME of {target}.", cname)
    if apex:
        return Found(
            False, f"{name} is the top of a DNS zone, where no CNAME can stand: take a name below it."
        )
    if cname:
        return Found(False, f"{name} is a CNAME of {', '.join(cname)}, not of {target}.", cname)
    if theirs and theirs <= ours:
        return Found(True, f"{name} leads to the addresses of {target}.", tuple(sorted(theirs)))
    if theirs:
        told = (
            f"{name} leads to {', '.join(sorted(theirs))}, which is not {target}: create the CNAME instead."
        )
        return Found(False, told, tuple(sorted(theirs)))
    return Found(False, f"{name} has no CNAME yet.")


def stamped(
    before: Mapping[str, Mapping[str, Any]], found: Mapping[str, Found], now: datetime
) -> dict[str, dict[str, Any]]:
    """Checks as they are kept: since is when a check came to this (ok or not) for the first time in a row."""
    kept = {}
    for name, each in found.items():
        earlier = before.get(name)
        same = earlier is not None and earlier.get("ok") == each.ok
        since = earlier["since"] if earlier is not None and same else now.isoformat()
        kept[name] = {"ok": each.ok, "told": each.told, "seen": list(each.seen), "since": since}
        kept[name]["at"] = now.isoformat()
    return kept

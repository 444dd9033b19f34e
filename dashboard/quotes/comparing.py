"""Two versions of a quote side by side: what changed in words, and what it does to the money."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from dashboard import formatting
from dashboard.quotes.fields import (
    COLLECTION,
    JOINING,
    PROTOCOLS,
    RENEWAL,
    SCIM,
    START,
    Fields,
    given,
    label,
)
from data.catalog import Catalog
from data.quotes.states import Figures

WORDS = {"start": START | JOINING, "collection": COLLECTION, "renewal": RENEWAL}
SITTING = timedelta(minutes=15)


class Version(Protocol):
    """A version: who kept it, and when."""

    @property
    def saved_at(self) -> Any: ...

    @property
    def saved_by(self) -> str: ...


V = TypeVar("V", bound=Version)


def sittings(versions: Sequence[V]) -> list[V]:
    """Of versions, the newest first, the last of each sitting: a person's edits within SITTING are one."""
    kept: list[V] = []
    for each in versions:
        last = kept[-1] if kept else None
        if last is None or last.saved_by != each.saved_by or last.saved_at - each.saved_at > SITTING:
            kept.append(each)
    return kept


def changes(
    before: Fields, after: Fields, sold: Catalog, hidden: Collection[str] = ()
) -> list[tuple[str, str, str]]:
    """Each field that differs and is not hidden: its name, and what it said and says."""
    was, now = given(before), given(after)
    return [
        (label(name, sold), shown(name, was.get(name), sold), shown(name, now.get(name), sold))
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name) and name not in hidden
    ]


def shown(name: str, value: Any, sold: Catalog) -> str:
    """What a field says, in words."""
    if value in (None, "", []):
        return "nothing"
    if name in ("plan", "of.plan", "addons", "of.addons"):
        keys = value if isinstance(value, list) else [value]
        return ", ".join(entry.name if (entry := sold.entry(str(key))) else str(key) for key in keys)
    by_part = {"protocol": PROTOCOLS, "scim": SCIM} if name.startswith("addon.") else WORDS
    words = by_part.get(name.rpartition(".")[2], {})
    if name == "interval":
        return formatting.interval(str(value)).lower()
    told = words.get(str(value), f"{value:,}" if isinstance(value, int) else str(value))
    return f"{told.removesuffix('%')}%" if name.endswith(".percent") else told


def money(was: Figures | None, now: Figures | None) -> list[tuple[str, ...]]:
    """Figure, before, after, change; nothing where one cannot be worked out."""
    if was is None or now is None:
        return []
    rows = [
        _amount(name, getattr(was, part), getattr(now, part), was.currency, now.currency)
        for name, part in (
            ("Total contract value", "total"),
            ("ARR", "arr"),
            ("First invoice", "first_invoice"),
        )
    ]
    return [*rows, _share(was.discount, now.discount)]


def _amount(name: str, was: int, now: int, old: str, new: str) -> tuple[str, ...]:
    change = formatting.amount(now - was, new) if old == new else "another currency"
    return name, formatting.amount(was, old), formatting.amount(now, new), change


def _share(was: Fraction | None, now: Fraction | None) -> tuple[str, ...]:
    both = was is not None and now is not None
    change = f"{formatting.percent((now or 0) - (was or 0))}" if both else formatting.DASH
    return "Effective discount", formatting.percent(was), formatting.percent(now), change

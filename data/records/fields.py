"""Reading single fields of Stripe's JSON: references, embedded lists, exact decimals."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Row = dict[str, Any]

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def reference(value: str | Json | None) -> str | None:
    """The id behind a reference, be it an id or the expanded object."""
    return value.get("id") if isinstance(value, dict) else value


def listed(value: Json | None) -> list[Json]:
    """What an embedded list holds; nothing when the list is absent."""
    return (value.get("data") or []) if value else []


def decimal_text(value: str | float | None) -> str | None:
    """A decimal number as exact text: 20.0 becomes "20", 12.5 "12.5", None stays None."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def total(parts: Iterable[Json] | None) -> int | None:
    """The sum of the parts' amounts, in minor units; None when Stripe gave no list."""
    return None if parts is None else sum(part.get("amount") or 0 for part in parts)

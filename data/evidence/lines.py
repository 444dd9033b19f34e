"""Invoice lines, and items that wait for an invoice, as charges of subscription items."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from data.evidence.facts import Charge, Kind, Terms, terms
from data.valuation import Price, is_recurring, yearly

Prices = Mapping[str, Price]
SECOND, YEAR = timedelta(seconds=1), 366 * 86_400  # seconds


class Key(NamedTuple):
    """What lines have in common that are one charge."""

    source: str
    subscription_id: str
    item_id: str
    kind: Kind
    price_id: str | None
    start: datetime
    end: datetime | None


def charges(lines: Iterable[Any], pending: Iterable[Any], prices: Prices) -> dict[str, list[Charge]]:
    """Charges by subscription, from rows of invoice_line and invoice_item.

    A proration is an invoice item first and a line of an invoice later: it is taken once. The lines of a
    graduated price, one for each tier, are one charge of all their units.
    """
    grouped: dict[Key, list[Any]] = defaultdict(list)
    for key, row in _keyed(lines, pending):
        grouped[key].append(row)
    found: dict[str, list[Charge]] = defaultdict(list)
    for key, rows in grouped.items():
        price = prices.get(key.price_id or "")
        said = terms(price, _units(price, [row.quantity for row in rows]))
        costs = key.kind == "period" and _costs(said, key)
        free = all(row.amount == 0 for row in rows) if costs else None
        charge = Charge(key.item_id, key.kind, said, key.start, key.end, free, _idle_since(key, rows))
        found[key.subscription_id].append(charge)
    return found


def _idle_since(key: Key, rows: Iterable[Any]) -> datetime | None:
    """Until when the lines before had billed, where that is before these begin."""
    reached = [each for row in rows if (each := getattr(row, "billed_until", None)) and each < key.start]
    return min(reached, default=None)


def _costs(said: Terms, key: Key) -> bool:
    """Whether a period at such terms comes to something, however short it is."""
    if said.price is None or not is_recurring(said.price):
        return False
    years = Fraction(1) if key.end is None else Fraction((key.end - key.start) // SECOND, YEAR)
    return (yearly(said.price, said.quantity) or Fraction(0)) * years >= 1


def _keyed(lines: Iterable[Any], pending: Iterable[Any]) -> Iterator[tuple[Key, Any]]:
    waiting = {row.id: row for row in pending if row.proration and row.subscription_item_id}
    rows = [(row, row.id) for row in waiting.values()]
    rows += [(row, row.invoice_id) for row in lines if row.invoice_item_id not in waiting]
    for row, source in rows:
        if row.subscription_id and row.subscription_item_id and row.period_start:
            key = (row.subscription_id, row.subscription_item_id, _kind(row), row.price_id)
            yield Key(source, *key, row.period_start, row.period_end), row


def _kind(row: Any) -> Kind:
    if not row.proration:
        return "period"
    return "credit" if row.credited_lines or (row.amount or 0) < 0 else "charge"


def _units(price: Price | None, quantities: list[int | None]) -> int | None:
    known = [quantity for quantity in quantities if quantity is not None]
    if not known:
        return None
    return sum(known) if price and price.tiers_mode == "graduated" else max(known)

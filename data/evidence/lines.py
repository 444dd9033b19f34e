"""Invoice lines, and items that wait for an invoice, as charges of subscription items."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from data.evidence.facts import Charge, Kind, terms
from data.valuation import Price

Prices = Mapping[str, Price]


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
    grouped: dict[Key, list[int | None]] = defaultdict(list)
    for key, quantity in _keys(lines, pending):
        grouped[key].append(quantity)
    found: dict[str, list[Charge]] = defaultdict(list)
    for key, quantities in grouped.items():
        price = prices.get(key.price_id or "")
        said = terms(price, _units(price, quantities))
        found[key.subscription_id].append(Charge(key.item_id, key.kind, said, key.start, key.end))
    return found


def _keys(lines: Iterable[Any], pending: Iterable[Any]) -> Iterator[tuple[Key, int | None]]:
    waiting = {row.id: row for row in pending if row.proration and row.subscription_item_id}
    rows = [(row, row.id) for row in waiting.values()]
    rows += [(row, row.invoice_id) for row in lines if row.invoice_item_id not in waiting]
    for row, source in rows:
        if row.subscription_id and row.subscription_item_id and row.period_start:
            key = (row.subscription_id, row.subscription_item_id, _kind(row), row.price_id)
            yield Key(source, *key, row.period_start, row.period_end), row.quantity


def _kind(row: Any) -> Kind:
    if not row.proration:
        return "period"
    return "credit" if row.credited_lines or (row.amount or 0) < 0 else "charge"


def _units(price: Price | None, quantities: list[int | None]) -> int | None:
    known = [quantity for quantity in quantities if quantity is not None]
    if not known:
        return None
    return sum(known) if price and price.tiers_mode == "graduated" else max(known)

"""Events about subscriptions as snapshots: what it was just before, and from then on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, TypeVar

from data.clock import from_epoch
from data.evidence.facts import Snapshot, State, Terms, terms
from data.records.fields import listed, reference
from data.valuation import Price

Json = dict[str, Any]
Prices = Callable[[Json], Price | None]
T = TypeVar("T")

CREATED = "customer.subscription.created"


def snapshots(rows: Iterable[Any], price_of: Prices) -> list[Snapshot]:
    """Event rows of one subscription, in any order, as snapshots in order of time.

    Events of the same second are one: what was before the first of them, and after the last. Where they lead
    back to where they began, the events around them tell where that was.
    """
    made = [_snapshot(row, price_of) for row in sorted(rows, key=lambda row: (row.created_at, row.id))]
    together: dict[datetime, list[Snapshot]] = {}
    for each in made:
        together.setdefault(each.at, []).append(each)
    groups = list(together.values())
    found: list[Snapshot] = []
    for group, following in zip_longest(groups, groups[1:]):
        around = [*(each.after for each in found[-1:]), *(each.before for each in (following or ())[:1])]
        found.append(_one(group, [each for each in around if each]))
    return found


def _snapshot(row: Any, price_of: Prices) -> Snapshot:
    obj: Json = row.data["object"]
    after = _state(obj, price_of)
    if row.type == CREATED:
        return Snapshot(row.created_at, None, after)
    previous: Json = row.data.get("previous_attributes") or {}
    before = _state(merged(obj, previous), price_of) if previous else after
    if row.type.endswith(".deleted"):
        before = State("", before.items, before.discounts)
    return Snapshot(row.created_at, before, after)


def merged(obj: Json, previous: Mapping[str, Any]) -> Json:
    """An object as it was: changed fields put back, nested objects in their changed keys only."""
    was = dict(obj)
    for name, value in previous.items():
        now = obj.get(name)
        was[name] = merged(now, value) if isinstance(now, dict) and isinstance(value, dict) else value
    return was


def _state(obj: Json, price_of: Prices) -> State:
    items = listed(obj.get("items"))
    discounts = [*(obj.get("discounts") or ())]
    for item in items:
        discounts += item.get("discounts") or ()
    return State(
        obj.get("status") or "",
        {item["id"]: _terms(item, price_of) for item in items},
        tuple(found for each in discounts if (found := reference(each))),
    )


def _terms(item: Json, price_of: Prices) -> Terms:
    price = item.get("price")
    found = price_of(price) if isinstance(price, dict) else price_of({"id": price})
    return terms(found, item.get("quantity"))


def item_created(rows: Iterable[Any]) -> dict[str, datetime]:
    """When the items that events show were added."""
    found: dict[str, datetime] = {}
    for row in rows:
        for item in listed(row.data["object"].get("items")):
            if instant := from_epoch(item.get("created")):
                found[item["id"]] = instant
    return found


def _one(group: Sequence[Snapshot], around: Sequence[State]) -> Snapshot:
    """Events of one second as one; around: what the events before and after them say it was."""
    began = any(each.before is None for each in group)
    moves = [(each.before or each.after, each.after) for each in group]
    status = _ends(
        [(before.status, after.status) for before, after in moves], [each.status for each in around]
    )
    items = _ends([(before.items, after.items) for before, after in moves], [each.items for each in around])
    discounts = _ends(
        [(before.discounts, after.discounts) for before, after in moves], [each.discounts for each in around]
    )
    before, after = (State(*parts) for parts in zip(status, items, discounts, strict=True))
    return Snapshot(group[0].at, None if began else before, after)


def _ends(moves: Sequence[tuple[T, T]], around: Sequence[T]) -> tuple[T, T]:
    """Where moves that follow one another in an unknown order begin and end."""
    moves = [(before, after) for before, after in moves if before != after] or moves[-1:]
    befores, afters = [before for before, _ in moves], [after for _, after in moves]
    left = [each for each in befores if befores.count(each) > afters.count(each)]
    reached = [each for each in afters if afters.count(each) > befores.count(each)]
    if left and reached:
        return left[0], reached[-1]
    if len(moves) == 1:
        return moves[0]
    round_trip = next((each for each in around if each in befores), befores[0])
    return round_trip, round_trip

"""Why run rate moved, mechanically: seats, plan, interval, price, discount, add-on, migration."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pandas as pd

from dashboard import formatting
from dashboard.metrics.selection import Selection
from dashboard.metrics.text import known

MOVE = ["customer_id", "day", "currency", "kind", "delta_arr"]
COLUMNS = ["customer_id", "day", "currency", "reason", "detail", "delta_arr"]
BEGINNINGS = {
    "trial": "Trial became paid",
    "incomplete": "First payment made",
    "unpaid": "Paid again",
    "paused": "Resumed",
}
ENDINGS = {"trial": "Trial began again", "unpaid": "Unpaid", "paused": "Paused"}
NOT_COUNTED = "Counts no longer"
REASONS = (
    "New subscription",
    "Came back",
    "Another subscription",
    "Subscription ended",
    "Seats",
    "Plan",
    "Interval",
    "Price change",
    "Discount began",
    "Discount ended",
    "Discount changed",
    "Add-on added",
    "Add-on removed",
    "Migration",
    "Exchange rates",
    "Not dated by an item",
    *BEGINNINGS.values(),
    *ENDINGS.values(),
    NOT_COUNTED,
)
"""Every reason there is."""


def reasons(
    moves: pd.DataFrame, changes: pd.DataFrame, plans: dict[str, str], selection: Selection
) -> pd.DataFrame:
    """COLUMNS: each movement of a customer's day (customer_id, currency, day, kind, delta_arr) in parts.

    changes is the frame item_changes of the same days, plans the plan of each product. The parts of a
    movement add up to it, exactly: what no item accounts for is a part of its own. Of an item only what is in
    the selection counts, be it what it was or what it became.
    """
    rows: list[tuple[Any, ...]] = []
    for customer, day, currency, kind, delta in moves[MOVE].itertuples(index=False, name=None):
        changed = changes.loc[(changes["customer_id"] == customer) & (changes["day"] == day)]
        own = changed.loc[changed["currency"] == currency]
        elsewhere = sorted(set(changed["currency"]) - {str(currency)})
        items = [_selected(item, selection) for item in own.to_dict("records")]
        parts = [part for item in items for part in _parts(item, str(kind), plans, elsewhere)]
        rest = int(delta) - sum(part[2] for part in parts)
        if rest:
            parts.append(("Not dated by an item", "", rest))
        rows += [(customer, day, currency, *part) for part in parts if part[2]]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"delta_arr": "int64"})


Part = tuple[str, str, int]
Item = dict[Any, Any]


def _selected(item: Item, selection: Selection) -> Item:
    """The item with nothing on a side whose product or interval is not in the selection."""
    had, has = (
        selection.has(known(item[f"product_{side}"]), known(item[f"interval_{side}"]))
        for side in ("before", "after")
    )
    if not had:
        item = item | {"arr_before": 0, "list_before": 0, "list_moved": 0}
    return item if has else item | {"arr_after": 0, "list_after": 0, "list_moved": item["list_before"]}


def _parts(item: Item, kind: str, plans: dict[str, str], elsewhere: list[str]) -> Iterator[Part]:
    """What happened to one item: a reason, in detail, and what it came to."""
    before, after = (known(item[f"state_{side}"]) for side in ("before", "after"))
    delta = int(item["arr_after"]) - int(item["arr_before"])
    if before == after == "counted":
        yield from _terms(item, plans)
    elif after == "counted":
        yield _begun(item, before, kind, elsewhere), _named(item, "after", plans), delta
    elif before == "counted":
        yield _ended(item, after, kind, elsewhere), _named(item, "before", plans), delta


def _begun(item: Item, before: str, kind: str, elsewhere: list[str]) -> str:
    if before:
        return BEGINNINGS.get(before, "New subscription")
    if elsewhere:
        return "Migration"
    if kind == "new":
        return "New subscription"
    if kind == "reactivation":
        return "Came back"
    return "Add-on added" if item["kind"] == "addon" else "Another subscription"


def _ended(item: Item, after: str, kind: str, elsewhere: list[str]) -> str:
    if after:
        return ENDINGS.get(after, NOT_COUNTED)
    if elsewhere:
        return "Migration"
    return "Add-on removed" if item["kind"] == "addon" and kind != "churn" else "Subscription ended"


def _terms(item: Item, plans: dict[str, str]) -> Iterator[Part]:
    """An item that counted before and after: its quantity at the old price, its price, its discount.

    A discount that takes off the same share as before is in each part; seats of two plans are not compared.
    """
    first, moved, last = (int(item[name]) for name in ("list_before", "list_moved", "list_after"))
    worth, worth_after = int(item["arr_before"]), int(item["arr_after"])
    reason, detail = _term(item, plans)
    if abs(worth * last - worth_after * first) <= first + last:  # the same share, but for rounding
        first, moved, last = worth, round(Fraction(moved * worth, first)) if first else moved, worth_after
    if reason == "Plan":
        moved = first
    yield "Seats", f"{_quantity(item, 'before')} → {_quantity(item, 'after')}", moved - first
    yield reason, detail, last - moved
    off, off_after = first - worth, last - worth_after
    yield _discount(off, off_after), "", off - off_after


def _quantity(item: Item, side: str) -> str:
    number = item[f"quantity_{side}"]
    return "1" if formatting.is_missing(number) else formatting.count(number)


def _term(item: Item, plans: dict[str, str]) -> tuple[str, str]:
    """Which term of an item made its price another one, and from what to what."""
    names = [_plan(item, side, plans) for side in ("before", "after")]
    if names[0] != names[1]:
        units = (_quantity(item, side) for side in ("before", "after"))
        told = (
            f"{name}{f' × {count}' if count != '1' else ''}" for name, count in zip(names, units, strict=True)
        )
        return "Plan", " → ".join(told)
    intervals = [formatting.interval(known(item[f"interval_{side}"])) for side in ("before", "after")]
    if intervals[0] != intervals[1]:
        return "Interval", " → ".join(intervals)
    if known(item["subscription_before"]) != known(item["subscription_after"]):
        return "Migration", f"{names[1]}, to another subscription"
    return "Price change", names[1]


def _plan(item: Item, side: str, plans: dict[str, str]) -> str:
    product = known(item[f"product_{side}"])
    return plans.get(product, product)


def _named(item: Item, side: str, plans: dict[str, str]) -> str:
    told = _plan(item, side, plans)
    interval = formatting.interval(known(item[f"interval_{side}"]))
    units = formatting.count(item[f"quantity_{side}"])
    return f"{told}, {interval.lower()}{f', {units} units' if units not in ('1', formatting.DASH) else ''}"


def _discount(before: int, after: int) -> str:
    if before <= 0 < after:
        return "Discount began"
    return "Discount ended" if after <= 0 < before else "Discount changed"


def summary(moves: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """The movements with reason (that which came to most) and detail (all in words, the largest first)."""
    found: dict[tuple[Any, ...], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for part in parts.itertuples():
        found[part.customer_id, part.day, part.currency][str(part.reason)].append(part)
    told = [
        _told(found[tuple(each)], str(each[2]))
        for each in moves[["customer_id", "day", "currency"]].itertuples(index=False, name=None)
    ]
    return moves.assign(reason=[reason for reason, _ in told], detail=[detail for _, detail in told])


def _told(groups: dict[str, list[Any]], currency: str) -> tuple[str, str]:
    """The largest reason, and all of them in words; amounts where there are several."""
    sums = {reason: sum(part.delta_arr for part in parts) for reason, parts in groups.items()}
    ranked = sorted(sums, key=lambda reason: -abs(sums[reason]))
    if not ranked:
        return formatting.DASH, ""
    details = {reason: _joined([part.detail for part in groups[reason]]) for reason in ranked}
    if len(ranked) == 1:
        return ranked[0], details[ranked[0]]
    words = (f"{reason}{f': {details[reason]}' if details[reason] else ''}" for reason in ranked)
    amounts = (formatting.mrr(sums[reason], currency) for reason in ranked)
    signed = (
        f"{'+' if sums[reason] > 0 else ''}{amount}" for reason, amount in zip(ranked, amounts, strict=True)
    )
    return ranked[0], "; ".join(f"{word} ({amount})" for word, amount in zip(words, signed, strict=True))


def _joined(details: list[str]) -> str:
    """Several details as one; the interval that all of them have is said once, at the end."""
    heads, _, ends = zip(*(detail.rpartition(", ") for detail in details), strict=True)
    if len(details) > 1 and all(heads) and len(set(ends)) == 1:
        return f"{', '.join(heads)}, {ends[0]}"
    return "; ".join(filter(None, details))

"""The audit in words."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.formatting import DASH, amount, day, is_missing, word
from data.clock import from_epoch


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two states: "status: active → canceled"; all of one that has none before it."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return _alone(after) if isinstance(after, Mapping) else ""
    currency = after.get("currency") or before.get("currency")
    differing = [name for name in after if name in before and after[name] != before[name]]
    return "; ".join(
        f"{name}: {in_words(name, before[name], currency)} → {in_words(name, after[name], currency)}"
        for name in differing
    )


def _alone(state: Mapping[str, Any]) -> str:
    named = {name: value for name, value in state.items() if value not in (None, "", [], {})}
    told = (f"{name}: {in_words(name, value, state.get('currency'))}" for name, value in named.items())
    return "; ".join(told)


AMOUNTS = ("total", "still to pay", "credited", "refunded", "refunded by this")
"""What an action's state keeps as minor units of its currency."""
INSTANTS = ("period ends", "set to end", "trial ends", "ends by plan")
"""What an action's state keeps as epoch seconds."""


def in_words(name: str, value: Any, currency: str | None = None) -> str:
    """One thing of an object's state: instants as days, amounts with their currency, a dash for nothing."""
    if name in AMOUNTS and isinstance(value, int):
        return amount(value, currency) if currency else f"{value} in the smallest unit"
    if name in ("items", "lines") and isinstance(value, list):
        return ", ".join(_row(name, each, currency) for each in value) or DASH
    if name == "planned" and isinstance(value, list):
        return "; ".join(map(_planned, value)) or DASH
    return day(from_epoch(value)) if name in INSTANTS and isinstance(value, int) else _told(value)


def _row(name: str, row: Any, currency: str | None) -> str:
    """An item (id, price, quantity) or a line (id, words, amount) of an object's state."""
    if not isinstance(row, list | tuple) or len(row) != 3:
        return _told(row)
    _, what, number = row
    if name == "lines":
        return f"{what or 'line'} {amount(number, currency) if currency else number}"
    return f"{1 if number is None else number} × {what}"


def _planned(phase: Any) -> str:
    """A phase that is to come: when it begins (epoch seconds), then price and quantity of each item."""
    begins, *items = phase
    had = " and ".join(f"{1 if number is None else number} × {price}" for price, number in items)
    return f"from {day(from_epoch(begins))}: {had}"


def _told(value: Any) -> str:
    if value is None or value == "" or value == []:
        return DASH
    return ", ".join(map(_told, value)) if isinstance(value, list | tuple) else str(value)


def told(entries: pd.DataFrame) -> pd.DataFrame:
    """Audit entries with customer (name, id or prospect), time, changed, requests and outcome in words."""
    pairs = zip(entries["before"], entries["after"], strict=True)
    names = [
        next((each for each in known if not is_missing(each) and each), DASH)
        for known in zip(entries["customer_name"], entries["customer_id"], entries["prospect"], strict=True)
    ]
    return entries.assign(
        customer=names,
        time=[f"{at:%H:%M:%S}" for at in entries["at"]],
        changed=[changes(*pair) for pair in pairs],
        requests=[", ".join(each or ()) for each in entries["request_ids"]],
        outcome=[word(str(each)) for each in entries["outcome"]],
    )

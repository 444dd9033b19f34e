"""The audit in words."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.formatting import DASH, day, is_missing, word
from data.clock import from_epoch


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two states: "status: active → canceled"; "" where one is not known."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ""
    differing = [name for name in after if after[name] != before.get(name)]
    return "; ".join(
        f"{name}: {in_words(name, before.get(name))} → {in_words(name, after[name])}" for name in differing
    )


INSTANTS = ("period ends", "set to end", "trial ends")
"""What an action's state keeps as epoch seconds."""


def in_words(name: str, value: Any) -> str:
    """One thing of an object's state: instants as days, lists with commas, a dash for nothing."""
    return day(from_epoch(value)) if name in INSTANTS and isinstance(value, int) else _told(value)


def _told(value: Any) -> str:
    if value is None or value == "" or value == []:
        return DASH
    return ", ".join(map(_told, value)) if isinstance(value, list | tuple) else str(value)


def told(entries: pd.DataFrame) -> pd.DataFrame:
    """Audit entries with customer (name or id), changed, requests and outcome in words."""
    pairs = zip(entries["before"], entries["after"], strict=True)
    names = [
        DASH if is_missing(key) else key if is_missing(name) else name
        for name, key in zip(entries["customer_name"], entries["customer_id"], strict=True)
    ]
    return entries.assign(
        customer=names,
        changed=[changes(*pair) for pair in pairs],
        requests=[", ".join(each or ()) for each in entries["request_ids"]],
        outcome=[word(str(each)) for each in entries["outcome"]],
    )

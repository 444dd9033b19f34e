"""The audit in words."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.formatting import DASH, is_missing, word


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two states: "status: active → canceled"; "" where one is not known."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ""
    differing = [name for name in after if after[name] != before.get(name)]
    return "; ".join(f"{name}: {_told(before.get(name))} → {_told(after[name])}" for name in differing)


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

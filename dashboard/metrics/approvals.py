"""Requests for approval in words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.formatting import amount, is_missing, mrr, word


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """Requests with customer (name or id) and outcome in words."""
    outcomes = [
        _outcome(state, action) for state, action in zip(rows["state"], rows["action_state"], strict=True)
    ]
    return rows.assign(customer=rows["customer_name"].fillna(rows["customer_id"]), outcome=outcomes)


def _outcome(state: str, action: object) -> str:
    """ "Approved, done": what was decided and what became of it at Stripe."""
    return word(state) if is_missing(action) else f"{word(state)}, {str(action).replace('_', ' ')}"


def apart(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The requests that wait, and those that are decided."""
    waits = rows["state"] == "waiting"
    return rows.loc[waits], rows.loc[~waits]


def has_late(waiting: pd.DataFrame, now: datetime) -> bool:
    """Whether something has waited too long."""
    return bool((waiting["expires_at"] <= now).any()) if len(waiting) else False


def in_words(shown: Mapping[str, Any]) -> list[str]:
    """What a request's preview said of run rate and money, a sentence each."""
    before, after = shown["arr"]
    currency, effect = shown["currency"], shown["effect"]
    found = [f"{effect}."] if effect else []
    if before is not None and after is not None and currency and before != after:
        found = [f"MRR: {mrr(before, currency)} → {mrr(after, currency)}. {effect}."]
    if shown["billed"]:
        code, total, now = shown["billed"]
        when = "at once" if now else "when the period ends"
        found.append(f"Billed {when}, as of then: {amount(total, code)}.")
    return found

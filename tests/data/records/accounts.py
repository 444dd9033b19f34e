"""The reference account as plain objects, for tests that read it with their own code."""

import json
from pathlib import Path
from typing import Any

RESOURCES = (
    *("products", "prices", "coupons", "promotion_codes", "customers", "payment_methods", "subscriptions"),
    *("subscription_schedules", "invoices", "invoiceitems", "credit_notes", "charges", "refunds", "quotes"),
    "events",
)


def objects_of(folder: Path, resource: str) -> list[dict[str, Any]]:
    """Every object of a resource; none when the account has no such file."""
    path = folder / f"{resource}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

"""A copy of an account: JSON lines per resource, as its list endpoints return it, newest first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from data.sandbox.api.resources import RESOURCES
from data.sandbox.store import Store

Json = dict[str, Any]
ACCOUNT_ID = "acct_1Sandbox00000000"


class MalformedAccountError(ValueError):
    """An export that cannot be read; the sentence names file and line."""


def load(store: Store, folder: Path, frozen_at: int | None = None) -> dict[str, int]:
    """Put a whole export into a store and stop its clock where the export was made; objects by resource.

    The moment (epoch seconds) is frozen_at, else that of account.json, else the newest `created` of all.
    Raises MalformedAccountError.
    """
    if not any((folder / f"{name}.jsonl").is_file() for name in RESOURCES):
        names = ", ".join(RESOURCES)
        raise MalformedAccountError(f"{folder} holds no account: no .jsonl of {names}")
    about = _about(folder / "account.json")
    counts, newest = {}, 0
    with store.transaction():
        for name in RESOURCES:
            objects = list(_objects(folder / f"{name}.jsonl"))
            for obj in reversed(objects):
                newest = max(newest, obj.get("created") or obj.get("date") or 0)
                store.put(name, _NORMALISED.get(name, _unchanged)(obj))
            counts[name] = len(objects)
        if "account" in about:
            store.set_meta("account", orjson.dumps(about["account"]).decode())
        store.set_now(frozen_at if frozen_at is not None else about.get("frozen_at", newest))
    return counts


def _about(path: Path) -> Json:
    if not path.is_file():
        return {}
    try:
        about = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise MalformedAccountError(f"{path} is not JSON: {error}") from None
    if not isinstance(about, dict) or not isinstance(about.get("frozen_at", 0), int):
        raise MalformedAccountError(f"{path} should hold an object whose frozen_at is epoch seconds")
    return about


def _objects(path: Path) -> Iterator[Json]:
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _object(path, number, line)


def _object(path: Path, number: int, line: bytes) -> Json:
    try:
        obj = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise MalformedAccountError(f"{path}, line {number}: not JSON ({error})") from None
    if not isinstance(obj, dict) or not isinstance(obj.get("id"), str):
        raise MalformedAccountError(f"{path}, line {number}: not an object with an id")
    return obj


def _unchanged(obj: Json) -> Json:
    return obj


def _id(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) and "id" in value else value


def _with_ids(*names: str) -> Callable[[Json], Json]:
    def normalise(obj: Json) -> Json:
        return {**obj, **{name: _id(obj[name]) for name in names if name in obj}}

    return normalise


_REFERENCES = _with_ids(
    "customer", "latest_invoice", "default_payment_method", "schedule", "invoice", "charge", "product",
    "default_price", "payment_method", "subscription",
)  # fmt: skip


def _discounted(obj: Json) -> Json:
    return {**obj, "discounts": [_discount(each) for each in obj.get("discounts") or []]}


def _discount(value: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get("source"), dict):
        return value
    source = {**value["source"], "coupon": _id(value["source"].get("coupon"))}
    return {**_with_ids("customer", "promotion_code")(value), "source": source}


def _with_rows(name: str, normalise: Callable[[Json], Json]) -> Callable[[Json], Json]:
    def both(obj: Json) -> Json:
        rows = [normalise(row) for row in obj[name]["data"]]
        return {**_discounted(_REFERENCES(obj)), name: {**obj[name], "data": rows}}

    return both


def _item(item: Json) -> Json:
    price = item.get("price")
    return _discounted({**item, "price": _REFERENCES(price) if isinstance(price, dict) else price})


def _phased(obj: Json) -> Json:
    phases = [
        {
            **phase,
            **{
                name: [{**row, "price": _id(row.get("price"))} for row in phase.get(name) or []]
                for name in ("items", "add_invoice_items")
            },
        }
        for phase in obj.get("phases") or []
    ]
    return {**_REFERENCES(obj), "phases": phases}


def _promoted(obj: Json) -> Json:
    promotion = obj.get("promotion") or {}
    return {**_REFERENCES(obj), "promotion": {**promotion, "coupon": _id(promotion.get("coupon"))}}


_NORMALISED: dict[str, Callable[[Json], Json]] = {
    **dict.fromkeys(
        ("prices", "products", "payment_methods", "credit_notes", "charges", "refunds"), _REFERENCES
    ),
    "subscriptions": _with_rows("items", _item),
    "invoices": _with_rows("lines", _discounted),
    "invoiceitems": lambda obj: _discounted(_REFERENCES(obj)),
    "subscription_schedules": _phased,
    "promotion_codes": _promoted,
}


def account_object(store: Store) -> Json:
    """What /v1/account answers."""
    kept = store.meta("account")
    known = orjson.loads(kept) if kept else {}
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {"name": "Sandbox", "url": None},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
        **known,
    }

"""A copy of an account comes in from JSON lines."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from data.sandbox.account import MalformedAccountError, load
from data.sandbox.store import Store
from tests.data.sandbox.factories import customer, discount, invoice, item, subscription

COUPON = {"id": "HALF", "object": "coupon", "percent_off": 50}


def export(folder: Path, resource: str, *objects: dict[str, Any]) -> Path:
    """One file of an export."""
    (folder / f"{resource}.jsonl").write_bytes(b"\n".join(orjson.dumps(obj) for obj in objects) + b"\n")
    return folder


def test_order_and_clock(store: Store, tmp_path: Path) -> None:
    export(tmp_path, "customers", customer("cus_2", 9_000), customer("cus_1", 9_000), customer("cus_0", 5))
    assert load(store, tmp_path)["customers"] == 3
    assert [each["id"] for each in store.page("customers")[0]] == ["cus_2", "cus_1", "cus_0"]
    assert store.now == 9_000


def test_the_clock_that_the_export_names(store: Store, tmp_path: Path) -> None:
    export(tmp_path, "customers", customer("cus_1"))
    (tmp_path / "account.json").write_text('{"frozen_at": 12345, "account": {"id": "acct_1"}}')
    load(store, tmp_path)
    assert (store.now, store.meta("account")) == (12_345, '{"id":"acct_1"}')
    load(store, tmp_path, 20_000)
    assert store.now == 20_000


def test_what_was_expanded_becomes_ids(store: Store, tmp_path: Path) -> None:
    product = {"id": "prod_1", "object": "product"}
    price = {"id": "price_1", "object": "price", "product": product}
    half = discount("di_1", source={"type": "coupon", "coupon": COUPON}, customer=customer("cus_1"))
    rows = [item("si_1", "sub_1", price=price, discounts=[half])]
    phase = {"items": [{"price": price, "quantity": 1}], "add_invoice_items": [{"price": "price_2"}]}
    export(tmp_path, "subscriptions", subscription("sub_1", customer("cus_1"), items=rows, discounts=[half]))
    export(tmp_path, "invoices", invoice("in_1", discounts=[half]))
    schedule = {"id": "sub_sched_1", "object": "subscription_schedule", "created": 1, "phases": [phase]}
    export(tmp_path, "subscription_schedules", {**schedule, "subscription": {"id": "sub_1"}})
    load(store, tmp_path)
    kept = store.get("subscriptions", "sub_1") or {}
    assert kept["customer"] == "cus_1"
    assert kept["items"]["data"][0]["price"]["product"] == "prod_1"
    assert kept["discounts"][0]["source"]["coupon"] == "HALF"
    assert kept["items"]["data"][0]["discounts"][0]["customer"] == "cus_1"
    assert (store.get("discounts", "di_1") or {})["source"]["coupon"] == "HALF"
    planned = store.get("subscription_schedules", "sub_sched_1") or {}
    assert planned["subscription"] == "sub_1"
    assert planned["phases"][0]["items"][0]["price"] == "price_1"
    assert planned["phases"][0]["add_invoice_items"][0]["price"] == "price_2"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"id": "cus_2"', r"customers\.jsonl, line 2: not JSON"),
        (b"[]", r"customers\.jsonl, line 2: not an object with an id"),
        (b'{"object": "customer"}', r"customers\.jsonl, line 2: not an object with an id"),
    ],
)
def test_a_malformed_line_is_named(store: Store, tmp_path: Path, line: bytes, sentence: str) -> None:
    (tmp_path / "customers.jsonl").write_bytes(orjson.dumps(customer("cus_1")) + b"\n" + line + b"\n")
    with pytest.raises(MalformedAccountError, match=sentence):
        load(store, tmp_path)
    assert store.count("customers") == 0


@pytest.mark.parametrize("about", ["[", "[]", '{"frozen_at": "today"}'])
def test_a_malformed_moment(store: Store, tmp_path: Path, about: str) -> None:
    export(tmp_path, "customers", customer("cus_1"))
    (tmp_path / "account.json").write_text(about)
    with pytest.raises(MalformedAccountError, match=r"account\.json"):
        load(store, tmp_path)


def test_a_folder_without_an_account(store: Store, tmp_path: Path) -> None:
    with pytest.raises(MalformedAccountError, match="holds no account"):
        load(store, tmp_path)


def test_the_reference_account(reference_store: Store) -> None:
    counts = {
        name: reference_store.count(name) for name in ("customers", "subscriptions", "invoices", "events")
    }
    assert counts == {"customers": 220, "subscriptions": 196, "invoices": 1364, "events": 630}

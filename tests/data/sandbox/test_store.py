"""The store keeps objects, their order, the events of the last 30 days and the clock."""

import threading
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sandbox.conditions import Condition
from data.sandbox.events import changed
from data.sandbox.store import DAY, Store, UnknownCursorError
from tests.data.sandbox.conftest import NOW
from tests.data.sandbox.factories import customer, discount, invoice, subscription


def ids(rows: list[dict[str, object]]) -> list[object]:
    """The ids of objects."""
    return [row["id"] for row in rows]


def test_a_file_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "sandbox.db"
    first = Store(path)
    first.set_now(NOW)
    first.put("customers", customer("cus_1", name="Ada"))
    fresh = first.new_id("cus_")
    first.close()
    second = Store(path)
    assert second.now == NOW
    assert second.get("customers", "cus_1") == customer("cus_1", name="Ada")
    assert second.new_id("cus_") != fresh
    second.close()


def test_a_copy_changes_nothing_until_it_is_put(store: Store) -> None:
    store.put("customers", customer("cus_1"))
    copy = store.get("customers", "cus_1")
    assert copy is not None
    copy["name"] = "Ada"
    assert (store.get("customers", "cus_1") or {})["name"] is None
    store.put("customers", copy)
    assert (store.get("customers", "cus_1") or {})["name"] == "Ada"


def test_newest_first_and_the_last_put_first_within_a_second(store: Store) -> None:
    for identity, created in (("a", 5), ("b", 7), ("c", 5), ("d", 6)):
        store.put("customers", customer(identity, created))
    store.put("customers", customer("a", 5, name="changed"))
    assert ids(store.page("customers")[0]) == ["b", "d", "c", "a"]
    assert ids(list(store.all("customers"))) == ["a", "c", "d", "b"]


@settings(deadline=None)
@given(
    created=st.lists(st.integers(0, 4), max_size=30), limit=st.integers(1, 12), chosen=st.sampled_from("ab")
)
def test_pages_give_each_object_once_in_order(created: list[int], limit: int, chosen: str) -> None:
    store = Store()
    for number, moment in enumerate(created):
        store.put("customers", customer(f"cus_{number}", moment, status="ab"[number % 2]))
    mine = [Condition("status", "=", chosen)]
    whole = ids(store.page("customers", mine, 100)[0])
    expected = sorted(range("ab".index(chosen), len(created), 2), key=lambda n: (-created[n], -n))
    assert whole == [f"cus_{number}" for number in expected]
    assert forwards(store, mine, limit) == whole
    if whole:
        assert backwards(store, mine, limit, str(whole[-1])) == whole[:-1]
    store.close()


def forwards(store: Store, filters: list[Condition], limit: int) -> list[object]:
    """All ids, walked by starting_after."""
    found: list[object] = []
    more = True
    while more:
        after = str(found[-1]) if found else None
        rows, more = store.page("customers", filters, limit, after)
        found += ids(rows)
    return found


def backwards(store: Store, filters: list[Condition], limit: int, last: str) -> list[object]:
    """All ids before the last, walked by ending_before."""
    found: list[object] = []
    more = True
    while more:
        rows, more = store.page("customers", filters, limit, ending_before=str(found[0]) if found else last)
        found = ids(rows) + found
    return found


def test_between_two_cursors(store: Store) -> None:
    for number in range(6):
        store.put("customers", customer(f"cus_{number}", number))
    rows, more = store.page("customers", (), 10, "cus_4", "cus_1")
    assert (ids(rows), more) == (["cus_3", "cus_2"], False)


def test_an_unknown_cursor(store: Store) -> None:
    with pytest.raises(UnknownCursorError) as raised:
        store.page("customers", (), 10, "cus_none")
    assert raised.value.args == ("starting_after", "cus_none")


def test_conditions_on_columns_paths_and_items(store: Store) -> None:
    store.put("subscriptions", subscription("sub_1", items=2))
    store.put("subscriptions", subscription("sub_2", customer="cus_2", pause={"behavior": "void"}))
    store.put("invoices", invoice("in_1"))
    assert ids(store.where("subscriptions", "customer", "cus_2")) == ["sub_2"]
    assert ids(store.where("invoices", "subscription", "sub_1")) == ["in_1"]
    assert ids(store.where("subscriptions", "pause.behavior", "void")) == ["sub_2"]
    assert ids(store.where("subscriptions", "item", "si_sub_1_1")) == ["sub_1"]
    assert ids(store.where("subscriptions", "item_price", "price_1")) == ["sub_1", "sub_2"]
    assert store.where("subscriptions", "item_price", "price_2") == []
    assert ids(store.select("subscriptions", [Condition("first_period_end", ">", 1_999)])) == [
        "sub_1",
        "sub_2",
    ]
    assert ids(store.select("subscriptions", [Condition("pause", "is not", None)])) == ["sub_2"]
    assert ids(store.select("subscriptions", [Condition("customer", "not in", ["cus_1"])])) == ["sub_2"]


def test_what_travels_has_discounts_as_ids_and_ten_rows(store: Store) -> None:
    store.put("invoices", invoice("in_1", lines=12, discounts=[discount("di_1")]))
    sent = orjson.loads(store.wire("invoices", "in_1") or b"")
    assert sent["discounts"] == ["di_1"]
    assert len(sent["lines"]["data"]) == 10
    assert sent["lines"]["has_more"] is True
    kept = store.get("invoices", "in_1") or {}
    assert len(kept["lines"]["data"]) == 12
    assert kept["discounts"] == [discount("di_1")]
    assert store.get("discounts", "di_1") == discount("di_1")


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.transaction():  # noqa: PT012
        store.put("customers", customer("cus_1"))
        store.set_now(NOW + 5)
        with store.transaction():
            store.emit("customer.created", customer("cus_1"))
        raise RuntimeError
    assert store.count("customers") == store.count("events") == 0
    assert store.now == NOW


def test_ids_are_the_same_for_the_same_salt() -> None:
    made = []
    for salt in ("seven", "seven", "eight"):
        store = Store()
        store.set_meta("salt", salt)
        made.append([store.new_id("sub_1"), store.new_id("cus")])
        store.close()
    assert made[0] == made[1] != made[2]
    assert made[0][0].startswith("sub_1")
    assert made[0][1].startswith("cus_")


def test_events_say_what_changed_and_are_forgotten_after_30_days(store: Store) -> None:
    before = customer("cus_1", metadata={"a": "1", "b": "2"})
    after = {**before, "name": "Ada", "metadata": {"a": "1", "b": "3"}}
    store.emit("customer.updated", after, changed(before, after), ("req_1", "key"))
    (event,) = store.all("events")
    assert event["data"] == {"object": after, "previous_attributes": {"name": None, "metadata": {"b": "2"}}}
    assert event["request"] == {"id": "req_1", "idempotency_key": "key"}
    store.set_now(NOW + 30 * DAY)
    assert store.count("events") == 1
    store.set_now(NOW + 30 * DAY + 1)
    assert store.count("events") == 0


def test_bulk_builds_only_the_events_that_stay(store: Store) -> None:
    with store.bulk(NOW):
        for days in (60, 31, 29, 0):
            store.set_now(NOW - days * DAY)
            store.emit("customer.created", customer(f"cus_{days}"))
    assert [event["data"]["object"]["id"] for event in store.all("events")] == ["cus_29", "cus_0"]


def test_threads_share_a_store(store: Store) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 50):
            with store.transaction():
                store.put("customers", customer(f"cus_{number}", number))
                store.page("customers", (), 5)

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 200, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count("customers") == 200

"""An account full of what Stripe would hardly send: kept where it can be, named where not, never fatal."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data import findings
from data.gateway import Gateway
from data.sandbox.store import Store
from data.sync import sync
from data.tables import ledger, mirror, operations
from tests import hostile
from tests.data.sync.account_server import contents, gateway_to
from tests.small_business import small_store

RESOURCES = ("customers", "products", "prices", "coupons", "subscriptions", "invoices", "events", "charges")


@pytest.fixture
def store() -> Iterator[Store]:
    found = small_store()
    yield found
    found.close()


@pytest.fixture
def gateway(store: Store) -> Iterator[Gateway]:
    with gateway_to(store) as found:
        yield found


def notes(engine: Engine) -> dict[str, str]:
    """What the last syncs said of each list that is not whole."""
    state = operations.resource_state.c
    with engine.connect() as connection:
        found = connection.execute(select(state.resource, state.error).where(state.error.is_not(None)))
        return {row.resource: row.error for row in found}


def test_texts_kinds_and_instants_of_all_sorts_are_kept(
    engine: Engine, store: Store, gateway: Gateway
) -> None:
    random = Random(1)
    for resource, obj in hostile.objects_of(store, RESOURCES):
        store.put(resource, hostile.spoilt(obj, random, texts=0.5, enums=0.05, money=0, times=0.05))
    longest = next(iter(store.all("customers"))) | {"name": hostile.LARGE}
    store.put("customers", longest)

    sync(engine, gateway)
    findings.record(engine, gateway.clock.now())

    assert notes(engine) == {}
    with engine.connect() as connection:
        rows = connection.execute(select(mirror.customer.c.id, mirror.customer.c.name))
        kept = {row.id: row.name for row in rows}
        assert connection.scalar(select(ledger.timeline.c.customer_id).limit(1))
    assert {kept.pop(longest["id"])} == {f"{hostile.LARGE[:599]}…"}
    nul = "\ufffd" if engine.dialect.name == "postgresql" else "\0"  # the only letter it cannot keep
    given = {obj["id"]: obj["name"] for obj in store.all("customers") if obj["id"] != longest["id"]}
    assert {key: name and cut(name.replace("\0", nul)) for key, name in given.items()} == kept


def cut(text: str) -> str:
    """A text as far as a name is kept."""
    return text if len(text) <= 600 else f"{text[:599]}…"


ODD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("customers", {"balance": 2**63 - 1}, "balance is larger"),
    ("customers", {"name": {"first": "x"}}, "name is of another kind"),
    ("customers", {"invoice_settings": [1]}, "not made as Stripe's are"),
    ("subscriptions", {"items": "none"}, "not made as Stripe's are"),
    ("subscriptions", {"current_phase": 1, "canceled_at": 10**15}, "not made as Stripe's are"),
    ("subscriptions", {"cancel_at_period_end": "yes"}, "cancel_at_period_end is of another kind"),
    ("invoices", {"total": 1.5}, "total is of another kind"),
    (
        "invoices",
        {"lines": {"object": "list", "data": [{"amount": 7}], "has_more": False}},
        "not made as Stripe's are",
    ),
    ("invoices", {"amount_due": -(2**63)}, "amount_due is larger"),
    ("prices", {"unit_amount_decimal": "NaN"}, "unit_amount_decimal is no number"),
    ("prices", {"transform_quantity": {"divide_by": 0, "round": "up"}}, "divided by nothing"),
    ("coupons", {"percent_off": "a lot"}, "percent_off is no number"),
    ("charges", {"created": "yesterday"}, "not made as Stripe's are"),
)


def test_what_cannot_be_kept_is_named_and_the_rest_is_as_ever(
    engine: Engine, store: Store, gateway: Gateway
) -> None:
    sync(engine, gateway)
    before = contents(engine)
    told: dict[str, list[str]] = {}
    for resource in dict.fromkeys(name for name, _, _ in ODD):
        wrong = [(changed, why) for name, changed, why in ODD if name == resource]
        for obj, (changed, why) in zip(list(store.all(resource)), wrong, strict=False):
            store.put(resource, obj | changed)
            told.setdefault(resource, []).append(f"{obj['id']} (")
            told[resource].append(why)

    report = sync(engine, gateway, full=True)

    assert contents(engine) == before, "what was known of them stays"
    assert report.kind == "full"
    found = notes(engine)
    assert set(found) == set(told)
    for resource, words in told.items():
        assert all(word in found[resource] for word in words), found[resource]


def test_an_odd_object_that_an_event_brings_is_named_too(
    engine: Engine, store: Store, gateway: Gateway
) -> None:
    sync(engine, gateway)
    customer = next(iter(store.all("customers")))
    store.put("customers", customer | {"balance": 2**62})
    event = next(iter(store.all("events")))
    for place, data in enumerate(({"object": customer}, {"object": [1]}, 7, None)):
        given = {"id": f"evt_odd{place}", "type": "customer.updated", "created": store.now + 60, "data": data}
        store.put("events", event | given)

    for _ in range(2):  # said once
        sync(engine, gateway)

    assert notes(engine)["customers"].count(customer["id"]) == 1
    assert "evt_odd1" in notes(engine)["events"]

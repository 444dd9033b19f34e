"""The catalogue pushed to a sandbox over HTTP: made once, never edited, archived when it goes."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dashboard.actions import pushing, resuming, running
from dashboard.actions.base import ActionError, UnknownOutcomeError
from dashboard.actions.pushing import PushCatalog
from data import catalog, clock, config
from tests.dashboard.actions.conftest import ACTOR, Desk
from tests.openapi import described_body

PLAN = """
[[plan]]
key = "team"
name = "Team"
rank = 1
self_serve = true
capacity_unit = "seat"
list_prices = [
    {{ currency = "usd", interval = "month", amount = {amount} }},
    {{ currency = "jpy", interval = "year", amount = 9000 }},
]
"""
OTHER = """
[[addon]]
key = "extra"
name = "Extra"
rank = 2
list_prices = [{ currency = "usd", interval = "month", interval_count = 3, amount = 500 }]
"""


@pytest.fixture
def sold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sell what a text lists from now on; gives the command that pushes it."""

    def sell(text: str) -> PushCatalog:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
        file.write_text(text)
        monkeypatch.setenv("CATALOG_FILE", str(file))
        config.use(None)
        return PushCatalog(pushing.listed(catalog.current()))

    yield sell
    config.use(None)


def verbs(desk: Desk, command: PushCatalog) -> Counter[str]:
    """How many changes of each kind there are."""
    return Counter(change.verb for change in pushing.changes(command, pushing.read(desk.gateway, command)))


def prices(desk: Desk) -> list[tuple[str, int, bool]]:
    """Currency, amount and whether it is sold, of the prices that were pushed."""
    found = desk.gateway.page("/v1/prices", {"limit": 100}).objects
    ours = [each for each in found if pushing.MARK in each["metadata"]]
    return sorted((each["currency"], each["unit_amount"], each["active"]) for each in ours)


def test_what_is_missing_is_made_once(desk: Desk, sold: Any) -> None:
    command = sold(PLAN.format(amount=1000) + OTHER)
    shown = desk.preview(command)
    assert Counter(verb for _, verb, _ in shown.rows) == {"create": 5}
    for step in pushing.HANDLERS[PushCatalog].steps(command, pushing.read(desk.gateway, command), shown.at):
        validator = Draft202012Validator(described_body(step.method, step.path))
        assert [each.message for each in validator.iter_errors(json.loads(json.dumps(step.params)))] == []
    desk.do(command, shown, "catalog push")
    assert prices(desk) == [("jpy", 9000, True), ("usd", 500, True), ("usd", 1000, True)]
    assert verbs(desk, command) == {"leave": 3}
    with pytest.raises(ActionError, match="nothing to do"):
        desk.preview(command)
    entry = desk.audited()[-1]
    assert (entry.what, entry.outcome, entry.reason) == ("Push catalogue", "done", "catalog push")
    assert len(entry.request_ids) == 5


def test_a_price_that_changes_is_made_anew_and_the_old_one_archived(desk: Desk, sold: Any) -> None:
    desk.do(sold(PLAN.format(amount=1000)))
    by_hand: dict[str, Any] = {
        "product": "catalog_team",
        "currency": "usd",
        "unit_amount": 77,
        "recurring": {"interval": "month"},
    }
    made = desk.gateway.write("post", "/v1/prices", by_hand, "by hand").object
    old = next(each for each in desk.gateway.page("/v1/prices", {}).objects if each["unit_amount"] == 1000)
    default = {"default_price": old["id"]}
    desk.gateway.write("post", "/v1/products/catalog_team", default, "default")
    command = sold(PLAN.format(amount=1200))
    assert verbs(desk, command) == {"create": 1, "archive": 1, "leave": 2}
    desk.do(command)
    assert prices(desk) == [("jpy", 9000, True), ("usd", 1000, False), ("usd", 1200, True)]
    assert desk.gateway.get(f"/v1/prices/{made['id']}")["active"]
    key = {each["unit_amount"]: each["lookup_key"] for each in desk.gateway.page("/v1/prices", {}).objects}
    assert (key[1000], key[1200]) == (None, "team_usd_1month")
    desk.do(sold(PLAN.format(amount=1000)))  # back again: the old one is sold again, not made twice
    assert prices(desk) == [("jpy", 9000, True), ("usd", 1000, True), ("usd", 1200, False)]


def test_what_leaves_the_catalogue_is_archived_and_may_return(desk: Desk, sold: Any) -> None:
    both = sold(PLAN.format(amount=1000) + OTHER)
    desk.do(both)
    desk.do(sold(PLAN.format(amount=1000)))
    assert not desk.gateway.get("/v1/products/catalog_extra")["active"]
    assert ("usd", 500, False) in prices(desk)
    desk.do(sold(PLAN.format(amount=1000) + OTHER))
    assert desk.gateway.get("/v1/products/catalog_extra")["active"]
    assert ("usd", 500, True) in prices(desk)


def test_products_that_are_there_are_used_and_doubt_is_told(desk: Desk, sold: Any) -> None:
    desk.gateway.write("post", "/v1/products", {"id": "prod_t", "name": "team"}, "one")
    command = sold(PLAN.format(amount=1000))
    assert verbs(desk, command) == {"create": 2}
    desk.gateway.write("post", "/v1/products", {"id": "prod_u", "name": "Team"}, "two")
    assert verbs(desk, command) == {"cannot": 1}
    with pytest.raises(ActionError, match="nothing to do"):
        desk.preview(command)


@pytest.mark.parametrize("fault", [{"status": 500}, {"kind": "drop"}])
def test_a_push_that_is_cut_short_is_finished_without_doubles(
    desk: Desk, sold: Any, fault: dict[str, Any]
) -> None:
    command = sold(PLAN.format(amount=1000) + OTHER)
    shown = desk.preview(command)
    desk.fault(path="/v1/prices", method="POST", times=2, after=1, **fault)
    with pytest.raises(UnknownOutcomeError):
        running.execute(desk.url, desk.gateway, ACTOR, command, shown, "catalog push")
    later = clock.now() + timedelta(minutes=5)
    assert set(resuming.resume(desk.url, desk.gateway, later).values()) == {"done"}
    assert prices(desk) == [("jpy", 9000, True), ("usd", 500, True), ("usd", 1000, True)]
    assert verbs(desk, command) == {"leave": 3}


def test_a_price_that_is_worked_out_for_each_quote_is_not_pushed() -> None:
    command = PushCatalog(pushing.listed(catalog.load()))
    told = {
        change.what: change.why for change in pushing.changes(command, {"products": []}) if not change.steps
    }
    assert told == {"Enterprise": "its price is quoted", "Priority support": "its price is quoted"}

"""What writing endpoints have in common: only what Stripe describes is taken, and nothing is half done."""

import importlib
import pkgutil
from typing import Any

import pytest

from data.sandbox.api import actions, writes
from data.sandbox.api.calls import Call
from data.sandbox.api.endpoints import DELETES, UPDATES
from data.sandbox.api.errors import StripeError
from data.sandbox.api.parameters import only_known
from data.sandbox.store import Store
from tests.data.sandbox.api.actions.conftest import Speaker
from tests.data.sandbox.scenario import Scenario, at
from tests.openapi import described_body

ENDPOINTS = [*(("POST", path) for path in UPDATES), *(("DELETE", path) for path in DELETES)]
# Parameters that the pinned package's version has and the description's does not.
LATER: dict[str, set[str]] = {}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Each set of names that a handler takes, noted as it checks them."""
    noted: list[set[str]] = []

    def noting(parameters: dict[str, Any], known: set[str]) -> None:
        noted.append(set(known))
        only_known(parameters, known)

    modules = [importlib.import_module(f"{actions.__name__}.{each.name}")
               for each in pkgutil.iter_modules(actions.__path__)]  # fmt: skip
    for module in (*modules, writes):
        if hasattr(module, "only_known"):
            monkeypatch.setattr(module, "only_known", noting)
    return noted


@pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=lambda each: each.removeprefix("/v1/"))
def test_only_what_stripe_describes_is_taken(
    store: Store, asked: list[set[str]], method: str, path: str
) -> None:
    handler = (UPDATES if method == "POST" else DELETES)[path]
    named = {"id": "x_1", "tax_id": "txi_1", "line": "il_1"}
    with pytest.raises(StripeError) as refused:
        handler(store, Call(method, path, "", "colour=red", named, "sk_test_1", None, None))
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "colour")
    described = described_body(method.lower(), path.replace("{tax_id}", "txi_1").replace("{id}", "x_1"))
    assert asked[0] - set(described.get("properties", {})) == LATER.get(path, set())


def test_a_list_that_cannot_be_expanded_undoes_the_change(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe()
    before, events = scenario.subscription(name), scenario.store.count("events")
    refused = speaker.post(f"subscriptions/{name}", 400, data={"description": "new", "expand[]": "colour"})
    assert refused["param"] == "expand"
    assert scenario.subscription(name) == before
    assert scenario.store.count("events") == events


@pytest.mark.parametrize(
    ("path", "asked", "param"),
    [
        ("coupons", {"percent_off": "5", "duration": "repeating"}, "duration_in_months"),
        ("coupons", {"amount_off": "5"}, "currency"),
        ("coupons", {"percent_off": "5", "applies_to[products][0]": "prod_9"}, "applies_to[products][0]"),
        ("coupons", {"percent_off": "5", "redeem_by": "5"}, "redeem_by"),
        ("coupons", {"percent_off": "5", "max_redemptions": "0"}, "max_redemptions"),
        ("promotion_codes", {"promotion[type]": "coupon", "promotion[coupon]": "C9"}, "promotion[coupon]"),
        ("promotion_codes", {"coupon": "C9"}, "coupon"),
        ("customers/?", {"invoice_settings[default_payment_method]": "pm_9"},
         "invoice_settings[default_payment_method]"),
        ("customers/?", {"invoice_settings[custom_fields][0][name]": "PO"},
         "invoice_settings[custom_fields][0][value]"),
        ("customers/?", {"shipping[planet]": "Mars"}, "shipping[planet]"),
    ],
)  # fmt: skip
def test_refusals(scenario: Scenario, speaker: Speaker, path: str, asked: dict[str, str], param: str) -> None:
    before = scenario.store.count("events")
    refused = speaker.post(path.replace("?", scenario.customer), 400, data=asked)
    assert refused["param"] == param
    assert scenario.store.count("events") == before


def test_a_coupon_and_its_code_are_used_up(scenario: Scenario, speaker: Speaker) -> None:
    coupon = speaker.post("coupons", data={
        "percent_off": "10", "duration": "forever", "max_redemptions": "1", "redeem_by": at("2026-02-01"),
        "applies_to[products][0]": scenario.product, "expand[]": "applies_to"})  # fmt: skip
    assert coupon["applies_to"] == {"products": [scenario.product]}
    promotion = {"promotion[type]": "coupon", "promotion[coupon]": coupon["id"], "code": "WELCOME"}
    code = speaker.post("promotion_codes", data=promotion)
    assert speaker.post("promotion_codes", 400, data=promotion)["param"] == "code"
    name = scenario.subscribe()
    after = speaker.post(f"subscriptions/{name}", data={
        "discounts[0][promotion_code]": code["id"], "expand[]": "discounts"})  # fmt: skip
    assert after["discounts"][0]["promotion_code"] == code["id"]
    assert scenario.found("coupons", coupon["id"])["valid"] is False
    other = scenario.subscribe()
    refused = speaker.post(f"subscriptions/{other}", 400, data={"discounts[0][coupon]": coupon["id"]})
    assert refused["code"] == "coupon_expired"
    assert speaker.post(f"coupons/{coupon['id']}", name="Welcome")["name"] == "Welcome"
    assert speaker.post(f"promotion_codes/{code['id']}", active="false")["active"] is False
    assert speaker.post(f"promotion_codes/{code['id']}", 400, active="true")["param"] == "active"
    assert speaker.delete(f"subscriptions/{name}/discount")["deleted"] is True
    assert scenario.subscription(name)["discounts"] == []


def test_a_paused_subscription_wakes(scenario: Scenario, speaker: Speaker) -> None:
    with scenario.work() as billing:
        customer = billing.get("customers", scenario.customer)
        none = {**customer["invoice_settings"], "default_payment_method": None}
        billing.change("customers", customer, None, invoice_settings=none)
    made = speaker.post("subscriptions", data={
        "customer": scenario.customer, "items[0][price]": scenario.price(1_000), "trial_period_days": "7",
        "trial_settings[end_behavior][missing_payment_method]": "pause"})  # fmt: skip
    assert speaker.post(f"subscriptions/{made['id']}/resume", 400)["message"].startswith("This subscription")
    scenario.until("2026-01-11")
    assert scenario.status(made["id"]) == "paused"
    scenario.card("4242")
    assert speaker.post(f"subscriptions/{made['id']}/resume")["status"] == "active"

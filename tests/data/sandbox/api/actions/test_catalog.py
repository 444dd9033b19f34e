"""Products and prices made over HTTP: what may be changed, and that an amount never is."""

import pytest

from tests.data.sandbox.api.actions.conftest import Speaker
from tests.data.sandbox.scenario import Scenario


def test_a_product_with_an_id_of_its_own_and_a_default_price(scenario: Scenario, speaker: Speaker) -> None:
    made = speaker.post("products", data={
        "id": "prod_team", "name": "Team", "metadata[plan]": "team", "unit_label": "seat"})  # fmt: skip
    assert (made["id"], made["metadata"], made["active"]) == ("prod_team", {"plan": "team"}, True)
    assert speaker.post("products", 400, id="prod_team", name="Team")["code"] == "resource_already_exists"
    assert speaker.post("products", 400)["code"] == "parameter_missing"
    price = speaker.post("prices", data={
        "product": "prod_team", "currency": "EUR", "unit_amount": "1900", "lookup_key": "team-month",
        "recurring[interval]": "month"})  # fmt: skip
    assert (price["currency"], price["unit_amount"], price["type"]) == ("eur", 1900, "recurring")
    assert speaker.post("products/prod_team", default_price=price["id"])["default_price"] == price["id"]
    assert "default price" in speaker.post(f"prices/{price['id']}", 400, active="false")["message"]
    speaker.post("products/prod_team", default_price="")
    assert speaker.post(f"prices/{price['id']}", active="false")["active"] is False
    assert speaker.post("products/prod_team", 400, default_price=price["id"])["param"] == "default_price"
    assert speaker.delete("products/prod_team", 400)["type"] == "invalid_request_error"
    assert speaker.post("products/prod_team", active="false")["active"] is False
    assert scenario.events("product.")[-3:] == ["product.updated"] * 3
    speaker.post("products", id="prod_none", name="None")
    assert speaker.delete("products/prod_none")["deleted"] is True


def test_an_amount_is_never_edited(scenario: Scenario, speaker: Speaker) -> None:
    price = scenario.price(1_000)
    refused = speaker.post(f"prices/{price}", 400, unit_amount=2_000)
    assert (refused["code"], refused["param"]) == ("parameter_unknown", "unit_amount")
    after = speaker.post(f"prices/{price}", data={"nickname": "Old", "metadata[a]": "1"})
    assert (after["nickname"], after["unit_amount"]) == ("Old", 1_000)


def test_a_lookup_key_is_one_prices_only(scenario: Scenario, speaker: Speaker) -> None:
    asked = {"product": scenario.product, "currency": "usd", "unit_amount": "5", "lookup_key": "k"}
    first = speaker.post("prices", data=asked)
    assert first["type"] == "one_time"
    assert speaker.post("prices", 400, data=asked)["param"] == "lookup_key"
    second = speaker.post("prices", data={**asked, "transfer_lookup_key": "true"})
    assert second["lookup_key"] == "k"
    assert scenario.found("prices", first["id"])["lookup_key"] is None
    back = {"lookup_key": "k", "transfer_lookup_key": "true"}
    assert speaker.post(f"prices/{first['id']}", data=back)["lookup_key"] == "k"
    listed = speaker.client.get("/v1/prices?lookup_keys[]=k").json()["data"]
    assert [each["id"] for each in listed] == [first["id"]]


def test_tiers_and_decimal_amounts(scenario: Scenario, speaker: Speaker) -> None:
    base = {"product": scenario.product, "currency": "usd", "recurring[interval]": "year"}
    tiered = speaker.post("prices", data={
        **base, "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers[0][up_to]": "10",
        "tiers[0][unit_amount]": "100", "tiers[1][up_to]": "inf", "tiers[1][unit_amount_decimal]": "0.5",
        "tiers[1][flat_amount]": "20", "expand[]": "tiers"})  # fmt: skip
    assert [tier["unit_amount"] for tier in tiered["tiers"]] == [100, None]
    name = scenario.subscribe(items=[(tiered["id"], 14)])
    assert scenario.last_invoice()["total"] == 1_022
    assert scenario.item(name)["price"]["unit_amount"] is None
    odd = speaker.post("prices", data={**base, "unit_amount_decimal": "0.25"})
    assert (odd["unit_amount"], odd["unit_amount_decimal"]) == (None, "0.25")


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"currency": "usd", "unit_amount": "1"}, "product"),
        ({"product": "prod_9", "currency": "usd", "unit_amount": "1"}, "product"),
        ({"product": "?", "unit_amount": "1"}, "currency"),
        ({"product": "?", "currency": "usd"}, "unit_amount"),
        ({"product": "?", "currency": "usd", "unit_amount": "-1"}, "unit_amount"),
        ({"product": "?", "currency": "usd", "unit_amount": "1", "recurring[interval]": "fortnight"},
         "recurring[interval]"),
        ({"product": "?", "currency": "usd", "unit_amount": "1", "recurring[interval]": "year",
          "recurring[interval_count]": "4"}, "recurring[interval_count]"),
        ({"product": "?", "currency": "usd", "billing_scheme": "tiered", "tiers[0][up_to]": "3"}, "tiers"),
    ],
)  # fmt: skip
def test_refusals(scenario: Scenario, speaker: Speaker, asked: dict[str, str], param: str) -> None:
    filled = {name: scenario.product if value == "?" else value for name, value in asked.items()}
    assert speaker.post("prices", 400, data=filled)["param"] == param
    assert scenario.store.count("prices") == 0

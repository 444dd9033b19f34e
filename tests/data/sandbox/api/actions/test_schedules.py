"""Schedules over HTTP: phases with discounts, durations and taxes; what ends them."""

import pytest

from tests.data.sandbox.api.actions.conftest import Json, Speaker
from tests.data.sandbox.scenario import Scenario, at


def planned(scenario: Scenario, speaker: Speaker, name: str, *phases: dict[str, str], **top: str) -> Json:
    """A running subscription's schedule with these phases after what it has now."""
    schedule = speaker.post("subscription_schedules", from_subscription=name)
    first = schedule["phases"][0]
    now: dict[str, str] = {
        "items][0][price": first["items"][0]["price"], "items][0][quantity": "1",
        "start_date": first["start_date"], "end_date": first["end_date"]}  # fmt: skip
    for place, each in enumerate(first["discounts"]):
        now[f"discounts][{place}][discount"] = each["discount"]
    told = {f"phases[{place}][{key}]": value for place, phase in enumerate((now, *phases))
            for key, value in phase.items()}  # fmt: skip
    return speaker.post(f"subscription_schedules/{schedule['id']}", data={**told, **top})


def test_a_phase_has_the_discounts_that_it_names_and_no_others(scenario: Scenario, speaker: Speaker) -> None:
    coupon = scenario.coupon("forever", percent_off=50)
    keeping, losing = (scenario.subscribe(1_000, coupons=[coupon]) for _ in range(2))
    held = scenario.subscription(keeping)["discounts"][0]["id"]
    own = scenario.coupon("forever", percent_off=10)
    dearer = scenario.price(2_000)
    later = {"items][0][price": dearer, "duration][interval": "month", "proration_behavior": "none"}
    stays = {"discounts][0][discount": held, "items][0][discounts][0][coupon": own}
    schedule = planned(scenario, speaker, keeping, {**later, **stays})
    planned(scenario, speaker, losing, later)
    assert schedule["phases"][0]["discounts"][0]["discount"] == held
    assert schedule["phases"][1]["end_date"] == at("2026-03-03")
    scenario.until("2026-02-04")
    assert [each["id"] for each in scenario.subscription(keeping)["discounts"]] == [held]
    assert scenario.item(keeping)["discounts"][0]["source"]["coupon"] == own
    assert scenario.subscription(losing)["discounts"] == []
    assert sorted(total for _, _, total, _ in scenario.invoices()[2:]) == [900, 2_000]


def test_what_changes_in_the_running_phase_changes_at_once(scenario: Scenario, speaker: Speaker) -> None:
    name = scenario.subscribe(1_000)
    schedule = speaker.post("subscription_schedules", from_subscription=name)
    first = schedule["phases"][0]
    speaker.post(f"subscription_schedules/{schedule['id']}", data={
        "phases[0][items][0][price]": first["items"][0]["price"], "phases[0][items][0][quantity]": "3",
        "phases[0][start_date]": first["start_date"], "phases[0][end_date]": first["end_date"],
        "proration_behavior": "none"})  # fmt: skip
    assert scenario.item(name)["quantity"] == 3
    assert scenario.store.count("invoiceitems") == 0


def test_a_schedule_that_starts_later(scenario: Scenario, speaker: Speaker) -> None:
    asked = {
        "customer": scenario.customer, "start_date": str(at("2026-02-01")), "end_behavior": "cancel",
        "phases[0][items][0][price]": scenario.price(1_000), "phases[0][duration][interval]": "month",
        "phases[0][duration][interval_count]": "2", "phases[0][collection_method]": "send_invoice",
        "phases[0][invoice_settings][days_until_due]": "14", "phases[0][metadata][term]": "1"}  # fmt: skip
    waits, gone = (speaker.post("subscription_schedules", data=asked) for _ in range(2))
    assert (waits["status"], waits["subscription"]) == ("not_started", None)
    assert speaker.post(f"subscription_schedules/{gone['id']}/release")["status"] == "released"
    scenario.until("2026-02-02")
    begun = scenario.found("subscription_schedules", waits["id"])["subscription"]
    subscription = scenario.subscription(begun)
    assert (subscription["days_until_due"], subscription["metadata"]) == (14, {"term": "1"})
    scenario.until("2026-04-02")
    assert scenario.status(begun) == "canceled"


def test_canceling_a_schedule_gives_back_unless_told_not_to(scenario: Scenario, speaker: Speaker) -> None:
    names = [scenario.subscribe(3_100) for _ in range(2)]
    schedules = [speaker.post("subscription_schedules", from_subscription=name)["id"] for name in names]
    scenario.until("2026-01-18 22:00")
    assert (
        speaker.post(f"subscription_schedules/{schedules[0]}/cancel", prorate="false")["status"] == "canceled"
    )
    assert scenario.customer_now()["balance"] == 0
    speaker.post(f"subscription_schedules/{schedules[1]}/cancel")
    assert scenario.customer_now()["balance"] == -1_550
    assert (
        "status `canceled`" in speaker.post(f"subscription_schedules/{schedules[1]}/release", 400)["message"]
    )


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"phases[0][iterations]": "2"}, "phases[0][iterations]"),
        ({"phases[0][end_date]": "1"}, "phases[0][duration]"),
        ({"phases[0][duration]": ""}, "phases[0][duration]"),
        ({"phases[0][items]": ""}, "phases[0][items]"),
        ({"phases[0][discounts][0][coupon]": "no"}, "phases[0][discounts][0][coupon]"),
        ({"phases[0][collection_method]": "send_invoice"}, "phases[0][invoice_settings][days_until_due]"),
        ({"phases[0][proration_behavior]": "maybe"}, "phases[0][proration_behavior]"),
        ({"end_behavior": "stop"}, "end_behavior"),
        ({"from_subscription": "sub_9"}, "customer"),
    ],
)
def test_refusals(scenario: Scenario, speaker: Speaker, asked: dict[str, str], param: str) -> None:
    price = scenario.price(1_000)
    good = {"customer": scenario.customer, "phases[0][items][0][price]": price,
            "phases[0][duration][interval]": "year"}  # fmt: skip
    replaced = {name: value for name, value in good.items() if not any(name.startswith(key) for key in asked)}
    refused = speaker.post("subscription_schedules", 400, data={**replaced, **asked})
    assert refused["param"] == param
    assert scenario.store.count("subscription_schedules") == 0

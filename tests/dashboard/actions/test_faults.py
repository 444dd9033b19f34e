"""Whatever goes wrong on the way: done once or not at all, and the audit says which."""

from typing import Any

import pytest
from sqlalchemy import select

from dashboard.actions import resuming
from dashboard.actions.base import ActionError, UnknownOutcomeError
from dashboard.actions.ending import CancelSubscription
from dashboard.actions.invoices import CreditInvoice, PayInvoice
from dashboard.actions.items import ChangeItems
from data import actions, clock
from data.actions import EndedError, Prepared
from data.tables.actions import action
from data.writing import NotChangedError
from tests.dashboard.actions.conftest import ACTOR, Desk
from tests.dashboard.actions.killing import BEGUN, NOTED, PREPARED, SENT, kill

LATER = resuming.PATIENCE * 2


def posts(desk: Desk, path: str) -> int:
    """How many times something was posted to a path."""
    told = desk.client.get("/sandbox/requests").json()["requests"]
    return sum(each["method"] == "POST" and each["path"] == path and each["status"] == 200 for each in told)


def changes(desk: Desk, name: str) -> int:
    """How many times the subscription was changed, by its events."""
    found = [
        each for each in desk.scenario.store.all("events") if each["type"] == "customer.subscription.updated"
    ]
    return sum(each["data"]["object"]["id"] == name for each in found)


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "truncate"}])
def test_a_lost_answer_is_asked_for_again_under_the_same_key(desk: Desk, fault: dict[str, Any]) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    before = changes(desk, name)
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", times=1, **fault)
    desk.do(CancelSubscription(desk.scenario.customer, name), shown)
    assert (desk.states(), changes(desk, name) - before) == (["done"], 1)


@pytest.mark.parametrize("kind", ["drop", "truncate"])
def test_when_every_answer_is_lost_the_object_tells(desk: Desk, kind: str) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    before = changes(desk, name)
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", kind=kind)
    desk.do(CancelSubscription(desk.scenario.customer, name), shown)
    assert (desk.states(), changes(desk, name) - before) == (["done"], 1)


@pytest.mark.parametrize(
    ("status", "said"), [(402, "did not go through"), (403, "may not"), (400, "refused"), (429, "too many")]
)
def test_a_refusal_changes_nothing(desk: Desk, status: int, said: str) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", status=status, retry_after=0.01)
    with pytest.raises(ActionError, match=said):
        desk.do(CancelSubscription(desk.scenario.customer, name), shown)
    assert desk.states() == ["refused"]
    assert [each.outcome for each in desk.audited()] == ["refused"]
    assert desk.scenario.subscription(name)["cancel_at"] is None


@pytest.mark.parametrize("status", [500, 409, 503])
def test_trouble_is_left_open_and_resumed_once(desk: Desk, status: int) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", status=status)
    with pytest.raises(UnknownOutcomeError, match="not known whether Stripe did this"):
        desk.do(CancelSubscription(desk.scenario.customer, name), shown)
    assert desk.states() == ["unknown"]
    with pytest.raises(ActionError, match="not finished"):
        desk.do(CancelSubscription(desk.scenario.customer, name, when="now"), None)
    desk.client.delete("/sandbox/faults")
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["done"]
    assert resuming.resume(desk.url, desk.gateway) == {}
    assert desk.scenario.subscription(name)["cancel_at_period_end"] is True
    assert [each.outcome for each in desk.audited()] == ["unknown", "done"]


@pytest.mark.parametrize("status", [429, 401, 403])
def test_what_was_refused_unseen_after_a_lost_answer_is_not_said_to_be_undone(
    desk: Desk, status: int
) -> None:
    invoice = desk.scenario.subscription(desk.scenario.subscribe(5_000))["latest_invoice"]
    command = CreditInvoice(desk.scenario.customer, invoice, 100, balance=100)
    shown = desk.preview(command)
    desk.fault(path="/v1/credit_notes", method="POST", times=1, kind="drop")
    desk.fault(path="/v1/credit_notes", method="POST", status=status, retry_after=0.01)
    with pytest.raises(UnknownOutcomeError):
        desk.do(command, shown)
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["unknown"]
    desk.client.delete("/sandbox/faults")
    assert desk.scenario.customer_now()["balance"] == -100
    assert desk.states() == ["unknown"]


def test_a_refusal_after_a_lost_answer_is_read_beside_the_object(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name, "now"))
    desk.fault(path=f"/v1/subscriptions/{name}", method="DELETE", times=1, kind="drop")
    desk.fault(path=f"/v1/subscriptions/{name}", method="DELETE", times=1, status=400)
    desk.do(CancelSubscription(desk.scenario.customer, name, "now"), shown)
    assert desk.states() == ["done"]


def test_what_somebody_changed_meanwhile_is_not_sent_again(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", status=500, times=2)
    with pytest.raises(UnknownOutcomeError):
        desk.do(CancelSubscription(desk.scenario.customer, name), shown)
    desk.client.post(f"/v1/subscriptions/{name}", data={"pause_collection[behavior]": "void"})
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["refused"]
    assert desk.scenario.subscription(name)["cancel_at"] is None


def test_what_is_too_old_is_closed_by_what_stripe_shows(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    shown = desk.preview(CancelSubscription(desk.scenario.customer, name))
    desk.fault(path=f"/v1/subscriptions/{name}", method="POST", status=500, times=2)
    with pytest.raises(UnknownOutcomeError):
        desk.do(CancelSubscription(desk.scenario.customer, name), shown)
    tomorrow = clock.now() + resuming.KEPT * 2
    assert list(resuming.resume(desk.url, desk.gateway, tomorrow).values()) == ["refused"]
    assert posts(desk, f"/v1/subscriptions/{name}") == 0


def test_a_schedule_that_cannot_be_filled_is_taken_back(desk: Desk) -> None:
    name, dearer = desk.scenario.subscribe(1_000), desk.scenario.price(3_000)
    change = ChangeItems(desk.scenario.customer, name, (("", dearer, 1),), "period_end")
    shown = desk.preview(change)
    desk.fault(path="/v1/subscription_schedules/", method="POST", status=400, times=1)
    with pytest.raises(ActionError, match="nothing was changed"):
        desk.do(change, shown)
    assert desk.scenario.subscription(name)["schedule"] is None
    assert desk.states() == ["refused"]


def test_a_declined_card(desk: Desk) -> None:
    desk.scenario.card("0341")
    name = desk.scenario.subscribe()
    invoice = desk.scenario.subscription(name)["latest_invoice"]
    with pytest.raises(ActionError, match="Your card was declined"):
        desk.do(PayInvoice(desk.scenario.customer, invoice))
    assert desk.states() == ["refused"]


def test_two_at_once_one_wins(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    command = CancelSubscription(desk.scenario.customer, name)
    first, second = desk.preview(command), desk.preview(command)
    desk.do(command, first)
    with pytest.raises(ActionError, match="changed since the preview"):
        desk.do(command, second)
    assert len(desk.audited()) == 1


@pytest.mark.parametrize("point", [PREPARED, BEGUN, SENT, NOTED])
def test_killed_between_two_steps_and_resumed(desk: Desk, point: str) -> None:
    name = desk.scenario.subscribe()
    command = CancelSubscription(desk.scenario.customer, name)
    before = changes(desk, name)
    kill(point, 0, desk.url, desk.stripe, command)
    assert desk.states() in (["prepared"], ["running"])
    assert resuming.resume(desk.url, desk.gateway) == {}, "it may still be under way"
    assert list(resuming.resume(desk.url, desk.gateway, clock.now() + LATER).values()) == ["done"]
    assert desk.scenario.subscription(name)["cancel_at_period_end"] is True
    assert changes(desk, name) - before == 1
    assert desk.audited()[-1].outcome == "done"


def test_what_stripe_does_not_tell_is_closed_by_who_looked(desk: Desk) -> None:
    invoice = desk.scenario.subscription(desk.scenario.subscribe(5_000))["latest_invoice"]
    command = CreditInvoice(desk.scenario.customer, invoice, 100, balance=100)
    shown = desk.preview(command)
    desk.fault(path="/v1/credit_notes", method="POST", status=500)
    with pytest.raises(UnknownOutcomeError):
        desk.do(command, shown)
    tomorrow = clock.now() + resuming.KEPT * 2
    assert list(resuming.resume(desk.url, desk.gateway, tomorrow).values()) == ["unknown"]
    (found,) = actions.unfinished(desk.url)
    with pytest.raises(ActionError, match="Say what you saw"):
        resuming.close(desk.url, ACTOR, found.id, "refused", " ")
    resuming.close(desk.url, ACTOR, found.id, "refused", "no credit note on the invoice")
    assert desk.states() == ["refused"]
    assert "ada looked at Stripe: no credit note" in desk.audited()[-1].reason
    with pytest.raises(ActionError, match="come to an end"):
        resuming.close(desk.url, ACTOR, found.id, "done", "again")


def scheduled(desk: Desk) -> tuple[str, str, ChangeItems]:
    """A subscription, a dearer price, and the change to it when the period ends."""
    name, dearer = desk.scenario.subscribe(1_000), desk.scenario.price(3_000)
    return name, dearer, ChangeItems(desk.scenario.customer, name, (("", dearer, 1),), "period_end")


def is_filled(desk: Desk, name: str, price: str) -> bool:
    """Whether the subscription's schedule leads to the price."""
    schedule = desk.scenario.store.get(
        "subscription_schedules", str(desk.scenario.subscription(name)["schedule"])
    )
    return schedule is not None and schedule["phases"][-1]["items"][0]["price"] == price


@pytest.mark.parametrize("kind", [{"status": 500}, {"kind": "drop"}])
def test_a_schedule_that_is_there_but_not_filled_is_not_done(desk: Desk, kind: dict[str, Any]) -> None:
    name, dearer, change = scheduled(desk)
    shown = desk.preview(change)
    desk.fault(path="/v1/subscription_schedules/", method="POST", **kind)
    with pytest.raises(UnknownOutcomeError):
        desk.do(change, shown)
    desk.client.delete("/sandbox/faults")
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["done"]
    assert is_filled(desk, name, dearer)
    assert len(list(desk.scenario.store.all("subscription_schedules"))) == 1


@pytest.mark.parametrize("point", [SENT, NOTED])
def test_a_schedule_killed_between_two_steps_is_filled(desk: Desk, point: str) -> None:
    name, dearer, change = scheduled(desk)
    kill(point, 0, desk.url, desk.stripe, change)
    assert list(resuming.resume(desk.url, desk.gateway, clock.now() + LATER).values()) == ["done"]
    assert is_filled(desk, name, dearer)
    assert len(list(desk.scenario.store.all("subscription_schedules"))) == 1


def test_a_schedule_whose_answer_was_lost_is_filled(desk: Desk) -> None:
    name, dearer, change = scheduled(desk)
    shown = desk.preview(change)
    desk.fault(path="/v1/subscription_schedules", method="POST", kind="drop")
    with pytest.raises(UnknownOutcomeError):
        desk.do(change, shown)
    desk.client.delete("/sandbox/faults")
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["done"]
    assert is_filled(desk, name, dearer)


def test_a_schedule_is_taken_back_where_somebody_changed_the_subscription(desk: Desk) -> None:
    name, _, change = scheduled(desk)
    shown = desk.preview(change)
    desk.fault(path="/v1/subscription_schedules/", method="POST", status=500)
    with pytest.raises(UnknownOutcomeError):
        desk.do(change, shown)
    desk.client.delete("/sandbox/faults")
    desk.client.post(f"/v1/subscriptions/{name}", data={"pause_collection[behavior]": "void"})
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["refused"]
    assert desk.scenario.subscription(name)["schedule"] is None


def test_what_ended_elsewhere_is_not_opened_again_nor_audited_twice(desk: Desk) -> None:
    name = desk.scenario.subscribe()
    desk.do(CancelSubscription(desk.scenario.customer, name))
    with desk.engine.connect() as connection:
        row = connection.execute(select(*(action.c[each] for each in Prepared.__dataclass_fields__))).one()
    found = Prepared(**row._asdict())
    for outcome in ("done", "unknown", "refused"):
        actions.finish(desk.url, found, outcome, None, None, clock.now())
    with pytest.raises(EndedError, match="done"):
        actions.begin(desk.url, found.id, clock.now())
    assert (desk.states(), [each.outcome for each in desk.audited()]) == (["done"], ["done"])


def test_what_somebody_did_between_the_look_and_the_note_is_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = desk.scenario.subscription(desk.scenario.subscribe(5_000))["latest_invoice"]
    command = CreditInvoice(desk.scenario.customer, invoice, 100, balance=100)
    shown, prepare = desk.preview(command), actions.prepare

    def late(*given: Any) -> None:
        monkeypatch.undo()
        desk.do(command, shown)
        prepare(*given)

    monkeypatch.setattr(actions, "prepare", late)
    with pytest.raises(ActionError, match="changed since the preview"):
        desk.do(command, shown)
    assert desk.scenario.customer_now()["balance"] == -100
    assert sorted(desk.states()) == ["done", "refused"]


@pytest.mark.parametrize("point", ["begin", "answered", "finish"])
def test_a_database_that_fails_midway_is_not_said_to_have_sent_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    name = desk.scenario.subscribe()
    command = CancelSubscription(desk.scenario.customer, name)
    shown = desk.preview(command)

    def failing(*_: Any) -> None:
        raise NotChangedError("so nothing was sent")

    monkeypatch.setattr(actions, point, failing)
    with pytest.raises(UnknownOutcomeError, match="did not take a note"):
        desk.do(command, shown)
    monkeypatch.undo()
    assert list(resuming.resume(desk.url, desk.gateway, clock.now() + LATER).values()) == ["done"]
    assert desk.scenario.subscription(name)["cancel_at_period_end"] is True


def test_what_may_be_under_way_cannot_be_closed_by_hand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    name = desk.scenario.subscribe()
    command = CancelSubscription(desk.scenario.customer, name)
    shown, begin = desk.preview(command), actions.begin

    def closing(*given: Any) -> list[Any]:
        (found,) = actions.unfinished(desk.url)
        with pytest.raises(ActionError, match="may still be under way"):
            resuming.close(desk.url, ACTOR, found.id, "refused", "nothing there")
        return begin(*given)

    monkeypatch.setattr(actions, "begin", closing)
    desk.do(command, shown)
    assert desk.states() == ["done"]

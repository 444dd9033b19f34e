"""What is over a limit waits for a second person, who looks anew; one decides, once."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import update

from dashboard.actions import approving, limits, resuming, running
from dashboard.actions.base import (
    NO_RATES,
    ActionError,
    Actor,
    ChangedError,
    Command,
    ForbiddenActionError,
    OverLimitError,
    UnknownOutcomeError,
)
from dashboard.actions.ending import CancelSubscription
from dashboard.actions.invoices import CreditInvoice, MarkInvoicePaid, MarkUncollectible, VoidInvoice
from dashboard.actions.items import ChangeItems
from dashboard.actions.limits import Stake
from dashboard.actions.terms import ApplyCoupon, PauseCollection, SetTrialEnd
from data import actions, audit, clock, frames
from data.action_settings import RoleLimits
from data.fx.rates import ExchangeRate, RateTable
from data.tables.actions import approval
from tests.dashboard.actions.conftest import ACTOR, Desk
from tests.data.sandbox.scenario import at

SMALL = RoleLimits(discount_percent=Decimal(10), credit=Decimal(5), refund=Decimal(0), arr=Decimal(50))
ASKER = Actor("bob", "sales", lambda _: True, SMALL)
EUROS = RateTable("usd", (ExchangeRate(date(2020, 1, 1), "eur", "usd", Decimal(2)),))


def ask(desk: Desk, command: Command) -> str:
    """Have the asker ask for a change."""
    shown = running.preview(desk.gateway, ASKER, command)
    return approving.ask(desk.url, ASKER, command, shown, "a good customer", 7)


def coupon(desk: Desk, percent: int = 25) -> ApplyCoupon:
    """A discount of so many percent on a subscription of $10 a month."""
    name = desk.scenario.subscribe(1_000)
    return ApplyCoupon(desk.scenario.customer, name, desk.scenario.coupon("forever", percent_off=percent))


@pytest.mark.parametrize(
    ("stake", "said"),
    [
        (Stake("credit", 500, "usd"), None),
        (Stake("credit", 501, "usd"), r"The credit comes to \$5.01"),
        (Stake("credit", 250, "eur"), None),
        (Stake("credit", 251, "eur"), "The credit comes to €2.51"),
        (Stake("credit", 1, "gbp"), "without an exchange rate from GBP to USD"),
        (Stake("credit", None, "usd"), "is not known"),
        (Stake("write_off", 10**9, "usd"), None),
        (Stake("discount_percent", Fraction(1, 10)), None),
    ],
)
def test_limits_are_in_the_reporting_currency(stake: Stake, said: str | None) -> None:
    told = limits.over([stake], "sales", SMALL, EUROS, clock.now())
    assert [bool(told)] == [said is not None]
    if said:
        assert re.search(said, told[0])


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        ([["credit", 100, "eur"]], None),
        ([["credit", 101, "eur"]], r"\$3\.00 and €1\.01 with what you did for this customer"),
        ([["credit", 201, "usd"]], r"comes to \$5\.01 with what"),
        ([["credit", 1, "gbp"]], "without an exchange rate from GBP to USD"),
        ([["refund", 10_000, "usd"]], None),
    ],
)
def test_what_was_done_lately_adds_up_over_currencies(earlier: list[list[Any]], said: str | None) -> None:
    stakes = limits.together([Stake("credit", 300, "usd")], earlier)
    told = limits.over(stakes, "sales", SMALL, EUROS, clock.now())
    assert [bool(told)] == [said is not None]
    if said:
        assert re.search(said, told[0])


def test_over_the_limit_is_not_done_alone(desk: Desk) -> None:
    command = coupon(desk)
    shown = running.preview(desk.gateway, ASKER, command)
    with pytest.raises(OverLimitError, match=r"25\.0%, and sales may give up to 10%"):
        running.execute(desk.url, desk.gateway, ASKER, command, shown, "why")
    assert desk.states() == []
    assert desk.scenario.subscription(command.subscription_id)["discounts"] == []


def test_discounts_add_up(desk: Desk) -> None:
    command = coupon(desk, 8)
    desk.do(command)
    more = ApplyCoupon(
        command.customer_id, command.subscription_id, desk.scenario.coupon("once", percent_off=5)
    )
    (told,) = running.over(ASKER, running.preview(desk.gateway, ASKER, more))
    assert "12.6%" in told


def test_a_discount_on_what_is_free_is_of_an_unknown_size(desk: Desk) -> None:
    name = desk.scenario.subscribe(0)
    command = ApplyCoupon(desk.scenario.customer, name, desk.scenario.coupon("forever", percent_off=5))
    (told,) = running.over(ASKER, desk.preview(command))
    assert "is not known" in told


def test_each_kind_of_change_names_what_it_is_about(desk: Desk) -> None:
    customer, name = desk.scenario.customer, desk.scenario.subscribe(10_000)
    paid = desk.scenario.subscription(name)["latest_invoice"]
    item, cheap = desk.scenario.item(name), desk.scenario.price(1_000)
    desk.scenario.until("2026-01-18 22:00")

    def kinds(command: Command) -> dict[str, Any]:
        return {each.kind: each.size for each in desk.preview(command).stakes}

    less = ChangeItems(customer, name, ((item["id"], cheap, 1),))
    assert kinds(less) == {"arr": 108_000, "credit": 4_500}
    assert kinds(CancelSubscription(customer, name)) == {"arr": 120_000}
    assert kinds(CancelSubscription(customer, name, "now", credit=True))["credit"] == 5_000
    assert kinds(CreditInvoice(customer, paid, 900, 300, 500, 100)) == {"refund": 300, "credit": 600}
    sent = desk.scenario.subscribe(2_000, collection_method="send_invoice", days_until_due=30)
    invoice = desk.scenario.subscription(sent)["latest_invoice"]
    desk.client.post(f"/v1/invoices/{invoice}/finalize")
    assert kinds(VoidInvoice(customer, invoice)) == {"write_off": 2_000}
    assert kinds(MarkUncollectible(customer, invoice)) == {"write_off": 2_000}
    assert kinds(MarkInvoicePaid(customer, invoice)) == {"paid_elsewhere": 2_000}


def test_an_amount_in_parts_is_one_amount(desk: Desk) -> None:
    invoice = desk.scenario.subscription(desk.scenario.subscribe(5_000))["latest_invoice"]
    part = CreditInvoice(desk.scenario.customer, invoice, 300, balance=300)

    def credited(who: Actor) -> None:
        shown = running.preview(desk.gateway, who, part)
        running.execute(desk.url, desk.gateway, who, part, shown, "a good customer")

    credited(ASKER)
    with pytest.raises(
        OverLimitError, match=r"\$6\.00 with what you did for this customer in the last 7 days"
    ):
        credited(ASKER)
    request = ask(desk, part)
    assert "with what you did" in frames.approvals(desk.engine)["over"].iloc[0][0]
    shown = approving.look(desk.url, desk.gateway, ACTOR, request)
    approving.approve(desk.url, desk.gateway, ACTOR, request, shown)
    long_ago = clock.now() - limits.LATELY
    alone = actions.alone(desk.url, ASKER.person, part.customer_id, long_ago)
    assert [each["stakes"] for each in alone] == [[["credit", 300, "usd"]]], "not what somebody approved"
    credited(Actor("cid", "sales", lambda _: True, SMALL))
    assert actions.alone(desk.url, ASKER.person, part.customer_id, clock.now()) == []
    assert desk.scenario.customer_now()["balance"] == -900


def test_time_that_is_given_away_is_worth_something(desk: Desk) -> None:
    customer, name = desk.scenario.customer, desk.scenario.subscribe(1_000)

    def given(command: Command) -> list[tuple[str, Any]]:
        return [(each.kind, each.size) for each in desk.preview(command).stakes]

    now = int(desk.gateway.clock.now().timestamp())
    assert given(PauseCollection(customer, name)) == []
    assert given(PauseCollection(customer, name, "void")) == [("write_off", None)]
    (held,) = given(PauseCollection(customer, name, "void", now + 73 * 86_400))
    assert held[0] == "write_off"
    assert held[1] in (2_399, 2_400)
    trial = desk.scenario.subscribe(1_000, trial_end=at("2026-02-20"))
    assert given(SetTrialEnd(customer, trial, at("2026-03-20"))) == [("arr", 12_000)]
    assert given(SetTrialEnd(customer, trial, at("2026-02-10"))) == []


def test_a_second_person_approves_what_is_shown_anew(desk: Desk) -> None:
    command = coupon(desk)
    request = ask(desk, command)
    assert frames.approvals_waiting(desk.engine, at=clock.now()) == 1
    shown = approving.look(desk.url, desk.gateway, ACTOR, request)
    approving.approve(desk.url, desk.gateway, ACTOR, request, shown, "fine")
    assert len(desk.scenario.subscription(command.subscription_id)["discounts"]) == 1
    assert [each.what for each in desk.audited()] == [
        "Ask for approval: Apply coupon",
        "Approve: Apply coupon",
        "Apply coupon",
    ]
    done = desk.audited()[-1]
    assert (done.person, done.reason) == ("bob", "a good customer (approved by ada: fine)")
    (row,) = frames.approvals(desk.engine).to_dict("records")
    assert (row["state"], row["decided_by"], row["action_state"]) == ("approved", "ada", "done")
    with desk.engine.connect() as connection:
        assert audit.first_broken(connection) is None
    with pytest.raises(ActionError, match="ada has approved it meanwhile"):
        approving.approve(desk.url, desk.gateway, ACTOR, request, shown)
    assert desk.states() == ["done"]


def test_nobody_approves_their_own_nor_over_their_limit_nor_without_the_permission(desk: Desk) -> None:
    request = ask(desk, coupon(desk))
    with pytest.raises(ForbiddenActionError, match="Nobody approves their own"):
        approving.look(desk.url, desk.gateway, Actor("Bob ", "admin", lambda _: True), request)
    for missing in (approving.APPROVE, "give discounts"):
        with pytest.raises(ForbiddenActionError, match=missing):
            approving.look(
                desk.url, desk.gateway, Actor("eve", "finance", lambda each, no=missing: each != no), request
            )
    small = Actor("cid", "sales", lambda _: True, SMALL, NO_RATES)
    shown = approving.look(desk.url, desk.gateway, small, request)
    with pytest.raises(OverLimitError):
        approving.approve(desk.url, desk.gateway, small, request, shown)
    assert desk.states() == []


def test_what_changed_since_it_was_asked_for_is_not_approved(desk: Desk) -> None:
    command = coupon(desk)
    request = ask(desk, command)
    shown = approving.look(desk.url, desk.gateway, ACTOR, request)
    path = f"/v1/subscriptions/{command.subscription_id}"
    desk.client.post(path, data={"cancel_at_period_end": "true"})
    with pytest.raises(ChangedError, match="set to end was –, is 3 Feb 2026"):
        approving.look(desk.url, desk.gateway, ACTOR, request)
    with pytest.raises(ChangedError):
        approving.approve(desk.url, desk.gateway, ACTOR, request, shown)
    assert desk.states() == []
    with pytest.raises(ActionError, match="Say why"):
        approving.decline(desk.url, ACTOR, request, " ")
    approving.decline(desk.url, ACTOR, request, "they leave")
    assert frames.approvals(desk.engine)["state"].tolist() == ["declined"]
    with pytest.raises(ActionError, match="has declined it meanwhile"):
        approving.look(desk.url, desk.gateway, ACTOR, request)


def test_two_approve_at_once_one_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask(desk, coupon(desk))
    shown = approving.look(desk.url, desk.gateway, ACTOR, request)
    start, other = running.start, Actor("cid", "manager", lambda _: True)

    def late(*given: Any, **named: Any) -> str:
        monkeypatch.undo()
        approving.approve(desk.url, desk.gateway, other, request, shown)
        return start(*given, **named)

    monkeypatch.setattr(running, "start", late)
    with pytest.raises(ActionError, match=r"changed since the preview|decided meanwhile"):
        approving.approve(desk.url, desk.gateway, ACTOR, request, shown)
    assert desk.states() == ["done"]
    assert frames.approvals(desk.engine)["decided_by"].tolist() == ["cid"]


def test_a_customer_who_is_busy_leaves_the_request_waiting(desk: Desk) -> None:
    command = coupon(desk)
    request = ask(desk, command)
    shown = approving.look(desk.url, desk.gateway, ACTOR, request)
    path = f"/v1/subscriptions/{command.subscription_id}"
    desk.fault(path=path, method="POST", status=500, times=2)
    with pytest.raises(UnknownOutcomeError):
        desk.do(CancelSubscription(command.customer_id, command.subscription_id))
    with pytest.raises(ActionError, match="it is not finished"):
        approving.approve(desk.url, desk.gateway, ACTOR, request, shown)
    assert frames.approvals(desk.engine)["state"].tolist() == ["waiting"]


def test_an_approved_change_that_has_no_known_end_is_resumed(desk: Desk) -> None:
    command = coupon(desk)
    request = ask(desk, command)
    shown = approving.look(desk.url, desk.gateway, ACTOR, request)
    path = f"/v1/subscriptions/{command.subscription_id}"
    desk.fault(path=path, method="POST", status=500, times=2)
    with pytest.raises(UnknownOutcomeError):
        approving.approve(desk.url, desk.gateway, ACTOR, request, shown)
    assert list(resuming.resume(desk.url, desk.gateway).values()) == ["done"]
    assert len(desk.scenario.subscription(command.subscription_id)["discounts"]) == 1


def test_the_same_is_asked_for_once_taken_back_or_expires(desk: Desk) -> None:
    command = coupon(desk)
    request = ask(desk, command)
    with pytest.raises(ActionError, match="bob has asked for “Apply coupon” of the same object already"):
        ask(desk, command)
    approving.decline(desk.url, ASKER, request, "a mistake")
    again = ask(desk, command)
    with desk.engine.begin() as connection:
        late = clock.now() - timedelta(seconds=1)
        connection.execute(update(approval).where(approval.c.id == again).values(expires_at=late))
    with pytest.raises(ActionError, match="has expired"):
        approving.look(desk.url, desk.gateway, ACTOR, again)
    assert (approving.expire(desk.url), approving.expire(desk.url)) == (1, 0)
    assert sorted(frames.approvals(desk.engine)["state"]) == ["expired", "withdrawn"]
    assert [each.what.split(":")[0] for each in desk.audited()] == [
        "Ask for approval",
        "Withdraw",
        "Ask for approval",
        "Let a request expire",
    ]


def test_a_refused_request_is_named_in_the_audit(desk: Desk) -> None:
    command = coupon(desk)
    shown = desk.preview(command)
    desk.fault(path=f"/v1/subscriptions/{command.subscription_id}", method="POST", status=400)
    with pytest.raises(ActionError, match="Stripe refused"):
        desk.do(command, shown)
    (entry,) = desk.audited()
    assert entry.outcome == "refused"
    assert entry.request_ids[0].startswith("req_")

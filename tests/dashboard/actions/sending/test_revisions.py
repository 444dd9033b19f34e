"""Quotes that take the place of others, whatever cuts them short."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard import cache
from dashboard.actions import resuming
from dashboard.actions.base import ActionError, UnknownOutcomeError
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import papers as quote_papers
from dashboard.quoting import sending as quote_sending
from data import clock
from data.config import settings
from data.quotes import states as quote_states
from data.refresh import refresh
from tests.dashboard.actions.conftest import Desk
from tests.dashboard.actions.quoted import ENTERPRISE, Quoted
from tests.dashboard.actions.sending.sent import ADDING, accept, adding, now, sent


def test_a_revision_takes_the_place_of_what_was_sent(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    second = Quoted(desk, {**ENTERPRISE, "capacity": 260}, revises=first.id)
    sent(second)
    assert (now(first).name, now(second).name) == ("Q-1001", "Q-1002")
    assert quote_papers.replaced(now(second)) == "Q-1001"
    assert (first.state(), second.state()) == ("superseded", "sent")
    assert (first.offer.state, second.offer.state) == ("canceled", "open")
    assert quote_states.history(desk.url, first.id)[0].reason == "Revised by Q-1002"
    assert (first.at_stripe()["status"], second.at_stripe()["status"]) == ("canceled", "open")
    quote_sending.end(now(second), second.offer, "declined", "Too dear")
    assert (second.state(), second.at_stripe()["status"]) == ("declined", "canceled")


def test_a_revision_that_is_cut_short_or_comes_too_late_leaves_one_offer(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    second = Quoted(desk, {**ENTERPRISE, "capacity": 260}, revises=first.id)
    send, shown = quote_sending.prepare(now(second), second.priced)
    assert ("What it revises", "open", "canceled") in shown.rows
    known = cache.snapshot()
    assert known is not None
    desk.fault(method="POST", after=1, retry_after=0.001)  # the new one is open, the old one still is
    with pytest.raises(UnknownOutcomeError):
        quote_sending.send(known, now(second), send, shown, "")
    desk.client.delete("/sandbox/faults")
    assert (first.state(), second.state()) == ("sent", "approved")
    resuming.resume(desk.url, desk.gateway, clock.now() + timedelta(minutes=5))
    assert (first.state(), second.state()) == ("superseded", "sent")
    assert (first.at_stripe()["status"], second.at_stripe()["status"]) == ("canceled", "open")
    third = Quoted(desk, {**ENTERPRISE, "capacity": 270}, revises=second.id)
    send, shown = quote_sending.prepare(now(third), third.priced)
    assert desk.client.post(f"/v1/quotes/{second.offer.id}/accept").is_success
    with pytest.raises(ActionError, match="revised was open, is accepted"):
        quote_sending.send(known, now(third), send, shown, "")
    with pytest.raises(ActionError, match="has accepted the quote that this one revises"):
        quote_sending.prepare(now(third), third.priced)
    assert third.at_stripe()["status"] == "draft"


def test_what_a_revision_takes_back_is_superseded_though_a_sync_sees_it_first(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    second = Quoted(desk, {**ENTERPRISE, "capacity": 260}, revises=first.id)
    desk.do(second.write())
    send = replace(second.send(), revises=first.offer.id)
    shown = desk.preview(send)
    desk.fault(method="POST", after=1, retry_after=0.001)
    with pytest.raises(UnknownOutcomeError):
        desk.do(send, shown)
    desk.client.delete("/sandbox/faults")
    assert desk.client.post(f"/v1/quotes/{first.offer.id}/cancel").is_success  # done, and never answered
    refresh(settings())
    quote_accepting.settle(settings())
    assert first.state() == "sent"
    resuming.resume(desk.url, desk.gateway, clock.now() + timedelta(minutes=5))
    assert (first.state(), second.state()) == ("superseded", "sent")


def test_an_addition_in_the_place_of_a_quote_is_one_action_that_resumes(desk: Desk) -> None:
    first = Quoted(desk, ENTERPRISE)
    desk.do(first.write())
    desk.do(first.send())
    name = desk.scenario.subscribe(4_900, 10)
    second = Quoted(desk, {**ADDING, "of.subscription": name}, revises=first.id)
    compared = quote_sending.prepare(now(second), second.priced)
    known = cache.snapshot()
    assert known is not None
    desk.fault(method="POST", retry_after=0.001)
    with pytest.raises(UnknownOutcomeError):
        quote_sending.send(known, now(second), *compared, "")
    desk.client.delete("/sandbox/faults")
    assert (first.state(), second.state(), second.offer.state) == ("sent", "approved", "written")
    assert first.at_stripe()["status"] == "open"
    with pytest.raises(ActionError, match="not finished"):
        desk.do(first.accept())
    resuming.resume(desk.url, desk.gateway, clock.now() + timedelta(minutes=5))
    assert (first.state(), second.state()) == ("superseded", "sent")
    assert (first.at_stripe()["status"], first.offer.state) == ("canceled", "canceled")
    assert (second.offer.state, second.offer.sent_by, second.offer.expires_at is None) == (
        "open",
        "local admin",
        False,
    )
    assert accept(second) == ""


def test_a_quote_in_the_place_of_an_addition_is_one_action_that_resumes(desk: Desk) -> None:
    first = adding(desk)
    sent(first)
    second = Quoted(desk, ENTERPRISE, revises=first.id)
    compared = quote_sending.prepare(now(second), second.priced)
    known = cache.snapshot()
    assert known is not None
    desk.fault(method="POST", retry_after=0.001)
    with pytest.raises(UnknownOutcomeError):
        quote_sending.send(known, now(second), *compared, "")
    desk.client.delete("/sandbox/faults")
    assert (first.state(), first.offer.state, second.state()) == ("sent", "open", "approved")
    with pytest.raises(ActionError, match="not finished"):
        accept(first)
    resuming.resume(desk.url, desk.gateway, clock.now() + timedelta(minutes=5))
    assert (first.state(), first.offer.state) == ("superseded", "canceled")
    assert (second.state(), second.at_stripe()["status"]) == ("sent", "open")
    third = adding(desk, revises=second.id)
    assert accept(second) == ""
    with pytest.raises(ActionError, match="has accepted the quote that this one revises"):
        sent(third)

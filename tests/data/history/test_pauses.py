"""Subscriptions that are paused as a whole: nothing is billed until they are resumed."""

from data.sandbox.billing.renewals import resume
from tests.data.history.told import Told, moves, unknown
from tests.data.sandbox.scenario import at

NEW = ("2026-01-01", "new", 120_00)
OVER = ("2026-03-01", "churn", 0)
WITHIN = ("2026-02-01", "2026-03-01", -120_00)


def paused(told: Told) -> str:
    """A subscription that was paused on some day of February."""
    identity = told.subscribe(10_00)
    told.until("2026-02-20")
    told.store.put("subscriptions", told.subscription(identity) | {"status": "paused"})
    told.until("2026-04-10")
    return identity


def test_what_is_paused_counts_until_its_last_period_ends(told: Told) -> None:
    paused(told)
    assert moves(told, with_events=False) == [NEW, OVER]
    assert unknown(told) == [WITHIN]


def test_what_was_not_billed_for_a_time_was_paused(told: Told) -> None:
    told.do(resume, paused(told))
    told.until("2026-08-20")
    assert moves(told, with_events=False) == [NEW, OVER, ("2026-04-10", "reactivation", 120_00)]
    assert unknown(told) == [WITHIN]


def test_what_ends_while_it_is_paused_has_churned_before(told: Told) -> None:
    ended = {"status": "canceled", "ended_at": at("2026-04-05"), "canceled_at": at("2026-04-05")}
    told.store.put("subscriptions", told.subscription(paused(told)) | ended)
    assert moves(told, with_events=False) == [NEW, OVER]
    assert unknown(told) == [WITHIN]

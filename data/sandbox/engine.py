"""The sandbox's clock: everything that falls due happens, in time order, as Stripe does it."""

from collections.abc import Callable
from typing import Any

from data.sandbox.billing import (
    DAY,
    Billing,
    Calendar,
    cancellations,
    checkout,
    discounting,
    dunning,
    payments,
    quotes,
    renewals,
    schedules,
    working,
)
from data.sandbox.conditions import Condition
from data.sandbox.store import Store

Json = dict[str, Any]
Moment = Callable[[Json], int | None]
Action = Callable[[Billing, Json], None]

_EXPIRING = 7 * DAY  # before a schedule ends
LIVE = ("trialing", "active", "past_due", "unpaid")


def advance(store: Store, to: int) -> None:
    """Move the clock to an instant (epoch seconds, not before now); all that falls due until then happens."""
    if to < store.now:
        raise ValueError("The clock only moves forward.")
    with working(store) as billing:
        run(billing, to)


def cancel_subscription(store: Store, subscription_id: str) -> Json:
    """End a subscription at once, as the customer asked; returns it."""
    with working(store) as billing:
        return cancellations.cancel_now(billing, subscription_id)


def run(billing: Billing, to: int) -> None:
    """The same inside a unit of work."""
    while step(billing, to):
        pass
    billing.now = max(billing.now, to)


def step(billing: Billing, to: int) -> bool:
    """Let the next thing that falls due until `to` happen; whether there was one."""
    calendar = billing.calendar
    if calendar is None:
        calendar = billing.calendar = Calendar(_dues)
        _enter_everything(billing, calendar)
    entry = calendar.take(to)
    if entry is None:
        return False
    moment, rank, resource, identity = entry
    asked, billing.automatic = billing.automatic, True
    _run_one(billing, moment, rank, billing.get(resource, identity))
    billing.automatic = asked
    return True


def _run_one(billing: Billing, moment: int, rank: int, obj: Json) -> None:
    due, action = _DUES[rank]
    if due(obj) == moment and billing.find("customers", obj["customer"]) is not None:
        billing.now = max(billing.now, moment)
        action(billing, obj)


def _enter_everything(billing: Billing, calendar: Calendar) -> None:
    for resource, statuses in _WAITING.items():
        for obj in billing.where(resource, Condition("status", "in", statuses)):
            calendar.note(billing, resource, obj)


_WAITING = {
    "subscription_schedules": ("not_started", "active"),
    "subscriptions": (*LIVE, "incomplete", "paused"),
    "invoices": ("draft", "open"),
    "quotes": ("draft", "open"),
    checkout.SESSIONS: ("open",),
}


def _dues(billing: Billing, resource: str, obj: Json) -> list[tuple[int, int]]:
    found = []
    for rank in _RANKS.get(resource, ()):
        moment = _DUES[rank][0](obj)
        if moment is not None and (moment > billing.now or rank not in _NOTICES):
            found.append((moment, rank))
    return found


def _phase_boundary(schedule: Json) -> int | None:
    if schedule["status"] == "not_started":
        return int(schedule["phases"][0]["start_date"])
    return schedule["current_phase"]["end_date"] if schedule["status"] == "active" else None


def _cancellation(subscription: Json) -> int | None:
    return subscription["cancel_at"] if subscription["status"] not in cancellations.ENDED else None


def _discount_end(subscription: Json) -> int | None:
    ends = [each["end"] for each in discounting.carried(subscription) if each["end"] is not None]
    return min(ends) if ends and subscription["status"] in LIVE else None


def _resumption(subscription: Json) -> int | None:
    paused = subscription["pause_collection"]
    return paused["resumes_at"] if paused and subscription["status"] in LIVE else None


def _trial_notice(subscription: Json) -> int | None:
    if subscription["status"] != "trialing":
        return None
    return int(subscription["trial_end"]) - renewals.TRIAL_NOTICE


def _renewal(subscription: Json) -> int | None:
    return cancellations.last_period_end(subscription) if subscription["status"] in LIVE else None


def _expiry(subscription: Json) -> int | None:
    incomplete = subscription["status"] == "incomplete"
    return subscription["created"] + dunning.INCOMPLETE_SECONDS if incomplete else None


def _finalization(invoice: Json) -> int | None:
    waits = invoice["status"] == "draft" and invoice["auto_advance"]
    return invoice["automatically_finalizes_at"] if waits else None


def _attempt(invoice: Json) -> int | None:
    return invoice["next_payment_attempt"] if invoice["status"] == "open" else None


def _due_date(invoice: Json) -> int | None:
    return invoice["due_date"] if invoice["status"] == "open" else None


def _expiration(quote: Json) -> int | None:
    return int(quote["expires_at"]) if quote["status"] in ("draft", "open") else None


def _session_end(session: Json) -> int | None:
    return int(session["expires_at"]) if session["status"] == "open" else None


def _term_notice(schedule: Json) -> int | None:
    running = schedule["status"] == "active" and schedule["phases"]
    return int(schedule["phases"][-1]["end_date"]) - _EXPIRING if running else None


def _tell_expiring(billing: Billing, schedule: Json) -> None:
    billing.emit("subscription_schedule.expiring", schedule)


def _abandon(billing: Billing, session: Json) -> None:
    checkout.expire(billing, session)


def _end(billing: Billing, subscription: Json) -> None:
    cancellations.end(billing, subscription)


def _retry(billing: Billing, invoice: Json) -> None:
    payments.attempt(billing, invoice)


def _overdue(billing: Billing, invoice: Json) -> None:
    dunning.overdue(billing, invoice, payments.subscription_of(billing, invoice))


# What falls due, in the order in which it happens when moments are equal.
_DUES: list[tuple[Moment, Action]] = [
    (_phase_boundary, schedules.turn),
    (_cancellation, _end),
    (_discount_end, renewals.end_discounts),
    (_resumption, renewals.resume_collection),
    (_trial_notice, renewals.warn_of_trial_end),
    (_renewal, renewals.renew),
    (_expiry, dunning.expire),
    (_finalization, renewals.finalize),
    (_attempt, _retry),
    (_due_date, _overdue),
    (_expiration, quotes.expire_quote),
    (_term_notice, _tell_expiring),
    (_session_end, _abandon),
]
_RANKS = {
    "subscription_schedules": (0, 11),
    "subscriptions": (1, 2, 3, 4, 5, 6),
    "invoices": (7, 8, 9),
    "quotes": (10,),
    checkout.SESSIONS: (12,),
}
_NOTICES = frozenset((4, 9, 11))  # these change nothing that would show that they have happened

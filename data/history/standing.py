"""When a subscription counted: its own dates, what became of its invoices, and events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.evidence import Charge, Snapshot
from data.history.dunning import COUNTED, unpaid
from data.history.idle import SOON, pauses, trials
from data.history.life import UNPAID, Life, Pause, first

INCOMPLETE = timedelta(hours=23)
"""So long a first payment may take; then the subscription has expired."""
AT_ONCE = timedelta(minutes=1)
"""A first payment that took no longer was never waited for."""

DOUBTS = {
    "incomplete": "incomplete",
    "incomplete_expired": "never active",
    "unpaid": "unpaid",
    "paused": "paused",
    "trialing": "trial",
    "canceled": "ended, date not known",
}
"""Statuses that are zero, and the evidence that a timeline row then names."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a subscription counted from an instant to another; word: why not, "" where it did."""

    start: datetime
    end: datetime | None
    word: str

    @property
    def counted(self) -> bool:
        """Whether it counted."""
        return self.word in ("", "before trial")


def word_of(status: str) -> str:
    """Why a status is zero; "" when it counts."""
    return "" if status in COUNTED else DOUBTS.get(status, "status not known")


def standings(life: Life) -> list[Standing]:
    """From the start to the end, without gap or overlap, in order of time."""
    seen = life.evidence.snapshots
    if not seen:
        return list(_told(life, life.status, life.ended))
    opening = seen[0].before
    known = () if opening is None else _told(life, opening.status or "canceled", seen[0].at)
    return [*known, *_events(life, seen)]


def doubtful(life: Life) -> list[Pause]:
    """Times that may have been otherwise: when a pause began, what was written off and paid after all."""
    seen = life.evidence.snapshots
    opening = seen[0].before if seen else None
    if seen and opening is None:
        return []
    status, until = (opening.status or "canceled", seen[0].at) if opening else (life.status, life.ended)
    lost = (each for each in unpaid(life, status, until) if each.paid and not each.certain)
    perhaps = [Pause(each.start, each.start, each.paid or each.start, reason=UNPAID) for each in lost]
    return [each for each in (*pauses(life, status, until), *perhaps) if each.earliest < each.latest]


def _events(life: Life, seen: Sequence[Snapshot]) -> Iterator[Standing]:
    for index, each in enumerate(seen):
        start = life.start if index == 0 and each.before is None else each.at
        end = seen[index + 1].at if index + 1 < len(seen) else life.ended
        if each.after.status != "canceled" and not (life.ended and start >= life.ended):
            yield Standing(start, first(end, life.ended), word_of(each.after.status))


def _told(life: Life, status: str, until: datetime | None) -> Iterator[Standing]:
    """Without events: zero in the stretches that dates and invoices prove, counted between them."""
    if status == "canceled" and life.ended is None:
        yield Standing(life.start, until, DOUBTS[status])
        return
    if status in ("incomplete", "incomplete_expired") or word_of(status) == "status not known":
        yield Standing(life.start, until, word_of(status))
        return
    at = life.start
    zeros = (each for each in _zero(life, status, until) if until is None or each.start < until)
    for zero in sorted(zeros, key=lambda each: each.start):
        if at < zero.start:
            yield Standing(at, zero.start, "before trial" if zero.word == "trial" else "")
        if zero.end is None or (until is not None and zero.end >= until):
            yield Standing(max(at, zero.start), until, zero.word)
            return
        if at < zero.end:
            yield Standing(max(at, zero.start), zero.end, zero.word)
            at = zero.end
    yield Standing(at, until, "")


def _zero(life: Life, status: str, until: datetime | None) -> Iterator[Standing]:
    """The stretches that are zero; they may overlap."""
    yield from _trial(life, status)
    yield from (Standing(*each, "trial") for each in trials(life))
    yield from _first_payment(life, status)
    yield from _paused(life, status)
    yield from (Standing(each.placed, each.resumed, "paused") for each in pauses(life, status, until))
    yield from (Standing(each.start, each.paid, "unpaid") for each in unpaid(life, status, until))


def _trial(life: Life, status: str) -> Iterator[Standing]:
    start = max(life.start, life.trial_start or life.start)
    end = None if status == "trialing" else life.trial_end or start
    if end is None or end > start:
        yield Standing(start, end, "trial")


def _first_payment(life: Life, status: str) -> Iterator[Standing]:
    """Until the first invoice was paid, where a card was to pay it, the subscription was incomplete.

    One that was paid at once says nothing of the time before it, from a start that is dated back.
    """
    first_bills = (bill for bill in life.evidence.bills if bill.reason == "subscription_create")
    bill = next(first_bills, None)
    if bill is None or bill.method != "charge_automatically" or bill.due <= 0:
        return
    if bill.paid is not None and life.start < bill.created and bill.paid - bill.created <= AT_ONCE:
        return
    given_up = life.ended is not None and life.ended - life.start <= INCOMPLETE
    if bill.paid is not None or (status == "canceled" and given_up):
        yield Standing(life.start, bill.paid, "incomplete")


def _paused(life: Life, status: str) -> Iterator[Standing]:
    """A trial that ended without a card pauses: nothing is billed until it is resumed."""
    end, periods = life.trial_end, [each for each in life.evidence.charges if each.kind == "period"]
    if not periods or end is None or status == "trialing":
        return
    resumed = min((each.start for each in periods if each.start >= end), default=None)
    if resumed is None:
        if status not in COUNTED:
            yield Standing(end, None, "paused")
    elif resumed - end > SOON and not _covered(periods, end, resumed):
        yield Standing(end, resumed, "paused")


def _covered(periods: Sequence[Charge], end: datetime, resumed: datetime) -> bool:
    """Whether what was billed before a trial's end reached to what was billed after it."""
    gap = any(each.idle_since for each in periods if each.start == resumed)
    return not gap and any(each.free is False and each.start < end for each in periods)

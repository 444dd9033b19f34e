"""Times for which nothing was charged, as invoices show them: trials that are over, and pauses."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from data.evidence import Charge
from data.history.life import Life, Pause, first

SOON = timedelta(hours=2)
"""Within so long after a trial or a period ends the next is billed."""
ENDING = timedelta(days=1)
"""So long a subscription may take to end after its last period; if it took longer, it was paused."""


def trials(life: Life) -> Iterator[tuple[datetime, datetime | None]]:
    """Trials that the subscription no longer names: until their end, or what was billed before that."""
    paid = {each.start for each in life.evidence.charges if each.free is False}
    for each in life.evidence.charges:
        if each.free and not _named(life, each.start) and each.start not in paid:
            billed = min((start for start in paid if start > each.start), default=None)
            yield each.start, first(each.end, billed)


def _named(life: Life, at: datetime) -> bool:
    """Whether an instant is in the trial that the subscription names."""
    return bool(life.trial_end and (life.trial_start or life.start) <= at < life.trial_end)


def pauses(life: Life, status: str, until: datetime | None) -> Iterator[Pause]:
    """The times between two periods, or after the last, that nobody billed, of what is status until then.

    A pause begins within a period that is billed, or when a trial ends.
    """
    periods = [each for each in life.evidence.charges if each.kind == "period"]
    for each in life.evidence.charges:
        if each.idle_since and each.start - each.idle_since > SOON and not _named(life, each.idle_since):
            yield _pause(life, periods, each.idle_since, each.start)
    last = max((each.end or each.start for each in periods), default=None)
    if last is None:
        if status == "paused":
            yield Pause(life.start, life.start, life.start)
    elif status == "paused" or (life.ended == until and until and until - last > ENDING):
        yield _pause(life, periods, last, None)


def _pause(life: Life, periods: Sequence[Charge], idle: datetime, resumed: datetime | None) -> Pause:
    """A pause that was there when the period before it was over."""
    before = [each for each in periods if each.end == idle and not each.free]
    if not before or idle == life.trial_end:
        return Pause(idle, idle, idle, resumed)
    earliest, since = max(each.start for each in before), life.evidence.events_from
    latest = since if since and earliest < since < idle else idle
    return Pause(earliest, latest, latest, resumed)

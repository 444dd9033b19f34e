"""When a subscription was unpaid: the attempts to collect an invoice were over, and none was paid since."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from data.evidence import Bill
from data.history.life import Life

COUNTED = frozenset({"active", "past_due"})
AS_ALWAYS, PROMPT = timedelta(hours=2), timedelta(days=3)
"""A draft that nothing holds back is finalized after an hour, and at the latest after three days."""
AT_ONCE = timedelta(minutes=1)
"""What is finalized by hand in order to be paid is paid within this."""


class Unpaid(NamedTuple):
    """From when to when (None: still so); certain: invoices were held back then."""

    start: datetime
    paid: datetime | None
    certain: bool


def unpaid(life: Life, status: str, until: datetime | None) -> Iterator[Unpaid]:
    """The times in which what is a status until then was unpaid, in order of the invoices; they may overlap.

    An account may leave such subscriptions past due: then invoices are finalized as always. One that was
    not written off tells of it only by those that were held back.
    """
    bills = [bill for bill in life.evidence.bills if bill.method == "charge_automatically"]
    for bill in bills:
        moment = bill.uncollectible or (bill.failed if bill.attempts > 1 else None)
        if moment is None or not bill.attempts or bill.reason == "subscription_create":
            continue
        paid = min((at for each in life.evidence.bills if (at := each.paid) and at > moment), default=None)
        if (until and moment >= until) or (paid is None and status in COUNTED):
            continue
        between = [each for each in bills if moment < each.created and (paid is None or each.created < paid)]
        if any(each.attempts and _usual(each, paid) for each in between):
            continue
        held = any(each.due > 0 and _renews(each) and not _usual(each, paid) for each in between)
        if held or bill.uncollectible:
            yield Unpaid(moment, paid, held)
    if status == "unpaid":
        yield Unpaid(_since(life, [bill for bill in bills if bill.attempts], until), None, True)


def _renews(bill: Bill) -> bool:
    return bill.reason == "subscription_cycle"


def _usual(bill: Bill, paid: datetime | None) -> bool:
    """Whether an invoice was finalized as always: what is unpaid leaves drafts, until it pays."""
    if bill.finalized is None:
        return False
    waited = bill.finalized - bill.created
    to_pay = paid is not None and paid - bill.finalized <= AT_ONCE
    return waited <= AS_ALWAYS or (waited <= PROMPT and not to_pay)


def _since(life: Life, bills: Sequence[Bill], until: datetime | None) -> datetime:
    """Since when a subscription that is unpaid until then has been so, at the latest that is known."""

    def past(at: datetime | None) -> bool:
        return at is not None and (until is None or at < until)

    paid = max(
        (bill.paid for bill in life.evidence.bills if bill.paid and past(bill.paid)), default=life.start
    )
    lost = (bill.uncollectible for bill in bills if bill.reason != "subscription_create")
    after = [moment for moment in lost if moment and past(moment) and moment > paid]
    tried = (bill for bill in bills if past(bill.created) and not past(bill.paid))
    owed = [bill.failed or bill.created for bill in tried if bill.status == "open" or bill.paid]
    return min(after or owed, default=life.start)

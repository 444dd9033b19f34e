"""What the charges of an item prove, instant by instant."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from data.evidence import Charge, Terms
from data.history.life import Life


class Mark(Enum):
    """What is not terms: the item was not there, or nothing says what it was."""

    GONE = "gone"
    UNSAID = "unsaid"


GONE, UNSAID = Mark.GONE, Mark.UNSAID
Known = Terms | Mark


@dataclass(frozen=True, slots=True)
class Fact:
    """What an item was just before an instant and from it on, and what says so."""

    at: datetime
    before: Known
    after: Known
    word: str
    dated: bool = True  # False: first seen then; it may have changed before


def facts_of(life: Life, item_id: str, created: datetime | None) -> list[Fact]:
    """The facts about an item that are no events, in order of time."""
    found = _charged(charge for charge in life.evidence.charges if charge.item_id == item_id)
    added = life.added(created)
    if added and not any(fact.at <= added for fact in found):
        found.insert(0, Fact(added, GONE, UNSAID, "item added"))
    return [*found, *_lapse(life, item_id)]


def _charged(charges: Iterable[Charge]) -> list[Fact]:
    together: dict[datetime, list[Charge]] = defaultdict(list)
    for charge in charges:
        together[charge.start].append(charge)
    return [fact for at in sorted(together) if (fact := _fact(at, together[at]))]


def _fact(at: datetime, charges: Sequence[Charge]) -> Fact | None:
    """Charges of one instant: a credit takes back what was before it, be it charged at the same instant.

    What is given back and charged again is as it was: a billing cycle that was moved, say, or, where there
    were other terms for a moment, what it was before, which these do not tell (None).
    """
    if len(charges) == 1:
        return _of_one(at, charges[0])
    credited = Counter(each.terms for each in charges if each.kind == "credit")
    charged = Counter(each.terms for each in charges if each.kind != "credit")
    befores, afters = credited - charged, charged - credited
    period = not credited and all(each.kind == "period" for each in charges)
    if not befores and not afters:
        same = next(iter(charged))
        return Fact(at, same, same, "proration") if len(charged) == 1 else None
    before = next(iter(befores), UNSAID)
    after = next(reversed(afters), GONE)
    return Fact(at, before, after, "invoice" if period else "proration", dated=not period)


def _of_one(at: datetime, charge: Charge) -> Fact:
    if charge.kind == "credit":
        return Fact(at, charge.terms, GONE, "proration")
    period = charge.kind == "period"
    return Fact(at, UNSAID, charge.terms, "invoice" if period else "proration", dated=not period)


def _lapse(life: Life, item_id: str) -> list[Fact]:
    """An item that is gone and was not billed when its last period ended, while others were."""
    if any(item.id == item_id for item in life.items):
        return []
    charges = life.evidence.charges
    ends = [each.end for each in charges if each.item_id == item_id and each.kind != "credit" and each.end]
    end = max(ends, default=None)
    later = [each for each in charges if end and each.kind == "period" and each.start >= end]
    return [Fact(end, UNSAID, GONE, "not renewed", dated=False)] if end and later else []


def began(life: Life, item_id: str, facts: Sequence[Fact]) -> Known:
    """What an item was when its subscription began: not there, or what the first fact will say."""
    if not facts or facts[0].at <= life.start or facts[0].before is not UNSAID:
        return UNSAID if not facts or facts[0].before is not GONE else GONE
    if facts[0].word != "invoice":
        return GONE
    others = (each for each in life.evidence.charges if each.item_id != item_id and _ahead(each))
    return GONE if any(each.start < facts[0].at for each in others) else UNSAID


def _ahead(charge: Charge) -> bool:
    """Whether it bills a period that begins: what is metered is billed when its period is over."""
    return charge.kind == "period" and charge.terms.quantity is not None

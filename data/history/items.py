"""What each item of a subscription was and when: evidence put in order of trust, then of time.

Events are certain. Between two of them that agree nothing changed, whatever a line says; where they do not,
and before the first of them, invoice lines say what changed. What no evidence dates is dated when it is
first seen, and doubted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from data.evidence import State, Terms
from data.history.facts import GONE, UNSAID, Fact, Known, Mark, began, facts_of
from data.history.life import Doubt, Item, Life, first
from data.valuation import yearly

LAG = timedelta(hours=1)
"""An event may follow so long after the instant from which an invoice bills what it tells of."""

LATER = "first seen then"
CONTRADICTED = "an invoice says otherwise than the events"


@dataclass(frozen=True, slots=True)
class Stretch:
    """An item's terms from an instant to another (exclusive; None: still so)."""

    item_id: str
    terms: Terms
    start: datetime
    end: datetime | None
    word: str


@dataclass(slots=True)
class Walk:
    """An item followed through what is known of it."""

    life: Life
    item_id: str
    state: Known
    at: datetime  # the last fact
    certain: bool = False  # an event said the state
    changes: list[tuple[datetime, Known, str]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def become(self, at: datetime, state: Known, word: str) -> None:
        """The item changes; nothing happens when it is so already."""
        if state != self.state:
            self.changes.append((at, state, word))
            self.state = state

    def fill(self, state: Known, word: str) -> None:
        """Say what the item was since the moment from which nothing said it."""
        if self.state is UNSAID and state is not UNSAID:
            self.changes[-1] = (self.changes[-1][0], state, word)
            self.state = state

    def follow(self, fact: Fact) -> None:
        """Go on to a fact."""
        self.fill(fact.before if fact.before is not UNSAID else fact.after, fact.word)
        if fact.before is not UNSAID:
            self.settle(fact.before, fact.at, fact.at, fact.word)
        if fact.after is not UNSAID and not fact.dated:
            self.settle(fact.after, fact.at, fact.at, fact.word)
        elif fact.after is not UNSAID or fact.before is GONE:
            self.become(fact.at, fact.after, fact.word)
        self.at = fact.at

    def settle(self, state: Known, until: datetime | None, otherwise: datetime, word: str) -> None:
        """A change that happened since the last fact: a schedule dates it, or it is doubted.

        It is dated no later than the first event kept: since then it would have left one.
        """
        if state == self.state:
            return
        placed = self._scheduled(state, until)
        if placed is None:
            since = self.life.evidence.events_from
            kept = since is not None and self.at < since and (until is None or since < until)
            placed = since if kept and since is not None else otherwise
            latest = placed if kept else until
            self.doubts.append(
                Doubt(self.item_id, self.at, latest, placed, _terms(self.state), _terms(state), LATER)
            )
        else:
            word = "schedule"
        self.become(placed, state, word)

    def _scheduled(self, state: Known, until: datetime | None) -> datetime | None:
        """When a schedule's phase set these terms since the last fact."""
        if isinstance(state, Mark) or state.price is None:
            return None
        wanted = (state.price.id, state.quantity)
        starts = (phase.start for phase in self.life.evidence.phases if wanted in phase.items)
        latest = first(until, self.life.observed)
        inside = (each for each in starts if self.at < each and (latest is None or each <= latest))
        return min(inside, default=None)

    def contradict(self, facts: Sequence[Fact], limit: datetime | None, *agreed: Known) -> None:
        """Note what lines say otherwise than the events around them, in value."""
        worths = {_worth(each) for each in agreed}
        for fact in facts:
            if fact.after is not UNSAID and _worth(fact.after) not in worths:
                before, after = _terms(self.state), _terms(fact.after)
                self.doubts.append(Doubt(self.item_id, self.at, limit, fact.at, before, after, CONTRADICTED))


def _worth(known: Known) -> Fraction | None:
    """What terms are worth a year; an item that is not there is worth as much as a free one."""
    if known is UNSAID:
        return None
    terms = _terms(known)
    if terms is None or terms.price is None:
        return Fraction(0)
    return yearly(terms.price, terms.quantity)


def _terms(known: Known) -> Terms | None:
    return None if isinstance(known, Mark) else known


def stretches(life: Life) -> tuple[list[Stretch], list[Doubt]]:
    """The stretches of every item, in order of item and time, and the changes that nothing dates."""
    now = {item.id: item for item in life.items}
    created = {**life.evidence.created, **{item.id: item.created for item in life.items if item.created}}
    named = [each.item_id for each in life.evidence.charges]
    named += [key for each in life.evidence.snapshots for key in (*_held(each.before), *each.after.items)]
    found: list[Stretch] = []
    doubts: list[Doubt] = []
    for item_id in dict.fromkeys([*now, *named]):
        walk = _walked(life, item_id, now.get(item_id), created.get(item_id))
        found += _stretches(walk)
        doubts += walk.doubts
    return found, doubts


def _held(state: State | None) -> Iterable[str]:
    return () if state is None else state.items


def _walked(life: Life, item_id: str, now: Item | None, created: datetime | None) -> Walk:
    facts = [fact for fact in facts_of(life, item_id, created) if life.ended is None or fact.at < life.ended]
    start = began(life, item_id, facts)
    walk = Walk(life, item_id, start, life.start, changes=[(life.start, start, "")])
    for event in _events(life, item_id):
        ahead = [fact for fact in facts if fact.at < event.at and not _announces(fact, event)]
        _lead(walk, ahead, event.before, event.at)
        walk.fill(event.before if event.before is not UNSAID else event.after, event.word)
        if event.before is not UNSAID:
            walk.settle(event.before, event.at, event.at, event.word)
        walk.become(event.at, event.after, event.word)
        walk.contradict([fact for fact in facts if fact.at == event.at], event.at, event.before, event.after)
        walk.at, walk.certain = event.at, True
        facts = [fact for fact in facts if fact.at > event.at]
    present = GONE if now is None else now.terms
    _lead(walk, facts, present, life.ended)
    word = "ended" if life.ended else "present"
    walk.fill(present, "item added" if life.added(created) else word)
    walk.settle(present, life.ended, walk.at, word)
    return walk


def _events(life: Life, item_id: str) -> Iterator[Fact]:
    for each in life.evidence.snapshots:
        before = UNSAID if each.before is None else each.before.items.get(item_id, GONE)
        yield Fact(each.at, before, each.after.items.get(item_id, GONE), "event")


def _announces(fact: Fact, event: Fact) -> bool:
    """Whether a line bills from just before an event what the event tells of."""
    return fact.after == event.after != event.before and event.at - fact.at <= LAG


def _lead(walk: Walk, facts: Sequence[Fact], to: Known, until: datetime | None) -> None:
    """Follow lines up to what the next event, or the present, says was then."""
    if walk.certain and walk.state == to:
        walk.contradict(facts, until, walk.state)
        return
    for fact in facts:
        walk.follow(fact)


def _stretches(walk: Walk) -> Iterator[Stretch]:
    last = (walk.life.ended, UNSAID, "")
    for (start, state, word), (end, *_) in pairwise([*walk.changes, last]):
        if isinstance(state, Terms) and start is not None and (end is None or start < end):
            yield Stretch(walk.item_id, state, start, end, word)

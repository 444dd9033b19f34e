"""The thread of a history: what people plan to do, between what falls due by itself."""

import heapq
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from data.sandbox import engine
from data.sandbox.billing import DAY, HOUR, Billing

Json = dict[str, Any]
Act = Callable[..., None]
T = TypeVar("T")


class Story:
    """The unit of work, the dice, and the acts to come; acts are functions of the story."""

    def __init__(self, billing: Billing, seed: int, until: int, *, plain_names: bool = False) -> None:
        """until: where the history ends, epoch seconds; the billing's clock is where it begins.

        plain_names: no company is named to try what shows it.
        """
        self.billing = billing
        self.plain_names = plain_names
        self.random = Random(seed)
        self.start = billing.now
        self.until = until
        self.kinds: dict[str, str] = {}  # what a subscription was sold as, by its id
        self.currencies: dict[str, str] = {}  # what a customer pays in, by its id
        self.cast: set[str] = set()  # customers who do only what their role says
        self._plans: list[tuple[int, int, Act, tuple[Any, ...]]] = []
        self._count = 0

    def plan(self, moment: int, act: Act, *args: Any) -> None:
        """Let something be done at a moment, if the history goes so far."""
        if moment <= self.until:
            self._count += 1
            heapq.heappush(self._plans, (max(moment, self.billing.now), self._count, act, args))

    def run(self, to: int) -> None:
        """Live through everything until an instant, at most the end."""
        while True:
            limit = min(self._plans[0][0], to) if self._plans else to
            if engine.step(self.billing, limit):  # it may have led to plans for earlier
                continue
            if not self._plans or self._plans[0][0] > to:
                break
            moment, _, act, args = heapq.heappop(self._plans)
            self.billing.now = moment
            self.billing.next_request()
            act(self, *args)
        self.billing.now = to

    @property
    def progress(self) -> float:
        """How much of the history is over, 0 to 1."""
        return (self.billing.now - self.start) / (self.until - self.start)

    def chance(self, probability: float) -> bool:
        """Throw the dice."""
        return self.random.random() < probability

    def choice(self, weights: dict[T, Any]) -> T:
        """One of the keys, by their weights."""
        return self.random.choices(list(weights), weights=list(weights.values()))[0]

    def one(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.random.choice(options)

    def in_days(self, least: float, most: float) -> int:
        """A moment between so many days from now."""
        return self.billing.now + int(self.random.uniform(least, most) * DAY)

    def in_hours(self, least: float, most: float) -> int:
        """A moment between so many hours from now."""
        return self.billing.now + int(self.random.uniform(least, most) * HOUR)

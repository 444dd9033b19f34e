"""How fast Stripe may be asked: so many requests a second to one endpoint, so many in all."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

RECOVERY = 1.05  # an answered request gives a slowed lane five percent of its rate back
BURST = 0.15  # seconds
SLOWEST = 0.5  # requests a second: a lane is never slowed below this
STATE = "limiter"
"""Under this name sync_state keeps how the last sync met the limits."""


@dataclass
class Lane:
    """One queue: a request every 1/rate seconds; what is due in BURST seconds may leave at once."""

    full_rate: float
    rate: float
    due: float = 0.0  # when the next request would leave at an even pace
    held_until: float = 0.0

    def reserve(self, now: float) -> float:
        """Seconds to wait before the request that asks now may leave."""
        leaves = max(now, self.due - BURST)
        self.due = max(now, self.due) + 1 / self.rate
        return leaves - now

    def slow(self, now: float, seconds: float) -> None:
        """Nothing leaves for so many seconds, and then half as much as before.

        Requests that were under way together are refused together; that slows the lane once.
        """
        if now >= self.held_until:
            self.rate = max(self.rate / 2, min(SLOWEST, self.full_rate))
        self.held_until = max(self.held_until, now + seconds)
        self.due = max(self.due, now + seconds + BURST)

    def recover(self) -> None:
        """A request was answered: go a little faster again, up to the full rate."""
        self.rate = min(self.rate * RECOVERY, self.full_rate)


class Limiter:
    """Paces the requests of all threads; the first to ask is the first to leave.

    The defaults stay under Stripe's 25 requests a second an endpoint and 100 in all (live keys).
    """

    def __init__(
        self,
        per_endpoint: float = 20,
        overall: float = 80,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.per_endpoint = per_endpoint
        self.overall = overall
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._all = Lane(overall, overall)
        self._waited = 0.0
        self._refused = 0

    def wait(self, endpoint: str) -> None:
        """Return when a request to the endpoint may leave."""
        self._pass(endpoint)
        self._pass(None)  # taken afterwards, so that a slow endpoint holds up no other

    def _pass(self, endpoint: str | None) -> None:
        with self._lock:
            seconds = self._lane(endpoint).reserve(self._clock())
            self._waited += max(seconds, 0.0)
        if seconds > 0:
            self._sleep(seconds)

    def _lane(self, endpoint: str | None) -> Lane:
        if endpoint is None:
            return self._all
        found = self._lanes.get(endpoint)
        if found is None:
            found = self._lanes[endpoint] = Lane(self.per_endpoint, self.per_endpoint)
        return found

    def refused(self, endpoint: str, seconds: float, *, everywhere: bool = False) -> None:
        """The server said "too many": hold that endpoint (or all) for so many seconds, then go slower."""
        with self._lock:
            self._refused += 1
            self._lane(None if everywhere else endpoint).slow(self._clock(), seconds)

    def answered(self, endpoint: str) -> None:
        """The server answered: a lane that was slowed recovers."""
        with self._lock:
            self._lane(endpoint).recover()
            self._all.recover()

    def rate(self, endpoint: str) -> float:
        """Requests a second that now go to the endpoint at most."""
        with self._lock:
            return min(self._lane(endpoint).rate, self._all.rate)

    def use(self) -> dict[str, Any]:
        """per_endpoint and overall (requests a second at most), waited (seconds, all requests together),
        refused (how often the server said "too many"), slowed (endpoint -> requests a second now).
        """
        with self._lock:
            lanes = {**self._lanes, "all endpoints": self._all}
            return {
                "per_endpoint": self.per_endpoint,
                "overall": self.overall,
                "waited": round(self._waited, 3),
                "refused": self._refused,
                "slowed": {
                    name: round(lane.rate, 2) for name, lane in lanes.items() if lane.rate < lane.full_rate
                },
            }


def unlimited() -> Limiter:
    """A limiter for a server on this machine, which may be asked as fast as it answers."""
    return Limiter(per_endpoint=1e6, overall=1e6)

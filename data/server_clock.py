"""When an answer was true, by Stripe's own clock: instants that order everything the gateway reads."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

TICK = timedelta(microseconds=1)


class ServerClock:
    """The server's time, learnt from `Date` headers (whole seconds), carried on by our own clock.

    An instant is given when a request begins, so what an answer says is at least as new as its instant.
    Instants never repeat and never go back, even where the server's clock stands still or is set back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._offset: float | None = None
        self._last = datetime(1970, 1, 1, tzinfo=UTC)

    def begin(self) -> tuple[float, datetime | None]:
        """Our clock and the server's instant as a request begins; None before the first answer."""
        with self._lock:
            started = self._clock()
            return started, None if self._offset is None else self._instant(started, self._offset)

    def answered(self, started: float, date: float | None) -> datetime:
        """Learn from an answer's Date (epoch seconds); gives the instant at which that request began."""
        with self._lock:
            ended = self._clock()
            if date is None:
                date = time.time()
            self._learn(started, ended, date)
            assert self._offset is not None
            return self._instant(started, self._offset)

    def _learn(self, started: float, ended: float, date: float) -> None:
        """The server read its clock between start and end, and its reading was in [date, date + 1)."""
        least, most = date - ended, date + 1 - started
        if self._offset is None:
            self._offset = least
        self._offset = min(max(self._offset, least), most)

    def _instant(self, at: float, offset: float) -> datetime:
        instant = datetime.fromtimestamp(at + offset, UTC)
        self._last = max(instant, self._last + TICK)
        return self._last

    def not_before(self, instant: datetime) -> None:
        """Every instant from now on is later than this one, which an earlier process gave."""
        with self._lock:
            self._last = max(self._last, instant)

    def now(self) -> datetime:
        """The server's time now; ours before the first answer."""
        with self._lock:
            offset = time.time() - self._clock() if self._offset is None else self._offset
            return self._instant(self._clock(), offset)

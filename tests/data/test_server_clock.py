"""Instants by the server's clock: close to it, never twice, never back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from data.server_clock import ServerClock

SERVER = 1_795_000_000.0
SECOND = timedelta(seconds=1)


class Ours:
    """Our clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def ask(clock: ServerClock, ours: Ours, server: float, *, takes: float = 0.3) -> datetime:
    """One request that begins now; the server's clock says so much at its end."""
    started, instant = clock.begin()
    ours.now += takes
    learnt = clock.answered(started, float(int(server)))
    return instant or learnt


def test_it_follows_the_server_within_a_second() -> None:
    ours = Ours()
    clock = ServerClock(ours)
    for step in range(40):
        true_start = SERVER + (ours.now - 50.0)
        seen = ask(clock, ours, true_start + 0.3)
        assert abs(seen - datetime.fromtimestamp(true_start, UTC)) < 1.4 * SECOND, step
        ours.now += 0.37


def test_instants_rise_while_the_server_stands_still_or_goes_back() -> None:
    ours = Ours()
    clock = ServerClock(ours)
    seen = [ask(clock, ours, SERVER) for _ in range(20)]
    seen += [ask(clock, ours, SERVER - 1000) for _ in range(20)]
    assert all(later > earlier for earlier, later in pairwise(seen))
    assert seen[-1] < datetime.fromtimestamp(SERVER + 2, UTC)


def test_a_server_that_jumps_ahead_is_followed() -> None:
    ours = Ours()
    clock = ServerClock(ours)
    ask(clock, ours, SERVER)
    ask(clock, ours, SERVER + 86_400)
    assert ask(clock, ours, SERVER + 86_400) > datetime.fromtimestamp(SERVER + 86_398, UTC)


def test_an_earlier_process_is_not_undercut() -> None:
    clock = ServerClock(Ours())
    last = datetime(2030, 1, 1, tzinfo=UTC)
    clock.not_before(last)
    assert clock.now() > last


def test_a_server_without_a_date_gets_our_time() -> None:
    clock = ServerClock()
    started, _ = clock.begin()
    assert abs(clock.answered(started, None) - datetime.now(UTC)) < SECOND

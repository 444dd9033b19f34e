"""The limiter paces requests, on a clock that the test moves."""

import pytest

from data.limiter import Limiter


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter_on(clock: Clock, per_endpoint: float = 20, overall: float = 80) -> Limiter:
    return Limiter(per_endpoint, overall, clock=clock, sleep=clock.sleep)


def departures(limiter: Limiter, clock: Clock, endpoints: list[str]) -> list[float]:
    """When each request left, in seconds after the first."""
    times = []
    for endpoint in endpoints:
        limiter.wait(endpoint)
        times.append(clock.now)
    return [time - times[0] for time in times]


def most_in_a_second(times: list[float]) -> int:
    return max(sum(1 for time in times if start <= time < start + 1) for start in times)


def test_one_endpoint_keeps_its_rate(clock: Clock) -> None:
    times = departures(limiter_on(clock), clock, ["/v1/customers"] * 200)
    assert times[-1] == pytest.approx(199 / 20, abs=0.3)
    assert most_in_a_second(times) <= 25  # what Stripe allows an endpoint


def test_all_endpoints_together_keep_the_overall_rate(clock: Clock) -> None:
    limiter = limiter_on(clock)
    times = departures(limiter, clock, [f"/v1/{n % 10}" for n in range(800)])
    assert times[-1] == pytest.approx(799 / 80, abs=0.4)
    assert most_in_a_second(times) <= 100


def test_a_rest_is_not_saved_up(clock: Clock) -> None:
    limiter = limiter_on(clock)
    limiter.wait("/v1/customers")
    clock.sleep(60)
    assert most_in_a_second(departures(limiter, clock, ["/v1/customers"] * 50)) <= 25


def test_a_refused_endpoint_waits_slows_down_and_recovers(clock: Clock) -> None:
    limiter = limiter_on(clock)
    limiter.wait("/v1/customers")
    for _ in range(5):  # all that were under way are refused at once
        limiter.refused("/v1/customers", 7)
    began = clock.now
    limiter.wait("/v1/customers")
    assert clock.now - began == pytest.approx(7, abs=0.1)
    assert limiter.rate("/v1/customers") == 10
    for _ in range(100):
        limiter.answered("/v1/customers")
    assert limiter.rate("/v1/customers") == 20


def test_a_refused_endpoint_holds_up_no_other(clock: Clock) -> None:
    limiter = limiter_on(clock)
    limiter.refused("/v1/customers", 60)
    began = clock.now
    limiter.wait("/v1/invoices")
    assert clock.now == began
    limiter.refused("/v1/customers", 60, everywhere=True)
    limiter.wait("/v1/prices")
    assert clock.now - began == pytest.approx(60, abs=0.1)

"""GET /healthz (the process), /readyz (database, migrations, age of the data), /metrics (Prometheus)."""

from collections.abc import Iterator
from hmac import compare_digest
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from data import clock, readiness
from data.config import settings

GAUGES = {
    "data_age": ("subscription_operations_data_age_seconds", "Seconds since the last sync that went well"),
    "version": ("subscription_operations_data_version", "The data version that pages show"),
    "failed": ("subscription_operations_resources_not_read", "Lists that could not be read"),
    "unfinished": ("subscription_operations_actions_unfinished", "Changes at Stripe without a known end"),
}
QUEUES = {
    "webhooks": ("subscription_operations_webhooks", "Webhooks", ("waiting", "done", "dead")),
    "provisioning": (
        "subscription_operations_provisioning_requests",
        "What our own system is told",
        ("waiting", "acknowledged", "dead", "given up"),
    ),
    "letters": ("subscription_operations_letters", "Mail to our own people", ("waiting", "sent", "dead")),
}
"""What has states of its own: metric, words, states."""


class Measured(Collector):
    """What was measured just now, as Prometheus wants it; what is not known has no sample."""

    def __init__(self, measures: dict[str, Any]) -> None:
        self._measures = measures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """A family each."""
        for name, (metric, told) in GAUGES.items():
            if (value := self._measures[name]) is not None:
                yield GaugeMetricFamily(metric, told, value=value)
        for name, (metric, told, states) in QUEUES.items():
            family = GaugeMetricFamily(metric, f"{told} by state: {', '.join(states)}", labels=["state"])
            for state in states:
                family.add_metric([state], self._measures[name].get(state, 0))
            yield family


async def healthz(request: Request) -> Response:
    """The process answers; whether its data is fresh is for /readyz and the pages to say."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """200 when everything is good, else 503; each check with a sentence."""
    found = await run_in_threadpool(readiness.checks, settings(), clock.now())
    good = all(check.good for check in found)
    told = {check.name: {"good": check.good, "told": check.told} for check in found}
    return JSONResponse({"status": "ready" if good else "not ready", **told}, 200 if good else 503)


async def metrics(request: Request) -> Response:
    """The figures a monitor keeps; 503 when the database does not answer, 403 without the token."""
    if not _may_measure(request):
        return PlainTextResponse("Send METRICS_TOKEN as a bearer token.", 403)
    measured = await run_in_threadpool(readiness.measures, settings(), clock.now())
    if measured is None:
        return PlainTextResponse("The database does not answer.", 503)
    registry = CollectorRegistry()
    registry.register(Measured(measured))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _may_measure(request: Request) -> bool:
    """With a token set, who brings it; without, only somebody on this machine who came by no proxy."""
    token = settings().metrics_token
    if token is not None:
        given = request.headers.get("authorization", "")
        return compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode())
    came_from = request.client.host if request.client else ""
    return came_from in ("127.0.0.1", "::1") and "x-forwarded-for" not in request.headers


ROUTES: list[BaseRoute] = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]

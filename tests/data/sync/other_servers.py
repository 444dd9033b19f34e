"""Servers that differ from Stripe: the sandbox behind something that changes what goes in and comes out."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.sandbox.api.serving import bound, url_of
from data.sandbox.store import Store
from tests.sandbox_server import running

Json = dict[str, Any]
Query = list[tuple[str, str]]


def _same(query: Query) -> Query:
    return query


def _unchanged(path: str, body: Json) -> Json:
    return body


@contextmanager
def behind(
    store: Store,
    *,
    query: Callable[[Query], Query] = _same,
    body: Callable[[str, Json], Json] = _unchanged,
) -> Iterator[str]:
    """A sandbox whose requests lose or change parameters and whose answers are changed; its address."""
    with running(store) as base, httpx.Client(base_url=base) as client, bound("127.0.0.1", 0) as listener:

        def forward(request: Request) -> Response:
            path = request.url.path
            asked = f"{path}?{urlencode(query(parse_qsl(request.url.query)))}"
            found = client.get(asked, headers={"Authorization": request.headers["Authorization"]})
            answer = orjson.dumps(body(path, found.json()))
            return Response(answer, found.status_code, {"Date": found.headers["Date"]}, "application/json")

        app = Starlette(routes=[Route("/{path:path}", forward)])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", date_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()


def without(*names: str) -> Callable[[Query], Query]:
    """Forget parameters that begin so."""
    return lambda query: [(name, value) for name, value in query if not name.startswith(names)]

"""The sandbox's real server in a thread, for tests that speak HTTP."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from data.sandbox.api.control import Move
from data.sandbox.api.server import create_app
from data.sandbox.api.serving import bound, server_of, url_of
from data.sandbox.engine import advance
from data.sandbox.store import Store

API_KEY = "sk_test_sandbox"


@contextmanager
def running(store: Store, api_key: str | None = None, move: Move = advance) -> Iterator[str]:
    """Serve a store on a free port; gives the base address, such as http://127.0.0.1:40123."""
    with _served(server_of(store, api_key, move)) as url:
        yield url


@contextmanager
def successive() -> Iterator[Callable[[Store], str]]:
    """One server for one store after the other: a call puts the next in its place, and gives the address.

    To start and stop a server takes longer than most tests.
    """
    current: list[ASGIApp] = []

    async def latest(scope: Scope, receive: Receive, send: Send) -> None:
        await current[-1](scope, receive, send)

    settings = {"log_level": "warning", "lifespan": "off", "date_header": False, "server_header": False}
    with _served(uvicorn.Server(uvicorn.Config(latest, **settings))) as url:  # type: ignore[arg-type]

        def put(store: Store) -> str:
            current[:] = [create_app(store)]
            return url

        yield put


@contextmanager
def _served(server: uvicorn.Server) -> Iterator[str]:
    with bound("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the sandbox did not start"
                time.sleep(0.005)
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()

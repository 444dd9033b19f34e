"""Running the sandbox's server, on loopback only."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from data.listening import listening_socket
from data.sandbox.api.control import Move
from data.sandbox.api.server import create_app
from data.sandbox.engine import advance
from data.sandbox.store import Store
from data.sandbox.webhooks.delivery import Deliveries


class NotLoopbackError(ValueError):
    """The address would be reachable from other machines."""


def _checked(host: str) -> str:
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopbackError(
            f"the sandbox listens on loopback only (127.0.0.1, ::1 or localhost), not on {host}: it takes any"
            " test key, and its clock and faults are open to whoever reaches it"
        )
    return address


class Server(uvicorn.Server):
    """uvicorn that says when it listens, and sends webhooks while it runs."""

    ready: Callable[[], None] | None = None
    deliveries: Deliveries | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.deliveries is not None:
            self.deliveries.start()
        if self.started and self.ready is not None:
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.deliveries is not None:
            self.deliveries.stop()


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket on a loopback address; port 0 takes a free one. Raises OSError where it is taken."""
    with listening_socket(_checked(host), port) as listener:
        yield listener


def url_of(listener: socket.socket) -> str:
    """Where a socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_of(store: Store, api_key: str | None = None, move: Move = advance) -> Server:
    """A uvicorn server that is not running yet; Date headers are the sandbox's own."""
    deliveries = Deliveries(store)
    config = uvicorn.Config(
        create_app(store, api_key, deliveries, move),
        log_level="warning",
        lifespan="off",
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = Server(config)
    server.deliveries = deliveries
    return server


def serve(
    store: Store,
    host: str = "127.0.0.1",
    port: int = 8521,
    ready: Callable[[str], None] | None = None,
    api_key: str | None = None,
    move: Move = advance,
) -> None:
    """Serve until interrupted; ready is called with the address once it listens.

    Raises NotLoopbackError for an address that others reach, OSError for a port that is taken.
    """
    with bound(host, port) as listener:
        server = server_of(store, api_key, move)
        url = url_of(listener)
        if ready is not None:
            server.ready = lambda: ready(url)
        server.run(sockets=[listener])

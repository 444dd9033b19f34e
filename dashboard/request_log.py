"""A name for each request: in every line that is logged while it is answered, and in its answer."""

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data import logs

LOG = logging.getLogger(__name__)
NAME = "x-request-id"
FINE = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
"""A name that a proxy has given, and that can do no harm in a log."""
QUIET = ("/static/", "/media/", "/healthz", "/readyz", "/metrics", "/favicon")


class RequestLog:
    """Logs each request with its status and duration; the path alone, since queries may hold names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its name."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(NAME, "")
        name = given if FINE.fullmatch(given) else logs.request_id()
        status, began = 500, time.monotonic()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[NAME] = name
            await send(message)

        with logs.about(request=name):
            try:
                await self.app(scope, receive, answered)
            finally:
                _log(scope["method"], scope["path"], status, time.monotonic() - began)


def _log(method: str, path: str, status: int, seconds: float) -> None:
    quiet = "/_stcore/" in path or (status < 400 and (path == "/" or path.startswith(QUIET)))
    level = logging.DEBUG if quiet else logging.ERROR if status >= 500 else logging.INFO
    fields = {"status": status, "milliseconds": round(seconds * 1000)}
    LOG.log(level, "%s %s", method, path[:200], extra=fields)

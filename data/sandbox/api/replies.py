"""Answers as they leave the process; those that break off need the connection itself."""

import asyncio
from email.utils import formatdate
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from data.sandbox.api.calls import Call, Reply

TRANSPORT = "sandbox.transport"
LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "::1"))


def response_of(reply: Reply, call: Call, now: int, version: str) -> Response:
    """The reply with the headers that Stripe sends; Date is the sandbox's own clock."""
    headers = {
        "Content-Type": "application/json",
        "Date": formatdate(now, usegmt=True),
        "Request-Id": call.request_id,
        "Stripe-Version": call.version or version,
        "Cache-Control": "no-cache, no-store",
        **reply.headers,
    }
    if call.method == "POST" and call.idempotency_key:
        headers["Idempotency-Key"] = call.idempotency_key
    return Response(reply.body, reply.status, headers)


class Broken(Response):
    """A reply of which only so many bytes are sent (none: not even its head) before the connection closes."""

    def __init__(self, whole: Response, sent: int) -> None:
        self._whole, self._sent = whole, sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to be sent, then close the connection."""
        if self._sent:
            start = {"type": "http.response.start", "status": self._whole.status_code}
            await send({**start, "headers": self._whole.raw_headers})
            part = bytes(self._whole.body)[: self._sent]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        scope[TRANSPORT].close()
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


class Front:
    """Outermost: keeps the connection at hand, and answers only requests that were meant for this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse a page in a browser that reaches loopback under another name."""
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            if _name(host) not in LOOPBACK_NAMES:
                refused = Response(
                    "The sandbox answers only on this machine, as 127.0.0.1 or localhost.\n", 403
                )
                return await refused(scope, receive, send)
            cycle: Any = getattr(send, "__self__", None)
            scope[TRANSPORT] = getattr(cycle, "transport", None)
        return await self._app(scope, receive, send)


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].split("]", 1)[0]
    return host.rsplit(":", 1)[0]

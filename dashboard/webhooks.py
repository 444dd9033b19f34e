"""POST /webhooks/stripe: what Stripe sends by itself is kept, answered at once, and read soon after."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from data.config import settings
from data.receiving import RefusedWebhookError, receive

LARGEST = 2 * 2**20  # bytes of a body; Stripe's own are below a quarter of that


def route(rung: Callable[[], None]) -> Route:
    """The endpoint; `rung` is called when something new was kept."""

    async def stripe(request: Request) -> JSONResponse:
        try:
            body = await _body(request)
            new = await run_in_threadpool(receive, settings(), body, request.headers.get("stripe-signature"))
        except RefusedWebhookError as error:
            return JSONResponse({"error": str(error)}, status_code=error.status)
        if new:
            rung()
        return JSONResponse({"received": True})

    return Route("/webhooks/stripe", stripe, methods=["POST"])


async def _body(request: Request) -> bytes:
    """The body. Raises RefusedWebhookError when it is larger than any event."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise RefusedWebhookError(413, "The body is larger than any event.")
    return bytes(body)

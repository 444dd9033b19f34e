"""The sandbox's endpoints: Stripe's under /v1/, its own controls under /sandbox/."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from data.sandbox.api import card_pages, control, webhook_control
from data.sandbox.api.calls import Call, Reply, call_of, refusal
from data.sandbox.api.control import Traffic
from data.sandbox.api.endpoints import DELETES, READS, UPDATES, Handler
from data.sandbox.api.errors import StripeError, unknown_url
from data.sandbox.api.idempotency import Idempotency
from data.sandbox.api.keys import check_key
from data.sandbox.api.replies import Broken, Front, response_of
from data.sandbox.engine import advance
from data.sandbox.events import API_VERSION
from data.sandbox.store import Store
from data.sandbox.webhooks.delivery import Deliveries

_log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


class Sandbox:
    """Answers one account's requests: key, faults, idempotency, then the work."""

    def __init__(self, store: Store, api_key: str | None = None) -> None:
        self.store = store
        self.traffic = Traffic()
        self._api_key = api_key
        self._idempotency = Idempotency(store)

    def endpoint(self, handler: Handler) -> Endpoint:
        """A handler as an endpoint."""

        async def answer(request: Request) -> Response:
            call = await call_of(request)
            try:
                return await self._answer(call, handler)
            except StripeError as error:
                return self._response(call, refusal(error, call))

        return answer

    async def _answer(self, call: Call, handler: Handler) -> Response:
        check_key(call.key, self._api_key)
        fault = self.traffic.fault_for(call)
        told = fault.reply(call) if fault else None
        if fault is None or told is not None:
            return self._response(call, told or await self._once(call, handler))
        if fault.kind == "unheard":
            return Broken(Response(), 0)
        if fault.kind == "slow":
            return self._response(call, await self._once(call, handler, fault.seconds))
        whole = self._response(call, await self._once(call, handler))
        return Broken(whole, len(whole.body) // 2 if fault.kind == "truncate" else 0)

    def _response(self, call: Call, reply: Reply) -> Response:
        self.traffic.note(call, reply.status)
        return response_of(reply, call, self.store.now, API_VERSION)

    async def _once(self, call: Call, handler: Handler, delay: float = 0) -> Reply:
        if call.method != "POST" or not call.idempotency_key:
            return await self._work(call, handler, delay)
        if (earlier := self._idempotency.begin(call)) is not None:
            return earlier
        reply = None
        try:
            reply = await self._work(call, handler, delay)
        finally:
            self._idempotency.finish(call, reply)
        return reply

    async def _work(self, call: Call, handler: Handler, delay: float) -> Reply:
        if delay:
            await asyncio.sleep(delay)
        try:
            answer = handler(self.store, call)
        except StripeError as error:
            return refusal(error, call)
        except Exception:
            _log.exception("the sandbox failed to answer %s %s", call.method, call.path)
            broken = StripeError(500, "An unknown error occurred in the sandbox.", kind="api_error")
            return refusal(broken, call)
        if isinstance(answer, Reply):
            return answer
        return Reply(answer if isinstance(answer, bytes) else orjson.dumps(answer))


def _unknown(_store: Store, call: Call) -> bytes:
    raise unknown_url(call.method, call.path)


def create_app(
    store: Store,
    api_key: str | None = None,
    deliveries: Deliveries | None = None,
    move: control.Move = advance,
) -> ASGIApp:
    """The sandbox as an ASGI app; with api_key only that key is accepted, else any test key.

    deliveries: those whose faults and log it shows; whoever serves it starts and stops them.
    move: what its clock is moved by.
    """
    sandbox = Sandbox(store, api_key)
    routes: list[BaseRoute] = [*control.routes(store, sandbox.traffic, move), *card_pages.routes(store)]
    routes += webhook_control.routes(deliveries or Deliveries(store))
    for method, handlers in (("GET", READS), ("POST", UPDATES), ("DELETE", DELETES)):
        routes += [
            Route(path, sandbox.endpoint(handler), methods=[method]) for path, handler in handlers.items()
        ]
    every = ["GET", "POST", "DELETE", "PUT", "PATCH"]
    routes.append(Route("/{rest:path}", sandbox.endpoint(_unknown), methods=every))
    return Front(Starlette(routes=routes))

"""The sandbox's own endpoints: its clock, its faults, and what was asked of it."""

import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from data.sandbox.api.calls import Call
from data.sandbox.api.faults import Fault, fault_of
from data.sandbox.engine import advance
from data.sandbox.store import Store

Json = dict[str, Any]
Move = Callable[[Store, int], None]
_log = logging.getLogger(__name__)
REMEMBERED = 100_000


class Traffic:
    """Requests that came, and faults that wait for some."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._seen: deque[tuple[str, str, str, int]] = deque(maxlen=REMEMBERED)

    def fault_for(self, call: Call) -> Fault | None:
        """The first fault whose turn it is."""
        return next((fault for fault in self.faults if fault.meets(call)), None)

    def note(self, call: Call, status: int) -> None:
        """Remember a request; the status of a lost reply is the one that was lost."""
        self._seen.append((call.method, call.path, call.query, status))

    def forget(self) -> None:
        """Start counting anew."""
        self._seen.clear()

    def told(self) -> Json:
        """Requests by method and path, and each in order."""
        paths = Counter(f"{method} {path}" for method, path, _, _ in self._seen)
        names = ("method", "path", "query", "status")
        requests = [dict(zip(names, each, strict=True)) for each in self._seen]
        return {"total": len(requests), "paths": paths, "requests": requests}


def json_response(answer: Any, status: int = 200) -> Response:
    """JSON as an answer."""
    return Response(orjson.dumps(answer), status, media_type="application/json")


def refused(sentence: str) -> Response:
    """A sentence about what was wrong with a request."""
    return json_response({"error": {"message": sentence}}, 400)


async def told(request: Request) -> Json:
    """A request's JSON object; raises ValueError with a sentence."""
    try:
        found = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise ValueError("the body is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the body is not a JSON object")
    return found


class Control:
    """The endpoints under /sandbox/."""

    def __init__(self, store: Store, traffic: Traffic, move: Move) -> None:
        self._store, self._traffic, self._move = store, traffic, move

    async def clock(self, _request: Request) -> Response:
        """What time it is, epoch seconds."""
        return json_response({"now": self._store.now})

    async def move_clock(self, request: Request) -> Response:
        """Move the clock forward to `to`; everything that falls due on the way happens."""
        try:
            to = (await told(request)).get("to")
        except ValueError as error:
            return refused(f'{error}; expected {{"to": epoch seconds}}')
        if not isinstance(to, int) or isinstance(to, bool):
            return refused('"to" is the new time in whole epoch seconds')
        if to < self._store.now:
            return refused(f"the clock moves forward only; it is {self._store.now}")
        try:
            await run_in_threadpool(self._move, self._store, to)
        except Exception as error:
            _log.exception("the sandbox's clock stopped")
            sentence = f"what falls due until {to} could not be done, and nothing was: {error!r}"
            return json_response({"error": {"message": sentence}}, 500)
        return json_response({"now": self._store.now})

    async def add_fault(self, request: Request) -> Response:
        """Tell the sandbox to fail; see Fault."""
        try:
            self._traffic.faults.append(fault_of(await told(request)))
        except ValueError as error:
            return refused(str(error))
        return json_response({"faults": [vars(fault) for fault in self._traffic.faults]})

    async def faults(self, _request: Request) -> Response:
        """The faults that are set, with what is left of their counts."""
        return json_response({"faults": [vars(fault) for fault in self._traffic.faults]})

    async def clear_faults(self, _request: Request) -> Response:
        """Work as it should again."""
        self._traffic.faults.clear()
        return json_response({"faults": []})

    async def requests(self, _request: Request) -> Response:
        """What was asked, counted by path, and one by one."""
        return json_response(self._traffic.told())

    async def forget_requests(self, _request: Request) -> Response:
        """Start counting anew."""
        self._traffic.forget()
        return json_response(self._traffic.told())


def routes(store: Store, traffic: Traffic, move: Move = advance) -> list[BaseRoute]:
    """GET and POST clock, which move moves; GET, POST and DELETE faults; GET and DELETE requests."""
    control = Control(store, traffic, move)
    return [
        Route("/sandbox/clock", control.clock, methods=["GET"]),
        Route("/sandbox/clock", control.move_clock, methods=["POST"]),
        Route("/sandbox/faults", control.faults, methods=["GET"]),
        Route("/sandbox/faults", control.add_fault, methods=["POST"]),
        Route("/sandbox/faults", control.clear_faults, methods=["DELETE"]),
        Route("/sandbox/requests", control.requests, methods=["GET"]),
        Route("/sandbox/requests", control.forget_requests, methods=["DELETE"]),
    ]

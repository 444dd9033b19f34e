"""A server that answers prepared pages at once, so that what is measured is our own work.

python -m bench._pages PAGES prints its address, then serves customers, subscriptions and invoices.
"""

import asyncio
import copy
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from data.sandbox.generate import generate
from data.sandbox.store import Store

Json = dict[str, Any]
NEWEST = 1_795_302_000
RESOURCES = ("subscriptions", "customers", "invoices")
PER_PAGE = 100
_HEAD = (
    b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nDate: Sun, 22 Nov 2026 00:00:00 GMT\r\n"
    b"Request-Id: req_bench\r\nContent-Length: %d\r\n\r\n"
)
NOT_FOUND = b'{"error": {"type": "invalid_request_error", "message": "Not served here."}}'


def renewed(obj: Json, number: int) -> Json:
    """A copy of an object with ids of its own."""
    clone = copy.deepcopy(obj)
    inside = [
        *(clone.get("items") or clone.get("lines") or {"data": []})["data"],
        *clone.get("discounts", ()),
    ]
    for each in (clone, *inside):
        each["id"] = f"{each['id']}{number:07d}"
    clone["created"] = NEWEST - number * 60
    return clone


def pages_of(resource: str, templates: list[Json], pages: int) -> Iterator[tuple[str, bytes]]:
    """Each page with the cursor that asks for it; the first has none."""
    cursor = ""
    for page in range(pages):
        numbers = range(page * PER_PAGE, (page + 1) * PER_PAGE)
        objects = [renewed(templates[number % len(templates)], number) for number in numbers]
        more = page + 1 < pages
        body = {"object": "list", "data": objects, "has_more": more, "url": f"/v1/{resource}"}
        yield cursor, orjson.dumps(body)
        cursor = objects[-1]["id"]


def prepared(pages: int) -> dict[tuple[str, str], bytes]:
    """Whole answers by path and cursor."""
    store = Store(None)
    generate(store, customers=150, months=12, until=NEWEST)
    answers = {}
    for resource in RESOURCES:
        for cursor, body in pages_of(resource, list(store.all(resource)), pages):
            answers[f"/v1/{resource}", cursor] = _HEAD % (b"200 OK", len(body)) + body
    store.close()
    return answers


class Pages(asyncio.Protocol):
    """HTTP as far as a GET needs it."""

    def __init__(self, answers: dict[tuple[str, str], bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            request, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(self._answer(request.split(b" ", 2)[1].decode()))

    def _answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        cursor = parse_qs(parts.query).get("starting_after", [""])[0]
        missing = _HEAD % (b"404 Not Found", len(NOT_FOUND)) + NOT_FOUND
        return self._answers.get((parts.path, cursor), missing)


async def serve(pages: int) -> None:
    """Serve until the process is ended."""
    answers = prepared(pages)
    server = await asyncio.get_running_loop().create_server(lambda: Pages(answers), "127.0.0.1", 0)
    print("http://{}:{}".format(*server.sockets[0].getsockname()), flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

"""One request as the sandbox sees it, and what it answers."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request

from data.sandbox.api.errors import StripeError
from data.sandbox.api.parameters import Parameters, parsed


@dataclass
class Call:
    """A request: where it goes, what it says, who sends it."""

    method: str
    path: str
    query: str
    body: str
    path_params: Mapping[str, str]
    key: str
    idempotency_key: str | None
    version: str | None
    base: str = ""  # the address at which the sandbox was reached
    request_id: str = field(default_factory=lambda: f"req_{secrets.token_hex(7)}")

    def parameters(self) -> Parameters:
        """What the query (GET, DELETE) and the body (POST) say; raises StripeError when unreadable."""
        return parsed("&".join(part for part in (self.query, self.body) if part))

    @property
    def request(self) -> tuple[str, str | None]:
        """Id and idempotency key, as events name the request that caused them."""
        return self.request_id, self.idempotency_key


@dataclass(frozen=True)
class Reply:
    """An answer: JSON text, status and further headers."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


async def call_of(request: Request) -> Call:
    """Read a request to its end."""
    headers = request.headers
    return Call(
        method=request.method,
        path=request.url.path,
        query=request.url.query,
        body=(await request.body()).decode("utf-8", "replace"),
        path_params=request.path_params,
        key=_key(headers.get("authorization", "")),
        idempotency_key=headers.get("idempotency-key"),
        version=headers.get("stripe-version"),
        base=str(request.base_url).rstrip("/"),
    )


def refusal(error: StripeError, call: Call) -> Reply:
    """An error as an answer."""
    return Reply(orjson.dumps(error.envelope(call.request_id)), error.status)


def json_reply(answer: Any, status: int = 200) -> Reply:
    """Anything JSON can say as an answer."""
    return Reply(orjson.dumps(answer), status)


def _key(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest).decode().split(":", 1)[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""

"""The way to Stripe, and the only file that imports `stripe`.

Reads go through the SDK's `raw_request` and are decoded once, by orjson: the SDK would decode each page a
second time, into ordered dicts, which costs more than everything else together.
"""

import hashlib
import io
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from random import uniform
from types import TracebackType
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import urlsplit

import orjson
import requests
import stripe
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from data.gateway_errors import (
    BadAnswer,
    Closed,
    Declined,
    Forbidden,
    GatewayError,
    LiveKeyRefused,
    NotFound,
    NotSignedError,
    RateLimited,
    Refused,
    ServerTrouble,
    Unauthorized,
    Unreachable,
    error_of,
)
from data.limiter import Limiter
from data.server_clock import ServerClock

__all__ = [
    "NOT_LOOKED_AT",
    "UNCLEAR",
    "BadAnswer",
    "Closed",
    "Declined",
    "Forbidden",
    "Gateway",
    "GatewayError",
    "LiveKeyRefused",
    "NotFound",
    "Page",
    "RateLimited",
    "Refused",
    "ServerTrouble",
    "Unauthorized",
    "Unreachable",
    "Written",
]

LOG = logging.getLogger(__name__)
Json = dict[str, Any]
Check = Callable[[Any], bool]
TIMEOUT = (5.0, 60.0)  # seconds to connect, and between two bytes of an answer
LONGEST_PAUSE = 20.0  # seconds between two attempts, where the server names none
LONGEST_WAIT = 120.0  # seconds; a server that asks for a longer pause gets an error instead
LIVE = ("sk_live_", "rk_live_")
UNCLEAR = (Unreachable, ServerTrouble, BadAnswer, Closed)
"""After these it is not known whether a request was carried out."""
NOT_LOOKED_AT = (RateLimited, Unauthorized, Forbidden)
"""A request that was answered so was not carried out, but an earlier one under the same key may have been."""
STRIPE_TEST_OVERALL = 20.0  # requests a second: Stripe allows test keys 25 in all


class Page(NamedTuple):
    """One page of a list, and the server's time when it was asked for: what it says is at least that new."""

    objects: list[Json]
    has_more: bool
    server_time: datetime


class Written(NamedTuple):
    """What a request that changes something was answered, and Stripe's name for it."""

    object: Json
    request_id: str | None


class _Headers(CaseInsensitiveDict[str]):
    """An answer's headers, which carry the undecoded body past the SDK."""

    body: bytes = b""


class _Transport(stripe.HTTPClient):
    """HTTP by `requests`, with connections kept open and used by one thread at a time."""

    name = "requests"

    def __init__(self, base: str) -> None:
        super().__init__()
        self._proxies = requests.utils.get_environ_proxies(base)
        self._idle: list[requests.Session] = []
        self._lock = threading.Lock()

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        """One request; a good answer's body stays undecoded in the headers. Raises APIConnectionError."""
        body, status, found = self._exchange(method, url, headers, post_data)
        if not 200 <= status < 300:
            return _error_text(body), status, found
        if method.lower() != "get":
            return body.decode(), status, found
        found.body = body
        return "{}", status, found

    def request_stream(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[io.BytesIO, int, Mapping[str, str]]:
        """One request for a file, read whole. Raises APIConnectionError."""
        body, status, found = self._exchange(method, url, headers, post_data)
        return io.BytesIO(body if 200 <= status < 300 else _error_text(body).encode()), status, found

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any
    ) -> tuple[bytes, int, _Headers]:
        session = self._session()
        try:
            answer = session.request(
                method, url, headers=headers, data=post_data, timeout=TIMEOUT, stream=True
            )
            body = answer.raw.read(decode_content=True)  # in one go, where `requests` takes 10 kB at a time
        except (requests.RequestException, HTTPError) as error:
            raise _connection_error(_network_words(error)) from None
        finally:
            with self._lock:
                self._idle.append(session)
        return body, answer.status_code, _Headers(answer.headers)

    def _session(self) -> requests.Session:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        session = requests.Session()
        session.trust_env = False  # no look-up of ~/.netrc and of proxies at every request
        session.proxies = dict(self._proxies)
        session.verify = stripe.ca_bundle_path
        return session

    def close(self) -> None:
        with self._lock:
            for session in self._idle:
                session.close()
            self._idle.clear()


def _error_text(body: bytes) -> str:
    """An error's body in the only shape the SDK understands; other servers have others."""
    decoded = _decoded(body)
    error = decoded.get("error") if isinstance(decoded, dict) else None
    if not isinstance(error, dict):
        error = {"message": error if isinstance(error, str) else ""}
    return orjson.dumps({"error": error}).decode()


def _connection_error(words: str) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(words, should_retry=True)  # type: ignore[no-untyped-call]


def _network_words(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate could not be verified"
    if isinstance(error, (requests.Timeout, HTTPTimeout)):
        return "it did not answer in time"
    return "the connection failed or broke off"


class Gateway:
    """Reads from Stripe: paced, tried again where that helps, every failure a GatewayError in words."""

    def __init__(
        self,
        api_key: str,
        api_base: str | None = None,
        *,
        limiter: Limiter | None = None,
        attempts: int = 6,
        first_pause: float = 0.5,
    ) -> None:
        """Nothing is asked yet. Trouble is met with so many attempts, the first pause (seconds) doubling.

        Raises LiveKeyRefused.
        """
        self.base = (api_base or stripe.DEFAULT_API_BASE).rstrip("/")
        at_stripe = (urlsplit(self.base).hostname or "").endswith(".stripe.com")
        if api_key.startswith(LIVE) and not at_stripe:
            raise LiveKeyRefused(f"A live key is only sent to Stripe itself, not to {self.base}.")
        is_test = at_stripe and not api_key.startswith(LIVE)
        self.limiter = limiter or (Limiter(overall=STRIPE_TEST_OVERALL) if is_test else Limiter())
        self.clock = ServerClock()
        self.requests = 0
        self.latency = 0.0  # seconds an answer takes, smoothed
        self._key = api_key
        self._attempts = attempts
        self._first_pause = first_pause
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._transport = _Transport(self.base)
        addresses: Any = {"api": self.base} if at_stripe else {"api": self.base, "files": self.base}
        self._client = stripe.StripeClient(api_key, base_addresses=addresses, http_client=self._transport)

    def __repr__(self) -> str:
        return f"Gateway({self.base})"

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; waits that are under way end."""
        self._closing.set()
        self._transport.close()

    @property
    def api_version(self) -> str:
        """The API version that every request names: the one the SDK is made for."""
        return stripe.api_version

    @property
    def fingerprint(self) -> str:
        """A word that tells keys and addresses apart without giving the key away."""
        return hashlib.sha256(f"{self.base} {self._key}".encode()).hexdigest()[:16]

    def page(self, path: str, params: Mapping[str, Any]) -> Page:
        """One page of the list at a path such as /v1/customers. Raises GatewayError."""
        body, instant = self._ask(path, params, _is_list)
        return Page(body["data"], bool(body["has_more"]), instant)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """The object at a path such as /v1/customers/cus_1. Raises GatewayError."""
        return self.observe(path, params)[0]

    def observe(self, path: str, params: Mapping[str, Any] | None = None) -> tuple[Json, datetime]:
        """An object, and the server's time when it was asked for. Raises GatewayError."""
        return self._ask(path, params or {}, _is_object)

    def quote_pdf(self, quote_id: str) -> bytes:
        """Stripe's own document of a quote that is finalized. Raises GatewayError."""
        path = f"/v1/quotes/{quote_id}/pdf"
        self.limiter.wait(endpoint_of(path))
        self._count()
        try:
            answer = self._client.v1.quotes.pdf(quote_id, options={"max_network_retries": 2})
        except stripe.StripeError as error:
            raise self._understood(error, path) from None
        found: bytes = answer.io.read()
        if not found.startswith(b"%PDF-"):
            raise BadAnswer(f"{path}: the answer of {self.base} is no PDF.")
        return found

    def write(
        self, method: Literal["post", "delete"], path: str, params: Mapping[str, Any], key: str
    ) -> Written:
        """The answer to a request that changes something. Raises GatewayError.

        Trouble is met with the same request under the same idempotency key, so that it is done once; whether
        it was done is not known after Unreachable or ServerTrouble.
        """
        endpoint = endpoint_of(path)
        lost: GatewayError | None = None
        for attempt in range(self._attempts):
            self.limiter.wait(endpoint)
            try:
                return self._written(method, path, params, key)
            except GatewayError as error:
                lost = error if isinstance(error, UNCLEAR) else lost
                pause = self._pause(error, attempt)
                if not error.passing or attempt + 1 == self._attempts or pause > LONGEST_WAIT:
                    if lost and isinstance(error, NOT_LOOKED_AT):  # what became of the first is as unknown
                        raise lost from error
                    raise
                if isinstance(error, RateLimited):
                    self.limiter.refused(endpoint, pause, everywhere=error.everywhere)
                elif self._closing.wait(pause):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _written(self, method: str, path: str, params: Mapping[str, Any], key: str) -> Written:
        if self._closing.is_set():
            raise Closed(f"{path}: not asked, since the program is stopping.")
        self._count()
        options: dict[str, Any] = {"idempotency_key": key, "max_network_retries": 0}
        try:
            answer = self._client.raw_request(method, path, **params, **options)
        except stripe.StripeError as error:
            raise self._understood(error, path) from None
        body = _decoded(answer.body.encode())
        if not _is_object(body):
            raise BadAnswer(f"{path}: the answer of {self.base} is not what Stripe sends.")
        request_id = answer.headers.get("Request-Id")
        LOG.info("Stripe did as asked: %s %s", method, path, extra={"stripe_request": request_id})
        return Written(cast(Json, body), request_id)

    def _ask(self, path: str, params: Mapping[str, Any], is_good: Check) -> tuple[Json, datetime]:
        """The good answer to a request, tried again while its trouble may pass."""
        endpoint = endpoint_of(path)
        for attempt in range(self._attempts):
            self.limiter.wait(endpoint)
            try:
                return self._once(path, params, is_good)
            except GatewayError as error:
                pause = self._pause(error, attempt)
                if not error.passing or attempt + 1 == self._attempts or pause > LONGEST_WAIT:
                    raise
                if isinstance(error, RateLimited):
                    self.limiter.refused(endpoint, pause, everywhere=error.everywhere)
                elif self._closing.wait(pause):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, error: GatewayError, attempt: int) -> float:
        """Seconds before the next attempt: what the server said, else ever longer, with jitter."""
        if error.retry_after is not None:
            return error.retry_after
        return float(min(self._first_pause * 2.0**attempt, LONGEST_PAUSE) * uniform(0.75, 1.25))

    def _once(self, path: str, params: Mapping[str, Any], is_good: Check) -> tuple[Json, datetime]:
        if self._closing.is_set():
            raise Closed(f"{path}: not asked, since the program is stopping.")
        started, instant = self.clock.begin()
        self._count()
        try:
            answer = self._client.raw_request("get", path, **params, max_network_retries=0)
        except stripe.StripeError as error:
            self._learn_time(started, error.headers or {})
            raise self._understood(error, path) from None
        learnt = self.clock.answered(started, _date_of(answer.headers))
        body = _decoded(cast(_Headers, answer.headers).body)
        if not is_good(body):
            raise BadAnswer(f"{path}: the answer of {self.base} is not what Stripe sends.")
        self._answered(endpoint_of(path), time.monotonic() - started)
        return cast(Json, body), instant or learnt

    def _learn_time(self, started: float, headers: Mapping[str, str]) -> None:
        """A refusal tells the server's time too, and may be all that there is before it is needed."""
        if (date := _date_of(headers)) is not None:
            self.clock.answered(started, date)

    def _count(self) -> None:
        with self._lock:
            self.requests += 1

    def _answered(self, endpoint: str, seconds: float) -> None:
        self.limiter.answered(endpoint)
        with self._lock:
            self.latency = seconds if not self.latency else 0.8 * self.latency + 0.2 * seconds

    def _understood(self, error: stripe.StripeError, path: str) -> GatewayError:
        """The SDK's error as ours, its words without the key."""
        words = (error.user_message or "").replace(self._key, "[key]").strip().rstrip(".")
        if isinstance(error, stripe.APIConnectionError):
            return Unreachable(f"{self.base} cannot be reached: {words}.")
        status = 429 if isinstance(error, stripe.RateLimitError) else error.http_status or 500
        kind, meaning = error_of(status)
        detail = f": {words}" if words and status < 500 else ""
        sentence = f"{path}: {meaning} ({status}){detail}."
        headers = error.headers or {}
        found = kind(sentence, retry_after=_retry_after(headers))
        found.param, found.code = getattr(error, "param", None), error.code
        found.request_id = headers.get("Request-Id")
        found.everywhere = str(headers.get("Stripe-Rate-Limited-Reason", "")).startswith("global")
        fields = {"status": status, "stripe_request": found.request_id, "stripe_error": found.code}
        LOG.info("Stripe did not do as asked: %s", path, extra=fields)
        return found


def endpoint_of(path: str) -> str:
    """The endpoint a path belongs to, ids left out: /v1/invoices/in_1/lines is /v1/invoices/*/lines."""
    parts = path.split("/")
    if len(parts) > 3:
        parts[3] = "*"
    return "/".join(parts)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header in seconds; it may be a number or a date."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        date = _date_of({"Date": value})
        return None if date is None else max(0.0, date - time.time())


def _date_of(headers: Mapping[str, str]) -> float | None:
    """The Date header as epoch seconds, None when it is absent or not a date."""
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _is_list(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("data"), list) and "has_more" in body


def _is_object(body: Any) -> bool:
    return isinstance(body, dict) and "object" in body


def check_signature(body: bytes, header: str | None, secrets: Iterable[str], tolerance: int) -> None:
    """Whether Stripe signed a webhook's body with one of the secrets at most `tolerance` seconds ago.

    Raises NotSignedError with a sentence that quotes neither.
    """
    told = "No signing secret is set."
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, header, secret, tolerance)
            return
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            late = "tolerance" in str(error)
            told = "The signature is too old." if late else "The signature is missing or does not fit."
            if late:
                break
    raise NotSignedError(told)

"""The log: a line an entry, as text or as JSON, with what it belongs to; nothing secret or personal."""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from pydantic import SecretStr

from data.config import Settings

Fields = Mapping[str, object]
HIDDEN = "[hidden]"
SHORTEST = 6  # letters: a shorter secret is in every second word
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(sk|rk|pk|whsec)_[A-Za-z0-9_]{6,}", re.ASCII), rf"\1_{HIDDEN}"),
    (re.compile(r"\b(\w+_secret)_[A-Za-z0-9]{6,}", re.ASCII), rf"\1_{HIDDEN}"),
    (re.compile(r"(\w://[^\s/:@]*):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.+/=~-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*"), HIDDEN),  # a token of sign-in
    (re.compile(r"(?i)\b(password|passwd|secret|api_key|token)(\W{1,4})[^\s'\",;)&]{3,}"), rf"\1\2{HIDDEN}"),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (
        re.compile(r"(/offer/)[\w-]{20,}", re.ASCII),
        rf"\1{HIDDEN}",
    ),  # a link to a quote's papers
    (re.compile(r"(?m)^(\s*DETAIL:).*$"), rf"\1 {HIDDEN}"),  # PostgreSQL quotes the row there
    (re.compile(r"(?m)^\[parameters: .*$"), f"[parameters: {HIDDEN}]"),
)
_about: ContextVar[Fields] = ContextVar("about", default=MappingProxyType({}))
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@contextmanager
def about(**fields: object) -> Iterator[None]:
    """What is logged in the block carries these fields, such as the request that it answers."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def request_id() -> str:
    """A new name for a request, a run of a page or a sync: 12 letters."""
    return uuid4().hex[:12]


def secrets_of(settings: Settings) -> list[str]:
    """Every secret in the settings, also those inside addresses and lists, the longest first."""
    found: set[str] = set()
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            found |= _parts(value.get_secret_value())
    return sorted((part for part in found if len(part) >= SHORTEST), key=len, reverse=True)


def _parts(secret: str) -> set[str]:
    """What is secret in a setting: the password of an address, each of several, or the whole."""
    if "://" not in secret:
        return {secret, *(part.strip() for part in secret.split(","))}
    try:
        password = urlsplit(secret).password or ""
    except ValueError:
        return {secret}
    return {password, unquote(password)}


class Mask:
    """Takes what is secret or personal out of a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, text: str) -> str:
        """The text without it, in letters that can be written."""
        text = text.encode(errors="replace").decode()
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, instead in PATTERNS:
            text = pattern.sub(instead, text)
        return text


class Lines(logging.Formatter):
    """Log records as lines: as JSON, one object each, or as text for a person."""

    def __init__(self, mask: Mask, *, as_json: bool) -> None:
        super().__init__()
        self._mask = mask
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback is a field of the JSON, and lines of its own below the text."""
        fields = self._fields(record)
        trace = self._mask(self.formatException(record.exc_info)) if record.exc_info else ""
        at = datetime.fromtimestamp(record.created, UTC)
        message = self._mask(record.getMessage())
        if self._as_json:
            entry = {
                "at": at.isoformat(),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": message,
            }
            return json.dumps(entry | fields | ({"trace": trace} if trace else {}), default=str)
        told = "".join(f" {name}={value}" for name, value in fields.items())
        line = f"{at:%Y-%m-%d %H:%M:%S} {record.levelname:<7} {record.name}: {message}{told}"
        return "\n".join(map(_harmless, (line, *trace.splitlines())))

    def _fields(self, record: logging.LogRecord) -> dict[str, object]:
        """What the record belongs to, and what was given with it."""
        given = {name: value for name, value in vars(record).items() if name not in STANDARD}
        found = {**_about.get(), **given}
        return {
            name: self._mask(value) if isinstance(value, str) else value
            for name, value in found.items()
            if isinstance(value, str | int | float | bool)
        }


def _harmless(text: str) -> str:
    """The text without what could begin another line or speak to a terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def set_up(settings: Settings, *, serving: bool = False) -> None:
    """Everything that this process logs goes to standard error, masked, in the format of the settings.

    A command that a person runs to its end logs what went wrong, one that goes on also what it does.
    """
    level = settings.log_level.upper() if serving else logging.WARNING
    mask = Mask(secrets_of(settings))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(mask, as_json=settings.log_format == "json"))
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not isinstance(each.formatter, Lines)] + [handler]
    root.setLevel(logging.WARNING)
    for name in ("data", "dashboard"):
        logging.getLogger(name).setLevel(level)
    sys.excepthook = _uncaught
    threading.excepthook = lambda given: _uncaught(given.exc_type, given.exc_value, given.exc_traceback)


def adopt(names: Iterable[str]) -> None:
    """Loggers of these names speak through ours, whatever handlers they had."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("dashboard").critical("Ended by an error", exc_info=(kind, error, trace))

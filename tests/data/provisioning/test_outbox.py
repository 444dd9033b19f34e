"""The outbox against a real server that fails, is slow, and hears some things twice; on both databases."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3
from sqlalchemy import Engine, insert, select, update

from data import clock
from data.audit import first_broken
from data.config import Settings
from data.provisioning import outbox, sending
from data.provisioning.outbox import Request
from data.tables import operations
from data.tables.actions import audit_entry
from data.tables.provisioning import provisioning_request
from data.writing import NotChangedError, transaction

one = provisioning_request.c
SECRETS = ("whsec_new", "whsec_old")
NEVER = threading.Event()


@dataclass
class Receiver:
    """The company's own system: answers as it is told, and remembers what it heard."""

    url: str = ""
    answers: list[int] = field(default_factory=list)  # statuses, in order; then 200
    seconds: float = 0.0
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A real web server on loopback."""
    mine = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            mine.heard.append((dict(self.headers), body))
            time.sleep(mine.seconds)
            self.send_response(mine.answers.pop(0) if mine.answers else 200)
            self.send_header("Location", f"{mine.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mine.url = f"http://127.0.0.1:{server.server_port}/provisioning"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield mine
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def url(engine: Engine) -> str:
    """A database that was synced once."""
    version = {"committed_at": clock.now(), "data_at": clock.now(), "reason": "test"}
    with engine.begin() as connection:
        connection.execute(insert(operations.data_version).values(version))
    return engine.url.render_as_string(hide_password=False)


def asked(url: str, *keys: str) -> list[bool]:
    """Write requests, a transaction each; keys are subject:number."""
    written = []
    for key in keys:
        subject = key.partition(":")[0]
        with transaction(url) as connection:
            told = Request(key, "addon.active", "cus_1", subject, {"key": key})
            written.append(outbox.request(connection, told, "ann@example.com"))
    return written


def to(url: str, told: str) -> Settings:
    return Settings(database_url=url, provisioning_url=told, provisioning_secrets=",".join(SECRETS))


def rows(engine: Engine) -> list[tuple[Any, ...]]:
    """key, state, attempts, error of every request."""
    with engine.connect() as connection:
        query = select(one.key, one.state, one.attempts, one.error).order_by(one.number)
        return [tuple(row) for row in connection.execute(query)]


def later(engine: Engine) -> None:
    """What waits may go now."""
    with engine.begin() as connection:
        connection.execute(update(provisioning_request).values(next_at=clock.now() - timedelta(seconds=1)))


def keys(mine: Receiver) -> list[str]:
    return [json.loads(body)["data"]["key"] for _, body in mine.heard]


def test_told_in_order_signed_repeated_until_acknowledged(engine: Engine, url: str) -> None:
    assert asked(url, "a:1", "a:1", "a:2", "b:1") == [True, False, True, True]
    with receiver() as mine:
        mine.answers = [503, 302]
        settings = to(url, mine.url)
        assert sending.send(settings, NEVER) == 0
        assert keys(mine) == ["a:1", "b:1"]  # a:2 waits for a:1; a redirect is not followed
        assert sending.send(settings, NEVER) == 0  # not due yet
        assert rows(engine)[0] == ("a:1", "waiting", 1, "It answered with status 503.")
        assert rows(engine)[2] == ("b:1", "waiting", 1, "It answered with status 302.")
        later(engine)
        assert sending.send(settings, NEVER) == 2
        assert sending.send(settings, NEVER) == 1
        assert keys(mine)[2:] == ["a:1", "b:1", "a:2"]
    assert [row[1:3] for row in rows(engine)] == [
        ("acknowledged", 2),
        ("acknowledged", 1),
        ("acknowledged", 2),
    ]
    headers, body = mine.heard[0]
    again, repeated = mine.heard[2]
    assert headers["Idempotency-Key"] == again["Idempotency-Key"] == json.loads(body)["id"]
    assert body == repeated
    parts = [part.partition("=")[::2] for part in headers[sending.SIGNATURE].split(",")]
    signed = f"{parts[0][1]}.".encode() + body
    expected = [hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in SECRETS]
    assert [mark for name, mark in parts if name == "v1"] == expected
    assert abs(int(parts[0][1]) - clock.now().timestamp()) < 60
    told = json.loads(body)
    assert (told["type"], told["customer"], told["subject"]) == ("addon.active", "cus_1", "a")


def test_slow_or_absent_is_tried_again(engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT", urllib3.Timeout(total=0.1))
    asked(url, "a:1")
    with receiver() as mine:
        mine.seconds = 0.3
        assert sending.send(to(url, mine.url), NEVER) == 0
        gone = mine.url
    assert rows(engine) == [("a:1", "waiting", 1, "It did not answer in 10 seconds.")]
    later(engine)
    assert sending.send(to(url, gone), NEVER) == 0
    assert rows(engine) == [("a:1", "waiting", 2, "It cannot be reached, or its answer broke off.")]
    with engine.connect() as connection:
        wait = connection.scalars(select(one.next_at)).one() - clock.now()
    assert timedelta(seconds=15) < wait <= timedelta(seconds=20)


def test_a_dead_one_holds_its_subject_up_until_somebody_decides(engine: Engine, url: str) -> None:
    asked(url, "a:1", "a:2")
    with engine.begin() as connection:
        connection.execute(update(provisioning_request).values(attempts=outbox.TRIES - 1))
    with receiver() as mine:
        mine.answers, settings = [500], to(url, mine.url)
        assert sending.send(settings, NEVER) == 0
        later(engine)
        assert sending.send(settings, NEVER) == 0
        assert rows(engine)[0][1] == "dead"
        with engine.connect() as connection:
            name = connection.scalars(select(one.id).where(one.key == "a:1")).one()
        outbox.again(url, name, "ann@example.com", "manager")
        assert sending.send(settings, NEVER) == 1
        with pytest.raises(NotChangedError, match="meanwhile"):
            outbox.again(url, name, "ann@example.com", "manager")
        assert sending.send(settings, NEVER) == 1
        assert keys(mine) == ["a:1", "a:1", "a:2"]
    asked(url, "b:1", "b:2")
    with engine.begin() as connection:
        name = connection.scalars(select(one.id).where(one.key == "b:1")).one()
        connection.execute(update(provisioning_request).where(one.id == name).values(state="dead"))
    with pytest.raises(NotChangedError, match="Say why"):
        outbox.give_up(url, name, " ", "ann@example.com", "manager")
    outbox.give_up(url, name, "Done by hand", "ann@example.com", "manager")
    assert [each.body["key"] for each in outbox.claim(url)] == ["b:2"]
    with engine.connect() as connection:
        told = connection.execute(select(audit_entry.c.what, audit_entry.c.reason)).all()
        assert first_broken(connection) is None
    assert [tuple(row) for row in told] == [
        ("Provisioning request addon.active sent again", None),
        ("Provisioning request addon.active given up", "Done by hand"),
    ]


def test_a_claim_is_one_processs_until_it_ends(engine: Engine, url: str) -> None:
    asked(url, "a:1")
    [mine] = outbox.claim(url)
    assert outbox.claim(url) == []
    later(engine)  # as if the process that had it were gone
    [theirs] = outbox.claim(url)
    outbox.failed(url, mine, "too late")
    outbox.acknowledged(url, theirs)
    assert rows(engine) == [("a:1", "acknowledged", 1, None)]


def test_what_is_taken_back_was_never_asked_for(engine: Engine, url: str) -> None:
    told = Request("a:1", "addon.active", "cus_1", "a", {})
    with engine.connect() as connection:
        assert outbox.request(connection, told, "ann@example.com")  # and no commit
    assert rows(engine) == []
    assert sending.send(to(url, "").model_copy(update={"provisioning_url": None}), NEVER) == 0

"""Who is told by mail that a quote waits, and what became of it: a real mail server, on both databases."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, delete, insert, update

from dashboard.quoting import letters as quote_letters
from data import clock, config, letters, mailing
from data.quotes import approvals as quote_approvals
from data.quotes import drafts as quotes
from data.quotes.approvals import Decision
from data.quotes.states import Figures, Move
from data.tables.letters import letter
from data.tables.quotes import sales_quote_approval as approval
from data.tables.sign_ins import sign_in

NEEDED = {"finance": ["it is paid after 60 days"], "manager": ["it is 22% off"]}
FIGURES = Figures("usd", 119_036_73, 39_678_91, 39_678_91, 200_000_00, 119_036_73, 36)
NEVER = threading.Event()


class Box:
    """A mailbox that refuses whom it is told to."""

    def __init__(self) -> None:
        self.held: list[tuple[str, str, str]] = []  # to, subject, text
        self.refuses = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take the recipient, or not."""
        if address == self.refuses:
            return "450 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the message."""
        read = message_from_bytes(envelope.content, policy=policy.default)
        self.held.append((*envelope.rcpt_tos, read["Subject"].strip(), read.get_content()))
        return "250 OK"


@pytest.fixture
def box(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A mail server that the settings name, with the people they know."""
    box = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    for name, value in {
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "ops@example.com",
        "ROLE_EMAILS": "max@example.com=manager,Moira@example.com=manager,ann@example.com=sales",
        "OWN_CUSTOMERS": "moira@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    config.use(None)
    yield box
    config.use(None)
    server.stop()


def asked(
    url: str, prospect: str = "Sequoia\nBcc: all@example.com", days: int = 7
) -> tuple[quotes.Draft, Move]:
    key = quotes.create(url, {"prospect": prospect}, "ann@example.com")
    draft = quotes.latest(url, key)
    assert draft is not None
    at, until = clock.now(), clock.now() + timedelta(days=days)
    told = quote_letters.asking(draft, NEEDED, FIGURES, "They take three years", until, ["max@example.com "])
    moved = Move(key, "draft", "waiting", 1, at, "ann@example.com", "sales", "Please", "seal", vars(FIGURES))
    quote_approvals.ask(url, moved, NEEDED, until, told)
    return draft, moved


def test_who_may_agree_is_told_and_who_asked_hears_of_it(engine: Engine, box: Box) -> None:
    url = config.settings().database_url.get_secret_value()
    seen = {"issued_at": clock.now(), "seen_at": clock.now()}
    with engine.begin() as connection:
        for person, role in (
            ("Fay@Example.com", "finance"),
            ("local admin", "finance"),
            ("mia@x.org", "manager"),
        ):
            connection.execute(insert(sign_in).values(person=person, role=role, **seen))
        old = clock.now() - letters.REMEMBERED - timedelta(days=1)
        connection.execute(
            insert(sign_in).values(person="gone@x.org", role="finance", issued_at=old, seen_at=old)
        )
    box.refuses = "mia@x.org"
    draft, moved = asked(url)
    assert box.held == []  # nobody waits for the mail server
    assert mailing.send(config.settings(), NEVER) == 1
    (to, subject, text) = box.held[0]
    assert (to, subject) == (
        "fay@example.com",
        "To approve: quote for Sequoia Bcc: all@example.com, $119,036.73 in 36 months",
    )
    assert "local admin asks for your approval as finance of a quote for Sequoia Bcc" in text
    assert "because it is paid after 60 days." in text
    assert "They take three years" in text
    # neither an author, nor who sees only other customers, nor who has not been there for long
    states = {each.recipient: each.state for each in quote_letters.of_round(draft.id, moved.at)}
    assert states == {"fay@example.com": "sent", "mia@x.org": "waiting"}
    assert mailing.send(config.settings(), NEVER) == 0  # not at once again
    box.refuses = ""
    later(engine)
    assert mailing.send(config.settings(), NEVER) == 1

    def said(role: str, person: str) -> Decision:
        return Decision(draft.id, 1, role, person, role, "Well", clock.now())

    told = quote_letters.decided(draft, "ann@example.com", "Well", agreed=True)
    assert not quote_approvals.agree(url, said("finance", "fay@example.com"), told)
    assert mailing.send(config.settings(), NEVER) == 0  # the other one has not agreed
    told = quote_letters.decided(draft, "ann@example.com", "Too much off", agreed=False)
    quote_approvals.refuse(url, said("manager", "mia@x.org"), told)
    assert mailing.send(config.settings(), NEVER) == 1
    (to, subject, text) = box.held[-1]
    assert (to, subject) == ("ann@example.com", "Not approved: quote for Sequoia Bcc: all@example.com")
    assert "Too much off" in text


def test_who_has_not_decided_is_reminded_once_before_it_is_too_late(engine: Engine, box: Box) -> None:
    url = config.settings().database_url.get_secret_value()
    at = clock.now()
    with engine.begin() as connection:
        people = {"fay@example.com": "finance", "mia@x.org": "manager", "moe@x.org": "manager"}
        rows = [
            {"person": name, "role": role, "issued_at": at, "seen_at": at} for name, role in people.items()
        ]
        connection.execute(insert(sign_in), rows)
    soon, _ = asked(url, "Soon", days=3)
    asked(url, "Later", days=9)
    with engine.begin() as connection:
        connection.execute(delete(letter))
    assert quote_letters.remind() == 0
    said = Decision(soon.id, 1, "finance", "fay@example.com", "finance", "Well", at)
    assert not quote_approvals.agree(url, said)
    with engine.begin() as connection:
        waited = {"asked_at": at - timedelta(days=2), "expires_at": at + timedelta(hours=23)}
        connection.execute(update(approval).where(approval.c.quote_id == soon.id).values(**waited))
    assert [quote_letters.remind() for _ in "12"] == [1, 0]
    assert mailing.send(config.settings(), NEVER) == 3
    assert [to for to, _, _ in box.held] == ["max@example.com", "mia@x.org", "moe@x.org"]
    assert box.held[0][1].startswith("Still to approve, until ")
    assert "as manager of a quote for Soon" in box.held[0][2]
    assert "because it is 22% off." in box.held[0][2]


def later(engine: Engine) -> None:
    """Let what waits be due now."""
    with engine.begin() as connection:
        connection.execute(update(letter).values(next_at=clock.now()))


def test_who_asked_hears_that_nobody_decided_and_letters_end_at_last(
    engine: Engine, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = config.settings().database_url.get_secret_value()
    # max is an author, Moira sees others only: nobody is known for either role
    draft, moved = asked(url, "Acme", days=-1)
    assert quote_letters.of_round(draft.id, moved.at) == []
    monkeypatch.setattr(quote_letters, "LOOKS", 0.01)
    stop = threading.Event()
    looks = threading.Thread(target=quote_letters.watch, args=(config.settings(), stop), daemon=True)
    looks.start()
    for _ in range(1_000):
        if quote_letters.of_round(draft.id, moved.at):
            break
        time.sleep(0.01)
    stop.set()
    looks.join()
    box.refuses = "ann@example.com"
    with engine.begin() as connection:
        connection.execute(update(letter).values(attempts=letters.TRIES - 1))
    assert mailing.send(config.settings(), NEVER) == 0
    [told] = quote_letters.of_round(draft.id, moved.at)
    assert (told.recipient, told.state) == ("ann@example.com", "dead")
    assert "does not take mail for ann@example.com" in str(told.error)
    later(engine)
    assert mailing.send(config.settings(), NEVER) == 0
    assert box.held == []

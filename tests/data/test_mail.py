"""Mail through a real server on this machine."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import ValidationError

from data import mail
from data.action_settings import ActionSettings


class Box:
    """A mailbox that refuses one address."""

    def __init__(self) -> None:
        self.held: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take the recipient, or not."""
        if address == "nobody@example.com":
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the message."""
        self.held.append(envelope)
        return "250 OK"


@pytest.fixture
def box() -> Box:
    """An empty mailbox."""
    return Box()


@pytest.fixture
def settings(box: Box) -> Iterator[ActionSettings]:
    """Settings of a server that puts mail into the box."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield ActionSettings(
        smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="billing@example.com"
    )
    server.stop()


def test_a_message_arrives(settings: ActionSettings, box: Box) -> None:
    mail.send(settings, "ann@example.org", "Your payment details", "Grüße\nhttps://pay.example/1")
    (envelope,) = box.held
    assert (envelope.mail_from, envelope.rcpt_tos) == ("billing@example.com", ["ann@example.org"])
    assert b"Subject: Your payment details" in envelope.content


def test_what_goes_wrong_is_said(settings: ActionSettings, box: Box) -> None:
    with pytest.raises(mail.MailError, match=r"does not take mail for nobody@example\.com"):
        mail.send(settings, "nobody@example.com", "s", "t")
    with pytest.raises(mail.MailError, match=r"did not take the message|cannot be reached"):
        mail.send(settings.model_copy(update={"smtp_security": "starttls"}), "ann@example.org", "s", "t")
    with pytest.raises(mail.MailError, match="cannot be reached"):
        mail.send(settings.model_copy(update={"smtp_port": 1}), "ann@example.org", "s", "t")
    with pytest.raises(mail.MailError, match="No mail server is set"):
        mail.send(ActionSettings(), "ann@example.org", "s", "t")
    assert box.held == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_host": "mail.example.com"}, "MAIL_FROM"),
        ({"smtp_password": "secret"}, "needs SMTP_USER"),
        ({"smtp_user": "u", "smtp_password": "secret", "smtp_security": "none"}, "without encryption"),
        ({"limits": {"boss": {}}}, "a role is one of"),
        ({"limits": {"sales": {"credits": 1}}}, "credits"),
        ({"card_return_url": "thanks"}, "an address such as"),
    ],
)
def test_settings_that_cannot_be(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ActionSettings(**given)


def test_limits_of_roles() -> None:
    chosen = ActionSettings(limits={"sales": {"credit": 5}})  # type: ignore[dict-item]
    assert (chosen.limits_of("sales").credit, chosen.limits_of("sales").arr) == (5, None)
    assert chosen.limits_of("manager").credit == 10_000
    assert chosen.limits_of("admin").arr is None
    assert chosen.limits_of("nobody").arr == 0

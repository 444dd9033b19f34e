"""A desk that the settings name, with a mail server."""

import socket
from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from alembic import command
from sqlalchemy import Engine

from data import config
from data.config import settings
from data.migrations import alembic_config
from data.refresh import refresh
from data.sandbox.store import Store
from tests.dashboard.actions.conftest import Desk, desk_of
from tests.data.test_mail import Box
from tests.sandbox_server import API_KEY


@pytest.fixture
def box() -> Box:
    """An empty mailbox."""
    return Box()


@pytest.fixture
def desk(
    served: Callable[[Store], str], sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, box: Box
) -> Iterator[Desk]:
    """A desk that the settings name, with a mail server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    with sqlite_engine.begin() as connection:  # it has all tables
        command.stamp(alembic_config(connection), "head")
    with desk_of(served, sqlite_engine, attempts=2) as desk:
        known = {"DATABASE_URL": desk.url, "STRIPE_API_KEY": API_KEY, "STRIPE_API_BASE": desk.stripe}
        known |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
        for name, value in (known | {"MAIL_FROM": "sales@example.com"}).items():
            monkeypatch.setenv(name, value)
        config.use(None)
        refresh(settings())
        yield desk
    config.use(None)
    server.stop()

"""Sign-ins are noted once and end before their time, each with an entry in the audit."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from data import audit, sign_ins
from data.tables.actions import audit_entry

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
BEFORE = NOW - timedelta(hours=1)


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_sign_in_is_noted_once_and_can_be_ended(engine: Engine) -> None:
    url = _url(engine)
    for _ in range(2):
        sign_ins.note(url, "ann@example.com", "manager", BEFORE, NOW)
    sign_ins.note(url, "ann@example.com", "manager", NOW, NOW)
    assert not sign_ins.is_ended(url, "ann@example.com", NOW, unless_known=True)
    assert sign_ins.end(url, "ann@example.com", NOW, "ann@example.com", BEFORE) == 1
    assert sign_ins.is_ended(url, "ann@example.com", BEFORE, unless_known=False)
    assert not sign_ins.is_ended(url, "ann@example.com", NOW, unless_known=True)
    assert sign_ins.end(url, "ann@example.com", NOW, "command line") == 1
    assert sign_ins.end(url, "ann@example.com", NOW, "command line") == 0
    assert sign_ins.is_ended(url, "ann@example.com", NOW, unless_known=False)
    with engine.connect() as connection:
        said = connection.execute(select(audit_entry.c.person, audit_entry.c.what)).all()
        assert audit.first_broken(connection) is None
    assert [tuple(row) for row in said] == [
        ("ann@example.com", "Sign in"),
        ("ann@example.com", "Sign in"),
        ("ann@example.com", "Sign out"),
        ("command line", "End sign-ins"),
    ]


def test_without_a_database_what_was_known_stays_so(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/nothing.db"
    assert sign_ins.is_ended(url, "ann@example.com", NOW, unless_known=True)
    assert not sign_ins.is_ended(url, "ann@example.com", NOW, unless_known=False)

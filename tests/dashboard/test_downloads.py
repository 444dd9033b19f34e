"""Files that say who somebody is are in the audit before they are made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from dashboard.downloads import noted
from data import config
from data.database import open_engine
from data.handed_out import HandedOut
from data.tables.actions import audit_entry
from data.writing import NotChangedError
from tests.dashboard.commands.processes import dashboard


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'dashboard.db'}")
    config.use(None)
    yield
    config.use(None)


def entries(engine: Engine) -> list[tuple[object, ...]]:
    one = audit_entry.c
    with engine.connect() as connection:
        return [
            tuple(row) for row in connection.execute(select(one.person, one.role, one.subject, one.after))
        ]


def test_only_personal_files_are_noted(sqlite_engine: Engine) -> None:
    for columns in (["month", "arr"], ["customer", "arr"]):
        assert noted(lambda: b"file", HandedOut("ann", "sales", "list.csv", columns, 7))() == b"file"
    assert entries(sqlite_engine) == [
        ("ann", "sales", "list.csv", {"columns": ["customer", "arr"], "rows": 7})
    ]


def test_without_an_audit_there_is_no_file(tmp_path: Path) -> None:
    made: list[bool] = []

    def build() -> bytes:
        made.append(True)
        return b""

    with pytest.raises(NotChangedError, match="no file"):
        noted(build, HandedOut("ann", "sales", "list.csv", ["email"]))()
    assert not made


def test_accounts_and_tables_from_the_command_line_are_noted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    done = dashboard(
        ["export-account", str(tmp_path / "copy")],
        tmp_path,
        DATABASE_URL=url,
        STRIPE_API_KEY="sk_test_x",
        STRIPE_API_BASE="http://127.0.0.1:9",
    )
    assert done.returncode == 1
    engine = open_engine(url)
    ((_, role, subject, after),) = entries(engine)
    engine.dispose()
    assert (role, subject, after) == ("command line", "copy", {"columns": ["the whole account at Stripe"]})

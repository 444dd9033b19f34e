"""Backups of real databases: whole, of one instant, from any version, and back again or nothing."""

import shutil
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, MetaData, delete, func, insert, inspect, select, text

from data import approvals, audit, webhooks
from data.backup import BackupError, back_up, restore
from data.backup.archive import About, opened, writing
from data.database import open_engine
from data.migrations import migrate, pending, revisions, upgrade
from data.tables import mirror, operations
from data.tables.actions import approval, audit_entry
from tests.pages.business import fill

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CHANGED_BY_A_RESTORE = {"data_version", "audit_entry", "approval"}
EVENT = {"id": "evt_1", "type": "x.updated"}
WAITING = {
    "id": "apv_1",
    "kind": "CreditInvoice",
    "customer_id": "cus_1",
    "subject": "in_1",
    "command": {"amount": 100},
    "person": "ann",
    "role": "sales",
    "reason": "Goodwill",
    "over": ["credit"],
    "shown": {},
    "state": "waiting",
    "created_at": NOW,
    "expires_at": datetime(2027, 1, 1, tzinfo=UTC),
}


def rows(url: str) -> dict[str, list[Any]]:
    """Every row of every table, in an order of their own."""
    engine = open_engine(url)
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables.sorted_tables
        }
    engine.dispose()
    return found


def emptied(url: str) -> None:
    """The database as if nobody had used it."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        for file in Path(str(engine.url.database)).parent.glob("dashboard.db*"):
            file.unlink()
    else:
        with engine.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    engine.dispose()


def changed(url: str, *statements: Any) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


@pytest.fixture
def business(database_url: str) -> str:
    """A migrated database with a business, a webhook and a request that wait, and an audit."""
    engine = open_engine(database_url)
    migrate(engine)
    fill(database_url)
    webhooks.store(database_url, EVENT, NOW)
    with engine.begin() as connection:
        connection.execute(insert(approval).values(WAITING))
        audit.write(connection, audit.Entry(NOW, "ann", "sales", "Ask", "done", after={"käse": "\\N\t\n"}))
    engine.dispose()
    return database_url


def test_what_was_backed_up_comes_back(business: str, tmp_path: Path) -> None:
    file = tmp_path / "all.backup"
    about = back_up(business, file, "ann", NOW)
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))
    assert not list(tmp_path.glob(".backup-*"))
    before = rows(business)
    emptied(business)
    assert restore(business, file, "bob", NOW) == about
    after = rows(business)
    same = before.keys() - CHANGED_BY_A_RESTORE
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert sum(len(before[name]) for name in same) > 1000
    assert [event.id for event in webhooks.waiting(business, NOW)] == ["evt_1"]


def test_a_replaced_database_says_so_and_nothing_is_approved_twice(business: str, tmp_path: Path) -> None:
    file = tmp_path / "all.backup"
    back_up(business, file, "ann", NOW)
    version = operations.data_version
    shown = insert(version).values(version=900, committed_at=NOW, data_at=NOW, reason="sync")
    changed(business, shown, delete(mirror.customer))
    before = rows(business)
    with pytest.raises(BackupError, match="--replace"):
        restore(business, file, "ann", NOW)
    with pytest.raises(BackupError, match="name another file"):
        back_up(business, file, "ann", NOW)
    assert rows(business) == before
    restore(business, file, "bob", NOW, replace=True)
    engine = open_engine(business)
    with engine.connect() as connection:
        assert connection.scalar(select(func.max(version.c.version))) == 901
        assert audit.first_broken(connection) is None
        told = connection.execute(select(audit_entry.c.person, audit_entry.c.what)).all()
        assert connection.scalar(select(approval.c.state)) == "expired"
        assert connection.scalar(select(func.count()).select_from(mirror.customer))
    engine.dispose()
    assert [tuple(row) for row in told] == [
        ("ann", "Ask"),
        ("ann", "Back up the database"),
        ("bob", "Restore a backup"),
    ]
    assert approvals.expire(business, NOW) == 0
    changed(business, insert(version).values(committed_at=NOW, data_at=NOW, reason="sync"))


def test_each_version_is_restored_by_this_one(database_url: str, tmp_path: Path) -> None:
    """A backup that an earlier version made is brought up to date on the way."""
    for number in ("0001", "0014"):
        emptied(database_url)
        engine = open_engine(database_url)
        with engine.begin() as connection:
            upgrade(connection, number)
            customer = {"id": "cus_1", "name": "Ann", "observed_at": NOW}
            tables = MetaData()
            tables.reflect(connection, only=["customer"])
            connection.execute(insert(tables.tables["customer"]).values(_complete(tables, customer)))
        engine.dispose()
        back_up(database_url, tmp_path / number, "ann", NOW)
        restore(database_url, tmp_path / number, "ann", NOW, replace=True)
        engine = open_engine(database_url)
        assert pending(engine) == []
        with engine.connect() as connection:
            assert connection.scalar(select(mirror.customer.c.name)) == "Ann"
        engine.dispose()


def _complete(tables: MetaData, row: dict[str, Any]) -> dict[str, Any]:
    """The row with something in every column that asks for it."""
    asked = [column for column in tables.tables["customer"].columns if not column.nullable]
    return {column.name: column.type.python_type() for column in asked if column.name not in row} | row


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _flipped(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[len(body) // 3] ^= 0x55
    file.write_bytes(body)


def _text(file: Path) -> None:
    file.write_text("select 1;")


def _told_otherwise(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        other = file.with_suffix(".other")
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                body = old.read(name)
                if name == "about.json":
                    about = orjson.loads(body)
                    change(about)
                    body = orjson.dumps(about)
                new.writestr(name, body)
        shutil.move(other, file)

    return damage


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_cut, "use another one"),
        (_flipped, "use another one"),
        (_text, "is not a backup"),
        (lambda file: file.unlink(), "is not there"),
        (_told_otherwise(lambda about: about["parts"][0].update(sha256="0" * 64)), "was changed"),
        (_told_otherwise(lambda about: about["parts"][0].update(name="../x")), "no item named"),
        (_told_otherwise(lambda about: about.update(format=9)), "format 9"),
        (_told_otherwise(lambda about: about.update(migration="9999")), "install the version"),
        (_told_otherwise(lambda about: about.pop("kind")), "not as it should be"),
    ],
)
def test_a_damaged_file_changes_nothing(
    sqlite_engine: Engine, tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    url = sqlite_engine.url.render_as_string(hide_password=False)
    with sqlite_engine.begin() as connection:
        connection.execute(text("create table alembic_version (version_num text)"))
        connection.execute(text(f"insert into alembic_version values ('{revisions()[-1]}')"))
    file = tmp_path / "all.backup"
    back_up(url, file, "ann", NOW)
    before = rows(url)
    damage(file)
    with pytest.raises(BackupError, match=told):
        restore(url, file, "ann", NOW, replace=True)
    assert rows(url) == before


def test_a_restore_that_fails_half_way_changes_nothing(business: str, tmp_path: Path) -> None:
    """Parts that are whole, with contents that no database takes."""
    kind = "sqlite" if business.startswith("sqlite") else "postgresql"
    file = tmp_path / "odd.backup"
    with writing(file) as writer:
        for name, columns, body in (("customer", ["id"], b"a\tb\tc\n"), ("database", [], b"not a database")):
            with writer.part(name, columns) as sink:
                sink.write(body)
        writer.finish(About(kind=kind, migration=revisions()[-1], made_at=NOW))  # type: ignore[arg-type]
    before = rows(business)
    with pytest.raises(BackupError, match="Nothing was restored: the database failed"):
        restore(business, file, "ann", NOW, replace=True)
    assert rows(business) == before


def test_a_backup_is_of_one_instant_while_others_write(business: str, tmp_path: Path) -> None:
    """Two tables get their rows together; a backup under way has both or neither."""
    stop, written = threading.Event(), threading.Event()
    version, customer = operations.data_version, mirror.customer

    def write() -> None:
        engine, number = open_engine(business), 0
        while not stop.is_set():
            number += 1
            with engine.begin() as connection:
                connection.execute(insert(customer).values(id=f"cus_new_{number}", observed_at=NOW))
                connection.execute(insert(version).values(committed_at=NOW, data_at=NOW, reason="pair"))
            written.set()
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    written.wait(10)
    back_up(business, tmp_path / "all.backup", "ann", NOW)
    stop.set()
    writer.join()
    restore(business, tmp_path / "all.backup", "ann", NOW, replace=True)
    engine = open_engine(business)
    with engine.connect() as connection:
        pairs = select(func.count()).where(version.c.reason == "pair")
        rows_ = select(func.count()).where(customer.c.id.like("cus_new_%"))
        assert connection.scalar(pairs) == connection.scalar(rows_) > 0
    engine.dispose()


def test_what_is_no_database_of_the_app_is_said_to_be_none(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        back_up(database_url, tmp_path / "all.backup", "ann", NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_kinds_do_not_mix(sqlite_engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "all.backup"
    with writing(file) as writer:
        writer.finish(About(kind="postgresql", migration="0001", made_at=NOW))
    with pytest.raises(BackupError, match="of postgresql, and DATABASE_URL names sqlite"):
        restore(f"sqlite:///{tmp_path / 'dashboard.db'}", file, "ann", NOW, replace=True)
    with opened(file) as archive:
        assert archive.about.parts == []
    assert inspect(sqlite_engine).has_table("customer")

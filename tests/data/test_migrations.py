"""The migrations make the tables that the code believes in."""

import os
import signal
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, event, func, insert, select, text

from data.database import open_engine
from data.migrations import NewerDatabaseError, migrate, pending, revisions, upgrade
from data.tables import metadata
from data.tables.addons import addon_domain, addon_setup

WORKED_OUT = {"month_movement", "month_movement_customers", "month_transition", "retention_change"}
"""Rollups that an upgrade made anew: the ledger fills them again."""
WORDS = {("receivable_note", "kind"): "remark", ("renewal_note", "category"): "open"}
"""What columns hold that do not take any text."""


def killed(url: str, after: int) -> bool:
    """Whether a process that migrates was killed before so many statements were done."""
    child = os.fork()
    if child == 0:
        engine, statements = open_engine(url), count()

        @event.listens_for(engine, "before_cursor_execute")
        def _count(*_: object) -> None:
            if next(statements) == after:
                os.kill(os.getpid(), signal.SIGKILL)

        migrate(engine)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_migrated_tables_equal_the_code_also_when_it_was_interrupted(database_url: str) -> None:
    assert killed(database_url, after=150)
    engine = open_engine(database_url)
    assert migrate(engine)
    assert pending(engine) == []
    assert migrate(engine) == []
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


def test_a_newer_database_is_refused(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="9999"):
        migrate(engine)
    engine.dispose()


def test_rows_of_every_version_survive_to_the_last(database_url: str) -> None:
    """At each migration every table gets a row; whatever table is there in the end has all of its rows,
    unless its contents are only worked out and an upgrade empties it to have them worked out anew.
    """
    engine = open_engine(database_url)
    put: Counter[str] = Counter()
    for number, revision in enumerate(revisions(), start=1):
        with engine.begin() as connection:
            upgrade(connection, revision)
        with engine.begin() as connection:
            tables = MetaData()
            tables.reflect(connection)
            for table in tables.sorted_tables:
                if table.name != "alembic_version":
                    connection.execute(insert(table).values(_row(table, number)))
                    put[table.name] += 1
    with engine.connect() as connection:
        kept = {name: _count(connection, name) for name in metadata.tables}
    engine.dispose()
    lost = {name for name, number in kept.items() if number < put[name]}
    assert lost <= WORKED_OUT
    assert all(number for name, number in kept.items() if name not in WORKED_OUT)


def test_of_several_revisions_of_a_quote_the_furthest_stays_one(database_url: str) -> None:
    engine = open_engine(database_url)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with engine.begin() as connection:
        upgrade(connection, "0034")
        known = {"version": 1, "created_at": at, "created_by": "ann"}
        states = {"first": "sent", "newer": "draft", "older": "approved", "no": "declined", "other": "draft"}
        of = dict.fromkeys(states, "q") | {"other": "first"}
        rows = [{"id": name, "state": state, "revises": of[name]} for name, state in states.items()]
        old = MetaData()
        old.reflect(connection, only=["sales_quote"])
        changed = [at + timedelta(days=place) for place in range(len(rows))]
        connection.execute(
            insert(old.tables["sales_quote"]),
            [{**known, **row, "changed_at": day} for row, day in zip(rows, changed, strict=True)],
        )
    migrate(engine)
    with engine.connect() as connection:
        kept = connection.execute(text("select id, revises, cloned_from from sales_quote order by id")).all()
    engine.dispose()
    assert [tuple(each) for each in kept] == [
        ("first", "q", None),
        ("newer", None, "q"),
        ("no", "q", None),
        ("older", None, "q"),
        ("other", "first", None),
    ]


def test_an_e_mail_domain_stays_with_whoever_named_it_first(database_url: str) -> None:
    engine = open_engine(database_url)
    known = {"addon": "sso", "kind": "single_sign_on", "state": "active", "checks": {}, "version": 1}
    with engine.begin() as connection:
        upgrade(connection, "0029")
        for day, name, state, domains in (
            (2, "second", "active", ["acme.com", "b.example"]),
            (1, "first", "active", ["acme.com"]),
            (0, "over", "disabled", ["acme.com"]),
        ):
            at = datetime(2026, 1, 1 + day, tzinfo=UTC)
            told = {"domains": [{"name": each} for each in domains]}
            row = {**known, "id": name, "customer_id": name, "state": state, "settings": told}
            dated = {"since": at, "created_at": at, "created_by": "ann"}
            connection.execute(insert(addon_setup).values(**row, **dated))
    migrate(engine)
    with engine.connect() as connection:
        owners = dict(connection.execute(select(addon_domain.c.name, addon_domain.c.setup_id)).all())
    engine.dispose()
    assert owners == {"acme.com": "first", "b.example": "second"}


def _row(table: Table, number: int) -> dict[str, Any]:
    """Something of its type in every column that asks for it or is a key, told apart by the number."""
    asked = (column for column in table.columns if not column.nullable or column.foreign_keys)
    row = {column.name: _value(column.type.python_type, number) for column in asked}
    return row | {name: word for (of, name), word in WORDS.items() if of == table.name}


def _value(kind: type, number: int) -> Any:
    if kind is datetime:
        return datetime(2026, 1, 1) + timedelta(days=number)  # noqa: DTZ001 - of either database
    if kind is date:
        return date(2026, 1, 1) + timedelta(days=number)
    if kind in (dict, list, object):  # JSON
        return {"n": number}
    return kind(number)


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(metadata.tables[name])) or 0

"""Engines and transactions: SQLite (WAL) by default, PostgreSQL by URL, one code for both."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from data import staging
from data.bulk import without_nul

PROJECT = Path(__file__).resolve().parent.parent


def open_engine(url: str, *, read_only: bool = False, pool_size: int = 5) -> Engine:
    """An engine for a database URL.

    A SQLite file's folder is made; a relative path starts at the project.
    A read-only engine refuses writes in the database itself, not by convention. Errors name no values: they
    may be people's, and errors end in logs.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url, read_only, pool_size)
    if parsed.get_backend_name() == "postgresql":
        options = {"options": "-c default_transaction_read_only=on"} if read_only else {}
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=pool_size,
            hide_parameters=True,
            json_serializer=_json,
            connect_args={"connect_timeout": 10, **options},
        )
        event.listen(engine, "connect", lambda connection, _: connection.adapters.register_dumper(str, _Text))
        return engine
    return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)


class _Text(StrDumperUnknown):
    """PostgreSQL keeps no NUL in a text: whoever wrote one finds U+FFFD there."""

    def dump(self, obj: str) -> Any:
        """The text's bytes."""
        return super().dump(obj.replace("\0", "\ufffd"))


def _json(value: Any) -> str:
    """JSON text without NUL, as above."""
    return without_nul(json.dumps(value).encode()).decode()


def _open_sqlite(url: str, read_only: bool, pool_size: int) -> Engine:
    parsed = make_url(url)
    if parsed.database and parsed.database != ":memory:":
        path = PROJECT / parsed.database
        if read_only:  # a missing file is an error, not an empty database
            parsed = parsed.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            parsed = parsed.set(database=str(path))
    pool = {} if parsed.database in (None, "", ":memory:") else {"pool_size": pool_size}
    engine = create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True, **pool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in _pragmas(read_only):
            connection.execute(f"PRAGMA {pragma}")

    staging.detach_on_return(engine)
    return engine


def _pragmas(read_only: bool) -> Iterable[str]:
    if read_only:
        return ("query_only=ON",)
    return (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
    )


def is_prepared(engine: Engine) -> bool:
    """Whether the tables were made; False for a database, or a SQLite file, that nobody has made yet."""
    file = (engine.url.database or "").removeprefix("file:")
    if engine.dialect.name == "sqlite" and file != ":memory:" and not Path(file).exists():
        return False
    return inspect(engine).has_table("data_version")


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    newer_by: str | None = None,
) -> None:
    """Insert rows or overwrite those with the same primary key; all rows have the same columns.

    With newer_by, a stored row whose value there is greater is left alone. One prepared statement run many
    times: a multi-row VALUES is ten times slower on SQLite.
    """
    if not rows:
        return
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    if not changed:
        connection.execute(insert.on_conflict_do_nothing(index_elements=keys), list(rows))
        return
    newer = insert.excluded[newer_by] >= table.c[newer_by] if newer_by else None
    connection.execute(
        insert.on_conflict_do_update(index_elements=keys, set_=changed, where=newer), list(rows)
    )

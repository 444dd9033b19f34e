"""Reading the application database: connected or named as unreachable, streamed in batches, checked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from data.application.errors import MappingError, UnreachableError
from data.application.mapping import ApplicationMapping, Entity, parameters_of, statement

BATCH = 5_000
BEGINNING = date(1970, 1, 1)

Row = dict[str, Any]


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """A connection to the application database. Raises UnreachableError."""
    try:
        connection = engine.connect()
    except SQLAlchemyError as error:
        raise UnreachableError(engine.url, _reason(error)) from None
    with connection:
        yield connection


def check_mapping(engine: Engine, mapping: ApplicationMapping) -> None:
    """Run each SELECT as far as their first row. Raises UnreachableError or MappingError."""
    with connected(engine) as connection:
        wrong = [fault for entity, sql in mapping.statements for fault in _faults(connection, entity, sql)]
    if wrong:
        raise MappingError("\n".join(wrong))


def _faults(connection: Connection, entity: Entity, sql: str) -> list[str]:
    try:
        next(batches(connection, entity, sql, BEGINNING, size=1), None)
    except MappingError as error:
        return [str(error)]
    return []


def batches(
    connection: Connection, entity: Entity, sql: str, since: date, size: int | None = None
) -> Iterator[list[Row]]:
    """The rows of a SELECT, checked and converted, so many at a time.

    Raises MappingError when they are not what the mapping promises, UnreachableError when they stop coming.
    """
    size = size or BATCH
    result = _run(connection, entity, sql, since, size)
    with result:
        _check_columns(entity, tuple(result.keys()))
        parts = result.mappings().partitions(size)
        while (part := _next(connection, parts)) is not None:
            yield [_converted(entity, row) for row in part]


def _run(connection: Connection, entity: Entity, sql: str, since: date, size: int) -> CursorResult[Any]:
    given = {"since": since} if "since" in parameters_of(sql) else {}
    try:
        return connection.execution_options(yield_per=size).execute(statement(sql), given)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnreachableError(connection.engine.url, _reason(error)) from None
        connection.rollback()
        raise MappingError(
            f"{entity.setting} cannot be run by the application database: {_reason(error)}."
        ) from None


def _next(connection: Connection, parts: Iterator[Any]) -> Any | None:
    try:
        return next(parts, None)
    except DBAPIError as error:
        raise UnreachableError(connection.engine.url, _reason(error)) from None


def _reason(error: SQLAlchemyError) -> str:
    """The first line of what the database said, without the statement."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    return said[0].rstrip(".")


def _check_columns(entity: Entity, given: tuple[str, ...]) -> None:
    missing = [name for name in entity.columns if name not in given]
    extra = [name for name in given if name not in entity.columns]
    twice = sorted({name for name in given if given.count(name) > 1})
    wrong = [
        f"{entity.setting} gives no column {name}: add it to the SELECT, or `null as {name}`."
        for name in missing
    ]
    wrong += [
        f"{entity.setting} gives a column {name} that is not asked for: leave it out." for name in extra
    ]
    wrong += [f"{entity.setting} gives the column {name} twice." for name in twice]
    if wrong:
        raise MappingError("\n".join(wrong))


def _converted(entity: Entity, row: Mapping[str, Any]) -> Row:
    converted = {}
    for name, convert in entity.columns.items():
        try:
            converted[name] = convert(row[name])
        except ValueError as error:
            raise MappingError(
                f"{entity.setting} gives {row[name]!r} as {name}, where {error} is expected."
            ) from None
    for name in entity.key:
        if converted[name] is None:
            raise MappingError(f"{entity.setting} gives a row without {name}: filter such rows out.")
    return converted

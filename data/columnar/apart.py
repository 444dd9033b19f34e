"""A SQLite file read by another process, which answers by column.

ADBC reads with a third of the work of Python's driver, but brings its own SQLite, and two copies of SQLite in
one process do not see each other's locks. So this file is also a program, which imports nothing of ours:
queries come in as JSON, tables go out as Arrow streams, each as of one instant.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from urllib.parse import quote

import adbc_driver_sqlite
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcStatement

BATCH = 65_536


class NotReadError(Exception):
    """The other process gave no answer."""


def answers(file: str, queries: Sequence[tuple[str, pa.Schema]]) -> list[pa.Table]:
    """The rows of queries over a SQLite file, as last committed, with their schemas; NotReadError."""
    asked = json.dumps({"file": file, "queries": [_typed(*query) for query in queries]}).encode()
    command = [sys.executable, "-I", __file__]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(asked)
            process.stdin.close()
            return [_answer(process.stdout, schema) for _, schema in queries]
        except (OSError, pa.ArrowInvalid) as error:
            process.kill()
            raise NotReadError(str(error)) from error


def _answer(stream: object, schema: pa.Schema) -> pa.Table:
    with pa.ipc.open_stream(stream) as batches:
        return batches.read_all().slice(1).rename_columns(schema.names).cast(schema)


def _typed(sql: str, schema: pa.Schema) -> str:
    """A query after a row of each column's kind: ADBC takes the kinds from the first rows."""
    kinds = ", ".join("0" if pa.types.is_integer(field.type) else "''" for field in schema)
    return f"select {kinds} union all select * from ({sql})"  # noqa: S608 (words of our own)


def main() -> None:
    """Answer what standard input asks."""
    asked = json.load(sys.stdin)
    with (
        adbc_driver_sqlite.connect(f"file:{quote(asked['file'])}?mode=ro") as database,
        AdbcConnection(database) as connection,
    ):
        connection.set_autocommit(False)
        for sql in asked["queries"]:
            with AdbcStatement(connection) as statement:
                _write(statement, sql)


def _write(statement: AdbcStatement, sql: str) -> None:
    """The rows of a query to standard output; ADBC's own low interface starts without pandas."""
    statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH)})
    statement.set_sql_query(sql)
    found, _ = statement.execute_query()
    with (
        pa.RecordBatchReader.from_stream(found) as batches,
        pa.ipc.new_stream(sys.stdout.buffer, batches.schema) as stream,
    ):
        for batch in batches:
            stream.write(batch)


if __name__ == "__main__":
    main()

"""One sandbox to a state file: two would give out the same ids and overwrite each other's objects."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE = 4.0
"""Seconds to wait for the state: a sandbox whose parent was killed lets go of it within these."""


class StateInUseError(Exception):
    """Another sandbox keeps this state; the message is a sentence."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"Another sandbox keeps its state in {file}: stop that one, or name another file.")
        known = _address_file(file)
        self.address = known.read_text() if known.exists() else None
        """Where the other answers; None while it is still starting."""


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Be the only sandbox on a state; the system ends this with the process.

    Raises StateInUseError, OSError.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"{file}-lock", timeout=PATIENCE, isolation_level=None)) as holder:
        try:
            holder.execute("begin exclusive").close()
        except sqlite3.OperationalError:
            raise StateInUseError(file) from None
        try:
            _address_file(file).unlink(missing_ok=True)
            yield
        finally:
            _address_file(file).unlink(missing_ok=True)


def publish(file: Path, address: str) -> None:
    """Say where the sandbox on this state answers."""
    _address_file(file).write_text(address)


def _address_file(file: Path) -> Path:
    return file.with_name(f"{file.name}-address")

"""What syncs remember between each other: the account, the newest event handled, the last sweep."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from data.database import upsert
from data.tables.operations import sync_state


def read_state(connection: Connection, name: str) -> Any:
    """What was remembered under a name, None when nothing was."""
    return connection.execute(select(sync_state.c.value).where(sync_state.c.name == name)).scalar()


def write_state(connection: Connection, name: str, value: Any) -> None:
    """Remember a JSON value under a name."""
    upsert(connection, sync_state, [{"name": name, "value": value}])


def forget_state(connection: Connection, name: str) -> None:
    """Remember nothing under a name any more."""
    connection.execute(delete(sync_state).where(sync_state.c.name == name))


@dataclass(frozen=True)
class EventCursor:
    """How far events have been handled: the newest, those close before it, and when we looked."""

    newest: str | None  # None: there was no event at all
    created: int  # epoch seconds of the newest; of the look-up when there was none
    looked_up: int  # the server's time, epoch seconds
    handled: tuple[str, ...] = ()  # ids close before the newest: late arrivals are told from these

    def save(self, connection: Connection) -> None:
        """Remember this."""
        write_state(connection, "event_cursor", {**self.__dict__, "handled": list(self.handled)})

    @classmethod
    def load(cls, connection: Connection) -> "EventCursor | None":
        """What was remembered; None before the first full pass, or where events cannot be read."""
        found: Mapping[str, Any] | None = read_state(connection, "event_cursor")
        if not found:
            return None
        return cls(found["newest"], found["created"], found["looked_up"], tuple(found["handled"]))

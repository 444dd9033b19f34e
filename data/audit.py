"""The audit: who changed what and why, append-only, each entry hashed over the one before."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from data.tables.actions import audit_entry

Json = dict[str, Any]
TRIES = 10


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did, or tried to; outcome: done, refused, unknown."""

    at: datetime
    person: str
    role: str
    what: str
    outcome: str
    customer_id: str | None = None
    subject: str | None = None
    reason: str | None = None
    before: Json | None = None
    after: Json | None = None
    request_ids: list[str] = field(default_factory=list)
    action_id: str | None = None


def write(connection: Connection, entry: Entry) -> None:
    """Append an entry. Two writers at once: the second one's entry follows the first one's."""
    values = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    for tried in range(TRIES):
        previous = _last_hash(connection)
        row = values | {"previous_hash": previous, "hash": digest(values, previous)}
        try:
            with connection.begin_nested():
                connection.execute(insert(audit_entry).values(row))
            return
        except IntegrityError:  # another entry took the place
            if tried + 1 == TRIES:
                raise


def _last_hash(connection: Connection) -> str:
    query = select(audit_entry.c.hash).order_by(audit_entry.c.id.desc()).limit(1)
    return connection.scalar(query) or ""


def digest(values: Mapping[str, Any], previous: str) -> str:
    """The hash of an entry's values over that of the entry before: SHA-256 of their JSON, keys sorted."""
    told = {name: values[name] for name in Entry.__dataclass_fields__}
    told["at"] = values["at"].isoformat()
    body = orjson.dumps([previous, told], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()


def first_broken(connection: Connection) -> int | None:
    """The id of the first entry that does not follow from the one before; None when the chain holds."""
    previous = ""
    for row in connection.execute(select(audit_entry).order_by(audit_entry.c.id)).mappings():
        if row["previous_hash"] != previous or row["hash"] != digest(dict(row), previous):
            return int(row["id"])
        previous = row["hash"]
    return None

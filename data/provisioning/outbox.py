"""The outbox: one row for each thing to be told, written in the transaction of what it tells of.

A row goes out at least once, and carries an id by which the receiver tells repeats; those of one subject go
out in the order in which they were asked for, so none goes while an earlier one is not settled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from data import audit
from data.clock import now
from data.tables.provisioning import ACKNOWLEDGED, DEAD, GIVEN_UP, WAITING, provisioning_request
from data.writing import NotChangedError, publish, transaction, writing

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
TRIES = 30
"""Then a request is dead: with these waits, after about 22 hours. A person may send it again."""
CLAIMED = timedelta(minutes=2)
"""How long one process has a request to itself; afterwards another takes it."""
MOST = 10  # claimed together: so many can be tried before the claim ends
one, earlier = provisioning_request.c, provisioning_request.alias().c


@dataclass(frozen=True)
class Request:
    """A thing to be told; key is its own: the same is never written twice.

    subject is what it is about (a set-up's id, a quote's): requests of one subject keep their order.
    """

    key: str
    type: str  # such as addon.active
    customer_id: str
    subject: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Claimed:
    """A request that this process is to send now."""

    id: str
    type: str
    customer_id: str
    subject: str
    body: Mapping[str, Any]
    created_at: datetime
    attempts: int
    until: datetime  # when the claim ends


def request(connection: Connection, asked: Request, person: str) -> bool:
    """Write a request in the transaction of what it tells of; False where its key was written before."""
    at = now()
    row = {**vars(asked), "id": f"prov_{uuid4().hex}", "body": dict(asked.body), "state": WAITING}
    row |= {"attempts": 0, "next_at": at, "person": person, "created_at": at}
    add = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(provisioning_request)
    added = add.values(row).on_conflict_do_nothing(index_elements=["key"]).returning(one.id)
    return connection.scalar(added) is not None


def claim(url: str) -> list[Claimed]:
    """Take what is to be sent now, the oldest first, so that nobody else does. Raises NotChangedError."""
    at = now()
    before = exists().where(
        earlier.subject == one.subject, earlier.number < one.number, earlier.state.in_((WAITING, DEAD))
    )
    due = and_(one.state == WAITING, one.next_at <= at, ~before)
    query = select(one.number, one.next_at).where(due).order_by(one.number).limit(MOST)
    columns = (one.id, one.type, one.customer_id, one.subject, one.body, one.created_at, one.attempts)
    until, taken = at + CLAIMED, []
    with transaction(url) as connection:
        for number, next_at in connection.execute(query).all():
            mine = (one.number == number, one.state == WAITING, one.next_at == next_at)
            take = update(provisioning_request).where(*mine).values(next_at=until).returning(*columns)
            taken += [Claimed(**row, until=until) for row in connection.execute(take).mappings()]
    return taken


def acknowledged(url: str, sent: Claimed) -> None:
    """The company's system has it. Raises NotChangedError."""
    _settle(url, sent, {"state": ACKNOWLEDGED, "error": None, "settled_at": now()}, news=True)


def failed(url: str, sent: Claimed, told: str) -> None:
    """It was not acknowledged, and why: the next try comes later each time, and in the end none."""
    tries = sent.attempts + 1
    wait = min(FIRST_WAIT * 2 ** min(sent.attempts, 20), LONGEST_WAIT)
    state = DEAD if tries >= TRIES else WAITING
    settled = now() if state == DEAD else None
    values = {"state": state, "error": told, "next_at": now() + wait, "settled_at": settled}
    _settle(url, sent, values, news=state == DEAD or sent.attempts == 0)


def _settle(url: str, sent: Claimed, values: Mapping[str, Any], *, news: bool) -> None:
    """Write down how a try went, unless another process has taken it over; pages hear of news."""
    with transaction(url) as connection:
        mine = (one.id == sent.id, one.state == WAITING, one.next_at == sent.until)
        change = update(provisioning_request).where(*mine).values(attempts=sent.attempts + 1, **values)
        if connection.execute(change).rowcount and news:
            publish(connection, "provisioning")


def again(url: str, name: str, person: str, role: str) -> None:
    """Let a dead request be sent again, or one that waits be sent at once. Raises NotChangedError."""
    with writing(url, "provisioning") as connection:
        found = _open(connection, name)
        values = {"state": WAITING, "attempts": 0, "next_at": now(), "settled_at": None}
        connection.execute(update(provisioning_request).where(one.id == name).values(**values))
        _audit(connection, found, "sent again", None, person, role)


def give_up(url: str, name: str, reason: str, person: str, role: str) -> None:
    """Never send a request any more, so that later ones go. Raises NotChangedError."""
    if not reason.strip():
        raise NotChangedError("Say why it is given up.")
    with writing(url, "provisioning") as connection:
        found = _open(connection, name)
        values = {"state": GIVEN_UP, "settled_at": now()}
        connection.execute(update(provisioning_request).where(one.id == name).values(**values))
        _audit(connection, found, "given up", reason.strip(), person, role)


def _open(connection: Connection, name: str) -> Any:
    """A request that is not settled for good. Raises NotChangedError."""
    query = select(provisioning_request).where(one.id == name, one.state.in_((WAITING, DEAD)))
    found = connection.execute(query.with_for_update()).mappings().first()
    if found is None:
        raise NotChangedError("This request was acknowledged or given up meanwhile.")
    return found


def _audit(connection: Connection, row: Any, what: str, reason: str | None, person: str, role: str) -> None:
    entry = audit.Entry(
        at=now(),
        person=person,
        role=role,
        what=f"Provisioning request {row['type']} {what}",
        outcome="done",
        customer_id=row["customer_id"],
        subject=row["subject"],
        reason=reason,
        before={"state": row["state"], "attempts": row["attempts"], "error": row["error"]},
    )
    audit.write(connection, entry)

"""Sign-ins: noted once each with an entry in the audit, and ended before their time."""

import logging
from datetime import datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from data import audit
from data.database import open_engine
from data.tables.sign_ins import sign_in
from data.writing import transaction

LOG = logging.getLogger(__name__)
one = sign_in.c


def note(url: str, person: str, role: str, issued_at: datetime, now: datetime) -> None:
    """Keep a sign-in that was not seen before. Raises NotChangedError."""
    key = (one.person == person) & (one.issued_at == issued_at)
    with transaction(url) as connection:
        if connection.scalar(select(exists().where(key))):
            return
        row = {"person": person, "issued_at": issued_at, "role": role, "seen_at": now}
        connection.execute(insert(sign_in).values(row))
        audit.write(connection, audit.Entry(now, person, role, "Sign in", "done"))


def end(url: str, person: str, now: datetime, by: str, issued_at: datetime | None = None) -> int:
    """End a person's sign-ins, or one of them: how many were still good. Raises NotChangedError."""
    good = (one.person == person) & one.ended_at.is_(None)
    if issued_at:
        good &= one.issued_at == issued_at
    with transaction(url) as connection:
        ended = connection.execute(update(sign_in).where(good).values(ended_at=now)).rowcount
        if ended:
            what = "Sign out" if by == person else "End sign-ins"
            audit.write(connection, audit.Entry(now, by, "", what, "done", subject=person))
    return ended


def is_ended(url: str, person: str, issued_at: datetime, *, unless_known: bool) -> bool:
    """Whether a sign-in was ended before its time; `unless_known` where the database does not answer."""
    key = (one.person == person) & (one.issued_at == issued_at) & one.ended_at.is_not(None)
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(select(exists().where(key))))
    except SQLAlchemyError:
        LOG.exception("Whether a sign-in has ended could not be read")
        return unless_known
    finally:
        engine.dispose()

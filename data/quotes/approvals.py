"""Who has to agree to a quote: asked for by role, decided side by side, each with a comment, until a day.

The quote is approved when the last of them agrees, and a draft again when one does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from data import letters
from data.letters import Letter
from data.quotes.states import APPROVED, DRAFT, WAITING, Move, NotMovedError, move
from data.tables.quotes import sales_quote, sales_quote_approval, sales_quote_move
from data.writing import reading, transaction

UNDECIDED = "The database did not take the note, so nothing was asked for or decided."
UNREAD = "The database did not say who has to agree."
LATE = "Nobody decided in time."
REMINDED = timedelta(days=1)

_quote, _asked, _move = sales_quote.c, sales_quote_approval.c, sales_quote_move.c


@dataclass(frozen=True)
class Asked:
    """A role that has to agree, or did or did not; round is the number of the move that asked."""

    quote_id: str
    round: int
    role: str
    because: list[str]
    state: str  # waiting, approved, declined, closed, expired
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str | None = None
    reminded_at: datetime | None = None

    @property
    def remind_at(self) -> datetime:
        """When who has not decided is written to again: a day before the end, not before half the time."""
        return self.expires_at - min(REMINDED, (self.expires_at - self.asked_at) / 2)


_EVERY = select(*(sales_quote_approval.c[name] for name in Asked.__dataclass_fields__)).order_by(
    _asked.round.desc(), _asked.role
)
_IS_WAITING = _asked.state == "waiting"
_IS_LATE = _IS_WAITING & (_asked.expires_at <= bindparam("late_at", type_=_asked.expires_at.type))
_LATE = (
    select(_asked.quote_id, _quote.version, _asked.asked_by)
    .join(sales_quote, _quote.id == _asked.quote_id)
    .where(_IS_LATE, _quote.state == WAITING)
    .distinct()
)
"""Each quote that waits, and did too long."""
_ANY_LATE = _LATE.limit(1)


@dataclass(frozen=True)
class Decision:
    """What a person says to a quote of a version in the name of a role; own_role is what they are."""

    quote_id: str
    version: int
    role: str
    person: str
    own_role: str
    comment: str
    at: datetime


def ask(
    url: str,
    wanted: Move,
    needed: Mapping[str, Sequence[str]],
    until: datetime,
    told: Sequence[Letter] = (),
) -> None:
    """Ask for the agreement of roles, each because of sentences; where none is needed it is approved.

    told: the letters that go out with it. Raises NotMovedError and NotChangedError.
    """
    if (wanted.to_state == WAITING) != bool(needed):
        raise NotMovedError("Whose agreement it needs has changed meanwhile: look at it as it is now.")
    with transaction(url, UNDECIDED) as connection:
        number = move(connection, wanted)
        for role, because in needed.items():
            row = Asked(
                wanted.quote_id, number, role, list(because), "waiting", wanted.person, wanted.at, until
            )
            connection.execute(insert(sales_quote_approval).values(vars(row)))
        letters.write(connection, wanted.quote_id, number, told)


def agree(url: str, said: Decision, told: Sequence[Letter] = ()) -> bool:
    """Agree; whether the quote is approved by it, which the letters tell.

    Raises NotMovedError and NotChangedError.
    """
    with transaction(url, UNDECIDED) as connection:
        asking = _hold(connection, said)
        _decide(connection, said, asking, "approved")
        here = (_asked.quote_id == said.quote_id) & (_asked.round == asking.number)
        if connection.scalar(select(_asked.role).where(here, _asked.state == "waiting").limit(1)):
            return False
        number = move(connection, _led(said, asking, APPROVED, said.comment or None))
        letters.write(connection, said.quote_id, number, told)
        return True


def refuse(url: str, said: Decision, told: Sequence[Letter] = ()) -> None:
    """Do not agree: the quote is a draft again, which the letters tell.

    Raises NotMovedError and NotChangedError.
    """
    with transaction(url, UNDECIDED) as connection:
        asking = _hold(connection, said)
        _decide(connection, said, asking, "declined")
        reason = f"Not approved by {said.person}: {said.comment}"
        number = move(connection, _led(said, asking, DRAFT, reason))
        letters.write(connection, said.quote_id, number, told)


def _hold(connection: Connection, said: Decision) -> Any:
    """The move that asked; nobody else decides on the quote until this transaction ends."""
    here = (_quote.id == said.quote_id) & (_quote.state == WAITING) & (_quote.version == said.version)
    if not connection.execute(update(sales_quote).where(here).values(moves=_quote.moves)).rowcount:
        raise NotMovedError("This quote is not what you were shown: look at it as it is now.")
    of = select(sales_quote_move).where(_move.quote_id == said.quote_id).order_by(_move.number.desc())
    return connection.execute(of.limit(1)).one()


def _decide(connection: Connection, said: Decision, asking: Any, state: str) -> None:
    here = (_asked.quote_id == said.quote_id) & (_asked.round == asking.number)
    if connection.scalar(select(_asked.role).where(here, _asked.decided_by == said.person)):
        raise NotMovedError("You have decided on this quote already: somebody else has to agree too.")
    mine = here & (_asked.role == said.role) & (_asked.state == "waiting") & (_asked.expires_at > said.at)
    values = {"state": state, "decided_by": said.person, "decided_at": said.at, "comment": said.comment}
    if not connection.execute(update(sales_quote_approval).where(mine).values(values)).rowcount:
        raise NotMovedError("Somebody else has decided meanwhile, or it was waited for too long.")


def _led(said: Decision, asking: Any, to: str, reason: str | None) -> Move:
    return Move(
        said.quote_id, WAITING, to, said.version, said.at, said.person, said.own_role, reason,
        asking.seal, asking.figures,
    )  # fmt: skip


def is_late(url: str | Engine, at: datetime) -> bool:
    """Whether a quote has waited too long. Raises NotChangedError."""
    with reading(url, UNREAD) as connection:
        return connection.execute(_ANY_LATE, {"late_at": at}).first() is not None


def expire(url: str, at: datetime, told: Callable[[str, str, str], Sequence[Letter]]) -> int:
    """Quotes that waited too long are drafts again; gives how many. Raises NotChangedError.

    told: the letters about a quote, by its id, for whom it is, and who asked.
    """
    with transaction(url, UNDECIDED) as connection:
        rows = connection.execute(_LATE, {"late_at": at}).all()
        for row in rows:
            mine = _IS_WAITING & (_asked.expires_at <= at) & (_asked.quote_id == row.quote_id)
            connection.execute(
                update(sales_quote_approval).where(mine).values(state="expired", decided_at=at)
            )
            late = Move(row.quote_id, WAITING, DRAFT, row.version, at, row.asked_by, "", reason=LATE)
            number, name = move(connection, late), letters.called(connection, row.quote_id)
            letters.write(connection, row.quote_id, number, told(row.quote_id, name, row.asked_by))
    return len(rows)


def to_remind(url: str | Engine, at: datetime) -> Sequence[Asked]:
    """Whose decision is waited for, and soon too late, and who were not reminded. Raises NotChangedError."""
    soon = (_asked.expires_at > at) & (_asked.expires_at <= at + REMINDED)
    found = _read(url, _IS_WAITING & soon & _asked.reminded_at.is_(None))
    return [each for each in found if each.remind_at <= at]


def remind(url: str, asked: Asked, at: datetime, told: Sequence[Letter]) -> bool:
    """Write to them once, unless they have decided or were reminded meanwhile. Raises NotChangedError."""
    here = (_asked.quote_id == asked.quote_id) & (_asked.round == asked.round) & (_asked.role == asked.role)
    still = here & _IS_WAITING & _asked.reminded_at.is_(None)
    with transaction(url, UNDECIDED) as connection:
        mine = update(sales_quote_approval).where(still).values(reminded_at=at)
        if connection.execute(mine).rowcount:
            letters.write(connection, asked.quote_id, f"{asked.round}:reminder", told)
            return True
    return False


def rounds(url: str | Engine, quote_id: str) -> Sequence[Asked]:
    """Everybody who was asked about a quote, the newest round first. Raises NotChangedError."""
    return _read(url, _asked.quote_id == quote_id)


def waiting(url: str | Engine) -> Sequence[Asked]:
    """What waits for anybody, the first to expire first. Raises NotChangedError."""
    found = _read(url, _IS_WAITING)
    return sorted(found, key=lambda each: (each.expires_at, each.quote_id, each.role))


def _read(url: str | Engine, which: Any) -> Sequence[Asked]:
    query = _EVERY.where(which)
    with reading(url, UNREAD) as connection:
        return [Asked(**row) for row in connection.execute(query).mappings()]

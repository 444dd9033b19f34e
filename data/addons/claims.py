"""Claims of customers for months with less uptime than promised, and the credit notes that came of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    exists,
    func,
    insert,
    select,
    true,
    union_all,
)

from data import audit
from data.addons.storage import By, Kept
from data.clock import now
from data.tables import mirror
from data.tables.actions import WAITING, action, action_step, approval
from data.tables.addons import addon_claim, addon_downtime
from data.writing import NotChangedError, reading, writing

KIND = "Credit downtime"
"""The name of the action that issues a credit note."""
UNREAD = "The database did not give the credits of the promise."
STATES = ("unknown", "running", "prepared", WAITING, "done")
"""How far a credit note is that counts, the least known first."""
row = addon_claim.c


@dataclass(frozen=True)
class Credited:
    """What was issued for a month, or is on its way; minor units, without tax.

    state: of the part that is least far; credit: the month's whole credit when the last part was asked for.
    """

    state: str
    at: datetime
    amount: int
    credit: int


@dataclass(frozen=True)
class Claim:
    """On which UTC day a customer claimed the credit of a month, and what is noted of it."""

    month: str
    claimed_on: date
    note: str | None


def note(url: str, kept: Kept, month: str, claimed_on: date | None, told: str | None, by: By) -> None:
    """Keep a claim of a month over an earlier one; no day takes it back. Raises NotChangedError."""
    at = now()
    values = {"setup_id": kept.id, "month": month, "claimed_on": claimed_on, "note": told}
    with writing(url, "credit claimed") as connection:
        connection.execute(insert(addon_claim).values(**values, written_at=at, written_by=by.person))
        what = f"claimed on {claimed_on}" if claimed_on else "claim taken back"
        entry = audit.Entry(
            at=at,
            person=by.person,
            role=by.role,
            what=f"Add-on {kept.addon}: credit of {month} {what}",
            outcome="done",
            customer_id=kept.customer_id,
            subject=kept.id,
            reason=told,
        )
        audit.write(connection, entry)


def standing(source: str | Engine, setup_id: str) -> dict[str, Claim]:
    """The claims of a set-up that stand, by month. Raises NotChangedError."""
    newest = select(func.max(row.id)).where(row.setup_id == setup_id).group_by(row.month)
    query = select(row.month, row.claimed_on, row.note).where(row.id.in_(newest), row.claimed_on.is_not(None))
    return {each.month: Claim(*each) for each in _read(source, query)}


def credited(source: str | Engine, setup_id: str) -> dict[str, Credited]:
    """How far the credit notes of each month are. Raises NotChangedError.

    What was refused, by Stripe or by a person, or is void at Stripe by now, is not there: it may be asked for
    again.
    """
    found: dict[str, Credited] = {}
    for each in _read(source, _notes(setup_id).order_by("created_at")):
        before, whole = found.get(each.month), each.credit or each.amount
        far = min((each.state, *([before.state] if before else [])), key=STATES.index)
        amount = each.amount + (before.amount if before else 0)
        found[each.month] = Credited(far, each.created_at, amount, whole)
    return found


def _notes(setup_id: str) -> CompoundSelect[Any]:
    """Each credit note that was asked for: month, state, created_at, amount, credit (null: of the whole)."""
    parts = []
    for table, states, counts in ((approval, (WAITING,), true()), (action, STATES, ~_is_void())):
        told = table.c.command
        columns = (told["month"].as_string().label("month"), table.c.state, table.c.created_at)
        sizes = [told[name].as_integer().label(name) for name in ("amount", "credit")]
        mine = (table.c.kind == KIND, table.c.state.in_(states), told["setup_id"].as_string() == setup_id)
        parts.append(select(*columns, *sizes).where(*mine, counts))
    return union_all(*parts)


def _is_void() -> ColumnElement[bool]:
    """Whether the credit note that an action has made was taken back at Stripe."""
    note, made = mirror.credit_note.c, action_step.c
    return exists().where(made.action_id == action.c.id, note.id == made.made, note.status == "void")


def may_be_credited(connection: Connection, begun: Any) -> None:
    """Raises NotChangedError where a month is not claimed any more, or its downtime is another by now."""
    told = begun.command
    mine = (row.setup_id == told["setup_id"], row.month == told["month"])
    query = select(row.claimed_on).where(*mine).order_by(row.id.desc()).limit(1)
    if connection.scalar(query) is None:
        raise NotChangedError(f"Nobody claims the credit of {told['month']} any more: nothing was issued.")
    each = addon_downtime.c
    noted = (each.setup_id == told["setup_id"], each.month == told["month"])
    stands = connection.scalar(select(each.minutes).where(*noted).order_by(each.id.desc()).limit(1))
    if stands != told["minutes"]:
        raise NotChangedError(
            f"The downtime of {told['month']} was changed meanwhile, so nothing was issued: look at its "
            "credit as it is now."
        )


def _read(source: str | Engine, query: Any) -> Any:
    with reading(source, UNREAD) as connection:
        return connection.execute(query).all()

"""What is owed at each of several instants: the invoices that were owed at any of them are read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Engine,
    Select,
    Subquery,
    and_,
    case,
    false,
    null,
    or_,
    select,
    true,
    union_all,
)

from data.frames.invoice_list import AGES
from data.frames.reading import INSTANT, read
from data.frames.receivables import LIMITS, closed_since, final_by, of, still
from data.frames.settled import NEVER, Flags, Ints, micros
from data.frames.shared import Audiences, scanned
from data.tables import mirror

invoice, note, payment = mirror.invoice.c, mirror.credit_note.c, mirror.invoice_payment.c
SHOWN = (invoice.id, invoice.currency, invoice.finalized_at, invoice.falls_due_at)
DAY = 86_400_000_000
MISSING = np.iinfo(np.int64).min


def owed_over_time(engine: Engine, ats: Sequence[datetime], *, audiences: Audiences = None) -> pd.DataFrame:
    """What all owe at one or more instants: at, currency, age, open (minor units), invoices."""
    notes = _notes(engine, min(ats))
    parts = [_read(engine, ats, audiences, notes, is_open=is_open) for is_open in (True, False)]
    rows = pd.concat([part.owed(ats) for part in parts], ignore_index=True)
    sums = rows.groupby(["at", "currency", "age"], dropna=False).agg(
        open=("open", "sum"), invoices=("open", "size")
    )
    return sums.astype("Int64").reset_index()


@dataclass(frozen=True)
class _Changes:
    """Amounts that came or went at an instant (microseconds), each of an invoice (its place)."""

    place: Ints
    at: Ints
    amount: Ints

    def summed(self, some: Flags, size: int) -> Ints:
        """Of each of so many invoices, the sum of some; whole numbers stay whole."""
        sums = np.zeros(size, "int64")
        np.add.at(sums, self.place[some], self.amount[some])
        return sums


@dataclass(frozen=True)
class _Part:
    """Invoices that are open now, or that were closed since, with what was paid and credited."""

    invoices: pd.DataFrame  # id, currency, finalized_at, falls_due_at, closed_at (null: open), base
    payments: _Changes
    credits: _Changes  # what notes took off, and what those that were voided gave back

    def owed(self, ats: Sequence[datetime]) -> pd.DataFrame:
        """The invoices owed at each instant: at, currency, age, open."""
        final, due, end = (
            micros(self.invoices[name]) for name in ("finalized_at", "falls_due_at", "closed_at")
        )
        end = np.where(self.invoices["closed_at"].isna(), NEVER, end)
        base = self.invoices["base"].to_numpy("int64")
        moments: pd.Series[pd.Timestamp] = pd.Series(list(ats), dtype=INSTANT)
        found = []
        for place, then in enumerate(micros(moments)):
            amount = base + self._came(then, end == NEVER)
            (places,) = np.nonzero((final <= then) & (end > then) & (amount > 0))
            limits = np.array([then - days * DAY for days in LIMITS])
            ages = (due[places, None] < limits).sum(axis=1)
            found.append((np.full(len(places), place), places, ages, amount[places]))
        number, places, ages, amount = (np.concatenate(each) for each in zip(*found, strict=True))
        columns = {
            "at": moments.take(number).array,
            "currency": self.invoices["currency"].take(places).array,
            "age": pd.array(np.array(list(AGES), dtype=object)[ages], dtype="string"),
            "open": pd.array(amount, dtype="Int64"),
        }
        return pd.DataFrame(columns)

    def _came(self, then: np.int64, is_open: Flags) -> Ints:
        """What an invoice was owed at an instant more than its base."""
        size = len(self.invoices)
        later, earlier = self.payments.at > then, self.payments.at <= then
        paid = np.where(is_open, self.payments.summed(later, size), -self.payments.summed(earlier, size))
        return paid + self.credits.summed(self.credits.at > then, size)


def _read(
    engine: Engine, ats: Sequence[datetime], audiences: Audiences, notes: pd.DataFrame, *, is_open: bool
) -> _Part:
    closed = _closed if audiences is None else _closed_of
    asked = _open(ats, of(audiences)) if is_open else closed(ats, of(audiences))
    rows = read(engine, _with_payments(asked.subquery(), is_open=is_open)).dropna(subset="base")
    invoices = rows.drop_duplicates("id", ignore_index=True)
    places = pd.Index(invoices["id"])
    paid = rows.rename(columns={"id": "invoice_id", "paid_at": "at", "amount_paid": "amount"})
    return _Part(invoices, _changes(paid.dropna(subset="at"), places), _credits(notes, places))


def _open(ats: Sequence[datetime], whose: ColumnElement[bool]) -> Select[Any]:
    """Invoices that are open now: SHOWN, closed_at (null), base (what is left)."""
    end = null().cast(invoice.closed_at.type).label("closed_at")
    query = select(*SHOWN, end, invoice.amount_remaining.label("base"))
    return query.where(still(), final_by(max(ats)), invoice.deleted_at.is_(None), whose)


def _closed(ats: Sequence[datetime], whose: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Invoices that were owed at one of the instants and are closed since: SHOWN, closed_at, base (was due).

    From one instant to the next those closed in between: each part of the index is gone through once.
    """
    starts = sorted(set(ats))
    parts = [
        _due(whose).where(
            closed_since(start),
            true() if end is None else invoice.closed_at <= end,
            scanned(invoice.finalized_at) <= start,
        )
        for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]
    return union_all(*parts)


def _closed_of(ats: Sequence[datetime], whose: ColumnElement[bool]) -> Select[Any]:
    """The same of some customers, who are gone through once."""
    newest_first = sorted(ats, reverse=True)
    owed = case(*((invoice.closed_at > at, invoice.finalized_at <= at) for at in newest_first), else_=false())
    return _due(whose).where(closed_since(min(ats)), owed)


def _due(whose: ColumnElement[bool]) -> Select[Any]:
    query = select(*SHOWN, invoice.closed_at, invoice.amount_due.label("base"))
    return query.where(invoice.deleted_at.is_(None), whose)


def _with_payments(each: Subquery, *, is_open: bool) -> Select[Any]:
    """The same with paid_at and amount_paid: a row for each payment before it was closed, or one without."""
    paid = and_(payment.invoice_id == each.c.id, payment.deleted_at.is_(None))
    if not is_open:
        paid = and_(paid, payment.paid_at < each.c.closed_at)
    query = select(*each.c, payment.paid_at, payment.amount_paid)
    return query.join(mirror.invoice_payment, paid, isouter=True)


def _notes(engine: Engine, first: datetime) -> pd.DataFrame:
    """Credit notes since an instant, and those that were voided at any time."""
    columns = (note.invoice_id, note.created_at, note.voided_at, note.status)
    query = select(*columns, note.pre_payment_amount.label("amount"))
    later = or_(note.created_at > first, note.status == "void")
    return read(engine, query.where(later, note.deleted_at.is_(None)))


def _credits(notes: pd.DataFrame, places: "pd.Index[str]") -> _Changes:
    """Each note as what it took off when it was issued, and the opposite when it was voided."""
    issued = _changes(notes.rename(columns={"created_at": "at"}), places)
    void = notes.loc[(notes["status"] == "void").fillna(False)]
    back = _changes(void.assign(amount=-void["amount"]).rename(columns={"voided_at": "at"}), places)
    ended = np.where(back.at == MISSING, NEVER, back.at)
    return _Changes(
        np.concatenate([issued.place, back.place]),
        np.concatenate([issued.at, ended]),
        np.concatenate([issued.amount, back.amount]),
    )


def _changes(rows: pd.DataFrame, places: "pd.Index[str]") -> _Changes:
    """Rows with invoice_id, at and amount; those of an unknown amount change nothing."""
    rows = rows.dropna(subset="amount")
    place = places.get_indexer(pd.Index(rows["invoice_id"])).astype("int64")
    known = place >= 0
    return _Changes(place[known], micros(rows["at"])[known], rows["amount"].to_numpy("int64")[known])

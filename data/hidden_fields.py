"""Fields that not everybody may see: what each kind holds, and queries in which it is not there."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, Select, Table, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from data.tables import application, customers, mirror, receivables, renewals, search

PERSONAL, COMMENTS, BANK = "personal data", "comments", "bank details"
HIDDEN: Mapping[str, tuple[Column[Any], ...]] = {
    PERSONAL: (
        mirror.customer.c.email,
        mirror.customer.c.phone,
        mirror.invoice.c.customer_email,
        application.account.c.owner,
        search.search_owner.c.email,
    ),
    COMMENTS: (
        mirror.subscription.c.cancellation_comment,
        mirror.credit_note.c.memo,
        customers.customer_note.c.text,
        renewals.renewal_note.c.note,
        receivables.receivable_note.c.text,
    ),
    BANK: (mirror.payment_method.c.card_last4,),
}
"""The columns of each kind of field. Events are whole objects as Stripe sent them: IN_EVENTS."""
KINDS = frozenset(HIDDEN)
NAMES: Mapping[str, frozenset[str]] = {
    PERSONAL: frozenset({"email", "customer_email", "owner_email"}),
    COMMENTS: frozenset({"comment", "note"}),
    BANK: frozenset({"last4"}),
}
"""What columns of tables with them are called."""

IN_EVENTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    PERSONAL: (("email",), ("phone",), ("customer_email",)),
    COMMENTS: (("cancellation_details", "comment"),),
    BANK: (("card", "last4"),),
}
"""Where events have such fields, in `object` and in `previous_attributes`."""


def touches(table: Table, hidden: frozenset[str]) -> bool:
    """Whether a table holds fields of these kinds."""
    return table is mirror.event or bool(_gone(table, hidden))


def _gone(table: Table, hidden: frozenset[str]) -> set[str]:
    return {column.name for kind in hidden for column in HIDDEN[kind] if column.table is table}


def without(
    rows: Select[Any] | CompoundSelect[Any], table: Table, hidden: frozenset[str], dialect: str
) -> Select[Any]:
    """Rows of a table without their hidden fields: null there, empty where null may not be."""
    gone, shown = _gone(table, hidden), rows.subquery().c
    columns = []
    for name, column in table.c.items():
        if name in gone:
            columns.append(_empty(column))
        elif column is mirror.event.c.data:
            columns.append(_cut(shown[name], hidden, dialect).label(name))
        else:
            columns.append(shown[name])
    return select(*columns)


def _empty(column: Column[Any]) -> ColumnElement[Any]:
    return cast(null() if column.nullable else literal(""), column.type).label(column.name)


def _cut(data: ColumnElement[Any], hidden: frozenset[str], dialect: str) -> ColumnElement[Any]:
    """What an event holds, without its hidden fields."""
    sides = ("object", "previous_attributes")
    paths = [(side, *path) for kind in sorted(hidden) for path in IN_EVENTS[kind] for side in sides]
    if dialect == "sqlite":
        return func.json_remove(data, *(literal(".".join(("$", *path))) for path in paths))
    for path in paths:
        data = data.op("#-")(cast(literal("{" + ",".join(path) + "}"), ARRAY(Text)))
    return data

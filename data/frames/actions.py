"""What people had done at Stripe, what is not finished or waits for approval, and the audit of it."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, Text, bindparam, cast, func, or_, select

from data.frames.reading import read
from data.quotes.states import WAITING as QUOTE_WAITS
from data.tables import mirror
from data.tables.actions import UNFINISHED, WAITING, action, approval, audit_entry
from data.tables.quotes import sales_quote, sales_quote_version

entry, customer = audit_entry.c, mirror.customer.c
prospect = sales_quote_version.c.fields["prospect"].as_string()
SEARCHED = (
    entry.person,
    entry.role,
    entry.what,
    entry.outcome,
    entry.subject,
    entry.reason,
    entry.customer_id,
    customer.name,
    prospect,
    approval.c.decided_by,
    cast(entry.request_ids, Text),
)
MOST_WORDS = 8


def audit_entries(
    engine: Engine,
    *,
    customer_id: str | None = None,
    since: datetime | None = None,
    text: str = "",
    last: int | None = None,
    limit: int = 1000,
) -> pd.DataFrame:
    """The audit, the newest entry first; text: what all of its words are found in, last: up to this id.

    id, at, person, role, what, outcome (done, refused, unknown), customer_id, customer_name, prospect (whom
    a quote is for that names no customer, as its newest version has it), subject, reason,
    before and after (mappings), request_ids (texts), action_id, approved_by (null: nobody had to).
    """
    agreed = (approval.c.action_id == entry.action_id) & (approval.c.state == "approved")
    of_quote = (sales_quote.c.id == entry.subject) & entry.customer_id.is_(None)
    version = sales_quote_version.c
    newest = (version.quote_id == sales_quote.c.id) & (version.version == sales_quote.c.version)
    query = select(
        entry.id,
        entry.at,
        entry.person,
        entry.role,
        entry.what,
        entry.outcome,
        entry.customer_id,
        customer.name.label("customer_name"),
        prospect.label("prospect"),
        entry.subject,
        entry.reason,
        entry.before,
        entry.after,
        entry.request_ids,
        entry.action_id,
        approval.c.decided_by.label("approved_by"),
    ).join(mirror.customer, customer.id == entry.customer_id, isouter=True)
    query = query.join(approval, agreed, isouter=True)
    query = query.join(sales_quote, of_quote, isouter=True)
    query = query.join(sales_quote_version, newest, isouter=True)
    if customer_id is not None:
        query = query.where(entry.customer_id == customer_id)
    if since is not None:
        query = query.where(entry.at >= since)
    if last is not None:
        query = query.where(entry.id <= last)
    for word in text.split()[:MOST_WORDS]:
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    return read(engine, query.order_by(entry.id.desc()).limit(limit))


def last_audit_entry(engine: Engine) -> int:
    """The id of the newest entry; 0 where there is none."""
    with engine.connect() as connection:
        return connection.scalar(select(func.max(entry.id))) or 0


def unfinished_actions(engine: Engine) -> pd.DataFrame:
    """Actions without a known end, the oldest first.

    id, kind, customer_id, customer_name, subject, person, reason, state (prepared, running, unknown), told,
    created_at.
    """
    columns = action.c
    query = (
        select(
            columns.id,
            columns.kind,
            columns.customer_id,
            customer.name.label("customer_name"),
            columns.subject,
            columns.person,
            columns.reason,
            columns.state,
            columns.told,
            columns.created_at,
        )
        .join(mirror.customer, customer.id == columns.customer_id, isouter=True)
        .where(columns.state.in_(UNFINISHED))
    )
    return read(engine, query.order_by(columns.created_at))


def approvals(engine: Engine, *, limit: int = 500) -> pd.DataFrame:
    """Requests for approval: those that wait first, the oldest on top, then what was decided, newest first.

    id, kind, customer_id, customer_name, subject, person, role, reason, over (texts), shown (the preview that
    was asked with, a mapping), state (waiting, approved, declined, withdrawn, expired), decided_by, comment,
    action_id, action_state, created_at, expires_at, decided_at.
    """
    columns = [each for each in approval.c if each.name != "command"]
    query = (
        select(*columns, customer.name.label("customer_name"), action.c.state.label("action_state"))
        .join(mirror.customer, customer.id == approval.c.customer_id, isouter=True)
        .join(action, action.c.id == approval.c.action_id, isouter=True)
    )
    waits = approval.c.state == WAITING
    first = read(engine, query.where(waits).order_by(approval.c.created_at).limit(limit))
    rest = read(engine, query.where(~waits).order_by(approval.c.decided_at.desc()).limit(limit))
    return pd.concat([each for each in (first, rest) if len(each)] or [first], ignore_index=True)


LATE = bindparam("at", type_=approval.c.expires_at.type)
WAIT_AT = select(
    select(func.count()).where(approval.c.state == WAITING, approval.c.expires_at > LATE).scalar_subquery()
    + select(func.count()).where(sales_quote.c.state == QUOTE_WAITS).scalar_subquery()
)


def approvals_waiting(engine: Engine, *, at: datetime) -> int:
    """How many requests and quotes wait for approval at an instant; asked in every run of every page."""
    with engine.connect() as connection:
        return connection.scalar(WAIT_AT, {"at": at}) or 0

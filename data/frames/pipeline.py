"""Quotes as they stand, and every move between their states."""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Engine, case, func, null, select

from data.clock import last_day
from data.frames.reading import INSTANT, made
from data.quotes.drafts import called
from data.quotes.states import DRAFT
from data.tables import mirror
from data.tables.offers import quote_offer
from data.tables.quotes import sales_quote, sales_quote_move, sales_quote_version

quote, version, move, offer = sales_quote.c, sales_quote_version.c, sales_quote_move.c, quote_offer.c
FIGURES = ("total", "arr", "recurring_list", "recurring_net", "term")
"""What a quote came to at its last move that says so: data.quotes.states.Figures."""
CHANGES = select(func.count(), func.sum(quote.version + quote.moves), func.max(quote.changed_at))
DTYPES: dict[str, Any] = {
    "quote_id": "string",
    "quote": "string",
    "state": "string",
    "since": INSTANT,
    "created_at": INSTANT,
    "owner": "string",
    "customer_id": "string",
    "name": "string",
    "expires_on": "datetime64[us]",
    "currency": "string",
    **dict.fromkeys(FIGURES, "Int64"),
    "fields": "object",
}


def quotes_changed(engine: Engine) -> str:
    """Another text whenever a quote was begun, edited or moved: drafts change without a data version.

    By counts: an instant may be older than one that was written before it.
    """
    with engine.connect() as connection:
        return " ".join(map(str, connection.execute(CHANGES).one()))


def quote_pipeline(engine: Engine, changed: str = "") -> pd.DataFrame:
    """A row for each quote as it is now, those that have stood still longest first; the columns are DTYPES.

    since is when it came into its state, owner who began it, name the customer's or prospect's, quote what
    people call it; expires_on the last day to accept it, once it is sent as Stripe has it. Amounts are
    in minor units of its currency, null until it was first asked for; fields are those of a draft alone.
    changed is quotes_changed, by which the frame is kept.
    """
    last = (
        select(move.quote_id, func.max(move.number).label("number"))
        .where(move.figures.is_not(None))
        .group_by(move.quote_id)
        .subquery()
    )
    entered = select(move.quote_id, func.max(move.at).label("at")).group_by(move.quote_id).subquery()
    told = version.fields
    query = (
        select(
            quote.id,
            quote.number,
            quote.state,
            func.coalesce(entered.c.at, quote.created_at, type_=quote.created_at.type).label("since"),
            quote.created_at,
            quote.created_by,
            told["customer_id"].as_string().label("customer_id"),
            mirror.customer.c.name,
            told["prospect"].as_string().label("prospect"),
            told["expires_on"].as_string().label("expires_on"),
            offer.expires_at,
            told["currency"].as_string().label("currency"),
            move.figures,
            case((quote.state == DRAFT, told), else_=null()).label("fields"),
        )
        .join(sales_quote_version, (version.quote_id == quote.id) & (version.version == quote.version))
        .join(last, last.c.quote_id == quote.id, isouter=True)
        .join(quote_offer, (offer.quote_id == quote.id) & (offer.state == "open"), isouter=True)
        .join(entered, entered.c.quote_id == quote.id, isouter=True)
        .join(sales_quote_move, (move.quote_id == quote.id) & (move.number == last.c.number), isouter=True)
        .join(mirror.customer, mirror.customer.c.id == told["customer_id"].as_string(), isouter=True)
        .order_by("since", quote.id)
    )
    with engine.connect() as connection:
        rows = [_row(each) for each in connection.execute(query)]
    return made(rows, DTYPES)


def _row(each: Any) -> tuple[Any, ...]:
    figures = each.figures or {}
    return (
        each.id,
        called(each.number, each.id),
        each.state,
        each.since,
        each.created_at,
        each.created_by,
        each.customer_id or None,
        each.name or each.prospect or each.customer_id or None,
        last_day(each.expires_at) if each.expires_at else _day(each.expires_on),
        figures.get("currency") or each.currency or None,
        *(figures.get(name) for name in FIGURES),
        each.fields,
    )


def _day(text: str | None) -> date | None:
    """A day as it was typed; None where it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def quote_moves(engine: Engine, changed: str = "") -> pd.DataFrame:
    """Every move of every quote, in order: quote_id, number, from_state, to_state, at, person, reason."""
    names = ("quote_id", "number", "from_state", "to_state", "at", "person", "reason")
    query = select(*(move[name] for name in names)).order_by(move.quote_id, move.number)
    with engine.connect() as connection:
        rows = [tuple(each) for each in connection.execute(query)]
    dtypes = dict.fromkeys(names, "string") | {"number": "Int64", "at": INSTANT}
    return made(rows, dtypes)

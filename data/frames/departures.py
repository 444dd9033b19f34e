"""Who left, customer by customer and month by month, so that those lost add up to the flow of subscribers.

A row is a customer, a month and a currency, and `how` says what the month came to:
left: a subscriber when the month began and of nothing when it ended; other_currency: of nothing in this
currency any more, but still a customer; joined_and_left: no subscriber when it began; changed_plan: came to
the chosen plans inside the month and then left; came_back: left, and is a subscriber again at its end.
The flow's "lost" are left and other_currency together. Over several currencies a customer counts once.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import (
    CTE,
    ColumnElement,
    Engine,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from data.frames.days import day_of, month_of_day
from data.frames.leavers import asked_for, cells_of
from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, manager_of
from data.tables import ledger, mirror

moved, customer, subscription = ledger.movement.c, mirror.customer.c, mirror.subscription.c
NOT_PAYING = ("unpaid", "paused")


def departures(
    engine: Engine,
    months: Collection[str],
    *,
    bounds: Sequence[int] = (),
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """How many left: month, currency, how, cohort, size, reason, feedback, standing, customers, arr, churn.

    cohort is the month of the first movement; size how many of `bounds` (ARR, ascending) the run rate that
    was lost reaches. standing: "unpaid" or "paused" where a subscription stopped counting but has not ended.
    arr is what left, above 0, and churn the part of it that is of the kind churn: what goes of one currency
    while another stays is a contraction.
    """
    rows = _rows(engine, months, products, intervals, currencies, audiences).c
    steps = [case((rows.size >= bound, 1), else_=0) for bound in bounds]
    size = sum(steps[1:], steps[0]) if steps else literal(0)
    what = (rows.month, rows.currency, rows.how, month_of_day(engine, rows.first_day).label("cohort"))
    key = (*what, size.label("size"), rows.reason, rows.feedback, rows.standing)
    sums = (total(column).label(column.name) for column in (rows.customers, rows.arr, rows.churn))
    return read(engine, select(*key, *sums).group_by(*key).order_by(*key))


def departed_once(
    engine: Engine,
    months: Collection[str],
    *,
    hows: Collection[str] | None = None,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """How many different customers left, whoever left twice counted once; one row: customers."""
    rows = _rows(engine, months, products, intervals, currencies, audiences).c
    query = select(func.count(rows.customer_id.distinct()).label("customers"))
    return read(engine, narrowed(query, (rows.how, hows)))


def departed(
    engine: Engine,
    months: Collection[str],
    *,
    search: str = "",
    hows: Collection[str] | None = None,
    reasons: Collection[str] | None = None,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Collection[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Those who left by name, the latest first, at most `limit`.

    customer_id, customer_name, email, account_manager, month, day, how, held ("product:interval" joined by
    "|"), currency, arr, reason, feedback, comment, standing, first_day. search looks in names, e-mail
    addresses, ids, feedback and comments, whatever the case.
    """
    rows = _rows(engine, months, products, intervals, currencies, audiences).c
    about = (customer.name.label("customer_name"), customer.email, manager_of(rows.customer_id))
    when = (rows.month, rows.day, rows.how, rows.held, rows.currency, rows.arr)
    why = (rows.reason, rows.feedback, rows.comment, rows.standing, rows.first_day)
    query = select(rows.customer_id, *about, *when, *why)
    query = query.join(mirror.customer, customer.id == rows.customer_id, isouter=True)
    query = narrowed(query, (rows.how, hows), (rows.reason, reasons))
    if words := search.split():
        told = (rows.customer_id, customer.name, customer.email, rows.feedback, rows.comment)
        query = query.where(*(_says(told, word) for word in words))
    frame = read(engine, query.order_by(rows.day.desc(), rows.arr.desc(), rows.customer_id).limit(limit))
    held = ["|".join(sorted(cells.split("|"))) for cells in frame["held"]]
    return frame.assign(held=pd.Series(held, index=frame.index, dtype="string"))


def _says(texts: Sequence[ColumnElement[str]], word: str) -> ColumnElement[bool]:
    """Whether a word is part of any text; "too expensive" finds too_expensive."""
    plain = (func.replace(func.lower(text), "_", " ") for text in texts)
    return or_(*(text.contains(word.lower().replace("_", " "), autoescape=True) for text in plain))


def _rows(
    engine: Engine,
    months: Collection[str],
    products: Iterable[str] | None,
    intervals: Iterable[str] | None,
    currencies: Collection[str] | None,
    audiences: Audiences,
) -> CTE:
    """The departures, a row a customer, month and currency, with why the last subscription ended."""
    asked = asked_for(products, intervals)
    cells = cells_of(engine, asked, months, currencies, audiences)
    whole, parts = _people(cells), _amounts(cells)
    people, amounts = whole.c, parts.c
    theirs = mirror.subscription.alias().c
    ended = (
        select(theirs.id)
        .where(
            theirs.customer_id == people.customer_id,
            theirs.status == "canceled",
            day_of(engine, theirs.ended_at) == people.day,
        )
        .order_by(theirs.ended_at.desc(), theirs.id.desc())
        .limit(1)
    )
    waiting = select(func.max(theirs.status)).where(
        theirs.customer_id == people.customer_id, theirs.status.in_(NOT_PAYING)
    )
    first = select(func.min(moved.day)).where(
        moved.customer_id == people.customer_id, moved.kind == "new", moved.day <= people.day
    )
    return (
        select(
            people.customer_id,
            people.month,
            people.day,
            _how(people).label("how"),
            amounts.currency,
            amounts.arr,
            amounts.churn,
            amounts.size,
            amounts.held,
            case((amounts.currency == people.main, 1), else_=0).label("customers"),
            first.scalar_subquery().label("first_day"),
            subscription.cancellation_reason.label("reason"),
            subscription.cancellation_feedback.label("feedback"),
            subscription.cancellation_comment.label("comment"),
            case((subscription.id.is_(None), waiting.scalar_subquery())).label("standing"),
        )
        .select_from(whole)
        .join(parts, and_(amounts.customer_id == people.customer_id, amounts.month == people.month))
        .join(mirror.subscription, subscription.id == ended.scalar_subquery(), isouter=True)
        .where(
            or_(
                and_(people.held == 1, people.end == 0),
                and_(people.here == 1, people.start + people.end == 0),
                people.churned > 0,
            )
        )
        .cte("departures")
    )


def _people(cells: CTE) -> CTE:
    """Each candidate's month over all its cells; main is the currency in which it is counted."""
    cell = cells.c
    had = and_(cell.asked == 1, cell.start > 0)
    here = and_(cell.asked == 1, cell.start + cell.churned + cell.shrunk > 0)
    return (
        select(
            cell.customer_id,
            cell.month,
            func.max(cell.day).label("day"),
            total(cell.start).label("start"),
            total(cell.end).label("end"),
            total(cell.churned).label("churned_in_all"),
            total(case((cell.asked == 1, cell.churned), else_=0)).label("churned"),
            func.max(case((had, 1), else_=0)).label("held"),
            func.max(case((here, 1), else_=0)).label("here"),
            func.min(case((here, cell.currency))).label("main"),
        )
        .group_by(cell.customer_id, cell.month)
        .cte("people")
    )


def _amounts(cells: CTE) -> CTE:
    """What each candidate lost of a currency, its size before that, and the cells it had."""
    cell = cells.c
    lost = case((cell.asked == 1, cell.churned), else_=0)
    shrunk = case((cell.asked == 1, cell.shrunk), else_=0)
    here = and_(cell.asked == 1, cell.start + cell.churned + cell.shrunk > 0)
    arr = case((func.sum(cell.churned) > 0, total(lost)), else_=total(shrunk))
    names = func.aggregate_strings(case((here, cell.plan + ":" + cell.interval)), "|")
    return (
        select(
            cell.customer_id,
            cell.month,
            cell.currency,
            arr.label("arr"),
            total(lost).label("churn"),
            case((func.sum(cell.start) > 0, total(cell.start)), else_=arr).label("size"),
            names.label("held"),
        )
        .group_by(cell.customer_id, cell.month, cell.currency)
        .having(func.max(case((here, 1), else_=0)) == 1)
        .cte("amounts")
    )


def _how(people: Any) -> ColumnElement[str]:
    """What a customer's month came to."""
    lost = and_(people.held == 1, people.end == 0)
    return case(
        (and_(lost, people.churned_in_all > 0), "left"),
        (lost, "other_currency"),
        (people.end > 0, "came_back"),
        (people.start == 0, "joined_and_left"),
        else_="changed_plan",
    )

"""What those who may have left in a month had of each currency, plan and interval, and lost of it."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Engine,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    text,
    true,
    union_all,
)

from data.clock import month_start, next_month
from data.frames.reading import narrowed, total
from data.frames.shared import Audiences, of_audiences
from data.rollups import EVERYBODY
from data.tables import ledger

moved = ledger.movement.c


def asked_for(products: Iterable[str] | None, intervals: Iterable[str] | None) -> ColumnElement[bool]:
    """Whether a movement is of what is asked for."""
    conditions = (
        column.in_(list(values))
        for column, values in ((moved.plan, products), (moved.interval, intervals))
        if values is not None
    )
    return and_(true(), *conditions)


def cells_of(
    engine: Engine,
    asked: ColumnElement[bool],
    months: Collection[str],
    currencies: Collection[str] | None,
    audiences: Audiences,
) -> CTE:
    """What each who may have left had and lost of every currency, plan and interval.

    Who churned; and, of one currency, who shrank in it and has another one too, as far as anybody did.
    """
    churned = _moved("churn", months, currencies, audiences).cte("churned")
    cells = _churned_cells(churned, asked, currencies)
    mixed = [] if currencies is None else _mixed_months(engine, months)
    if not mixed:
        return cells.cte("cells")
    another, them = ledger.movement.alias().c, churned.c
    elsewhere = exists().where(another.customer_id == moved.customer_id, another.currency != moved.currency)
    shrunk = _moved("contraction", mixed, currencies, audiences).where(elsewhere).cte("shrunk")
    told = exists().where(them.customer_id == shrunk.c.customer_id, them.month == shrunk.c.month)
    return union_all(cells, _shrunk_cells(shrunk, asked, currencies).where(~told)).cte("cells")


def _moved(
    kind: str, months: Collection[str], currencies: Collection[str] | None, audiences: Audiences
) -> Select[Any]:
    """Customers with a movement of a kind in each month, and its last day; the condition is an index's."""
    spans = union_all(*map(_span, sorted(months) or ["0001-01"])).cte(f"months_of_{kind}")
    mine = (moved.customer_id, spans.c.month, spans.c.first, spans.c.after)
    query = (
        select(*mine, func.max(moved.day).label("last"))
        .select_from(ledger.movement)
        .join(spans, and_(moved.day >= spans.c.first, moved.day < spans.c.after))
        .where(text(f"kind = '{kind}'"), of_audiences(moved.customer_id, audiences))
        .group_by(*mine)
    )
    return narrowed(query, (moved.currency, currencies))


def _mixed_months(engine: Engine, months: Collection[str]) -> list[str]:
    """The months in which somebody left a currency and not all of them: then more leave those than us."""
    flow = ledger.month_transition.c
    sums = func.sum(case((flow.currency == "", -flow.customers), else_=flow.customers))
    query = select(flow.month).where(
        flow.audience_id == EVERYBODY, flow.held_after == "", flow.month.in_(list(months))
    )
    with engine.connect() as connection:
        return list(connection.execute(query.group_by(flow.month).having(sums > 0)).scalars())


def _span(month: str) -> Select[Any]:
    days = (literal(month_start(each).date(), Date) for each in (month, next_month(month)))
    columns: tuple[ColumnElement[Any], ...] = (literal(month, Text), *days)
    named = (column.label(name) for name, column in zip(("month", "first", "after"), columns, strict=True))
    return select(*named)


def _churned_cells(
    churned: CTE, asked: ColumnElement[bool], currencies: Collection[str] | None
) -> Select[Any]:
    """Of those who churned, from the movements of their month alone: after a churn everything is at 0."""
    mine = churned.c
    start = total(case((moved.day <= mine.last, -moved.delta_arr), else_=0))
    end = total(case((moved.day > mine.last, moved.delta_arr), else_=0))
    query = _summed(mine, asked, start, end, moved.day >= mine.first).where(moved.day >= mine.first)
    return narrowed(query, (moved.currency, currencies))


def _shrunk_cells(shrunk: CTE, asked: ColumnElement[bool], currencies: Collection[str] | None) -> Select[Any]:
    """Of those who shrank, from all their movements until the month's end."""
    mine = shrunk.c
    here = moved.day >= mine.first
    start = total(case((here, 0), else_=moved.delta_arr))
    return narrowed(_summed(mine, asked, start, total(moved.delta_arr), here), (moved.currency, currencies))


def _summed(
    mine: Any,
    asked: ColumnElement[bool],
    start: ColumnElement[int],
    end: ColumnElement[int],
    here: ColumnElement[bool],
) -> Select[Any]:
    """A row for each customer, month and cell; here: whether a movement is of the month."""
    cell = (mine.customer_id, mine.month, moved.currency, moved.plan, moved.interval)
    lost = {
        name: total(case((and_(here, moved.kind == kind), -moved.delta_arr), else_=0)).label(name)
        for name, kind in (("churned", "churn"), ("shrunk", "contraction"))
    }
    day = func.max(case((and_(here, moved.kind.in_(("churn", "contraction"))), moved.day))).label("day")
    return (
        select(
            *cell,
            case((asked, 1), else_=0).label("asked"),
            start.label("start"),
            end.label("end"),
            *lost.values(),
            day,
        )
        .join(ledger.movement, and_(moved.customer_id == mine.customer_id, moved.day < mine.after))
        .group_by(*cell)
    )

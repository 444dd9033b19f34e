"""What customers hold at an instant, from the timeline: exact for any instant that the ledger reaches."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, Select, func, select

from data.frames.reading import narrowed, read, total
from data.frames.shared import Audiences, in_force, manager_of, of_audiences
from data.tables import ledger, mirror

line, customer, product = ledger.timeline.c, mirror.customer.c, mirror.product.c


def customers_held(
    engine: Engine,
    at: datetime,
    *,
    products: Iterable[str] | None = None,
    intervals: Iterable[str] | None = None,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Who holds what, largest first; None leaves a filter out.

    customer_id, name, email, account_manager, product_id, interval, currency, arr.
    """
    cell = (line.customer_id, line.product_id, line.interval, line.currency)
    arr = total(line.arr).label("arr")
    held = select(*cell, arr).where(in_force(at), of_audiences(line.customer_id, audiences)).group_by(*cell)
    held = narrowed(
        held, (line.product_id, products), (line.interval, intervals), (line.currency, currencies)
    )
    top = held.order_by(arr.desc(), line.customer_id, line.product_id).limit(limit).subquery()
    people = (customer.name, customer.email, manager_of(top.c.customer_id))
    query = select(
        top.c.customer_id, *people, top.c.product_id, top.c.interval, top.c.currency, top.c.arr
    ).join(mirror.customer, customer.id == top.c.customer_id, isouter=True)
    return read(engine, query.order_by(top.c.arr.desc(), top.c.customer_id, top.c.product_id))


def customer_arr(engine: Engine, at: datetime, audiences: Audiences = None) -> pd.DataFrame:
    """Every subscriber's run rate at an instant: customer, currency, arr."""
    query = select(line.customer_id.label("customer"), line.currency, total(line.arr).label("arr"))
    query = query.where(in_force(at), of_audiences(line.customer_id, audiences))
    query = query.group_by(line.customer_id, line.currency)
    return read(engine, query.order_by(line.customer_id, line.currency))


def arr_now(engine: Engine, at: datetime, audiences: Audiences = None) -> pd.DataFrame:
    """Run rate and subscribers at an instant: currency, arr, subscribers."""
    counted = func.count(line.customer_id.distinct()).label("subscribers")
    query = select(line.currency, total(line.arr).label("arr"), counted).where(
        in_force(at), of_audiences(line.customer_id, audiences)
    )
    return read(engine, query.group_by(line.currency).order_by(line.currency))


def plan_mix(engine: Engine, at: datetime, audiences: Audiences = None) -> pd.DataFrame:
    """What is held at an instant by product name: product, interval, currency, customers, arr."""
    name = func.coalesce(product.name, line.product_id, "").label("product")
    cell = (name, line.interval, line.currency)
    counted = func.count(line.customer_id.distinct()).label("customers")
    query: Select[tuple[str, str, str, int, int]] = (
        select(*cell, counted, total(line.arr).label("arr"))
        .join(mirror.product, product.id == line.product_id, isouter=True)
        .where(in_force(at), of_audiences(line.customer_id, audiences))
        .group_by(*cell)
    )
    return read(engine, query).sort_values(["product", "interval", "currency"], ignore_index=True)

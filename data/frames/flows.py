"""What customers moved from one plan or interval to another: transfers, from where to where."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Text, select, type_coerce

from data.clock import month_start, next_month
from data.frames.reading import made, narrowed
from data.frames.shared import Audiences, manager_of, of_audiences
from data.tables import ledger, mirror

moved, customer = ledger.movement.c, mirror.customer.c
DTYPES = {
    "currency": "string",
    "product_from": "string",
    "interval_from": "string",
    "product_to": "string",
    "interval_to": "string",
    "customers": "Int64",
    "arr": "Int64",
}


def flows(
    engine: Engine,
    first: str,
    last: str,
    *,
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
) -> pd.DataFrame:
    """Run rate moved between products and intervals from a month to another, both included: DTYPES.

    The largest first; a customer counts once for each pair. What an upgrade adds on top is expansion, and is
    not in it.
    """
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    customers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for customer, key, arr in _pairs(_transfers(engine, first, last, currencies, audiences)):
        sums[key] += arr
        customers[key].add(customer)
    rows = [(*key, len(customers[key]), arr) for key, arr in sums.items()]
    return made(sorted(rows, key=lambda row: (-row[-1], row)), DTYPES)


def flow_customers(
    engine: Engine,
    first: str,
    last: str,
    *,
    sources: Iterable[str],
    targets: Iterable[str],
    currencies: Iterable[str] | None = None,
    audiences: Audiences = None,
    limit: int = 500,
) -> pd.DataFrame:
    """Who moved from some products to others in these months, the largest first.

    customer_id, name, account_manager, currency, arr (that moved).
    """
    of, to = set(sources), set(targets)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for who, key, arr in _pairs(_transfers(engine, first, last, currencies, audiences)):
        if key[1] in of and key[3] in to:
            sums[who, key[0]] += arr
    largest = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    query = select(customer.id, customer.name, manager_of(customer.id))
    with engine.connect() as connection:
        found = connection.execute(query.where(customer.id.in_({who for (who, _), _ in largest}))).all()
    known = {row.id: (row.name, row.account_manager) for row in found}
    rows = [(who, *known.get(who, (None, None)), currency, arr) for (who, currency), arr in largest]
    texts = dict.fromkeys(("customer_id", "name", "account_manager", "currency"), "string")
    return made(rows, {**texts, "arr": "Int64"})


def _transfers(
    engine: Engine, first: str, last: str, currencies: Iterable[str] | None, audiences: Audiences
) -> Sequence[Any]:
    """The transfers of some months, those of a customer's day and currency together."""
    day = (moved.customer_id, moved.currency, type_coerce(moved.day, Text).label("day"))  # only told apart
    query = select(*day, moved.plan, moved.interval, moved.delta_arr).where(
        moved.kind == "transfer",
        moved.day >= month_start(first).date(),
        moved.day < month_start(next_month(last)).date(),
        of_audiences(moved.customer_id, audiences),
    )
    query = narrowed(query, (moved.currency, currencies)).order_by(
        moved.customer_id, moved.currency, moved.day, moved.plan, moved.interval
    )
    with engine.connect() as connection:
        return connection.execute(query).all()


def _pairs(rows: Sequence[Any]) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """What was lost matched with what was gained on the same day, in order: customer, from and to, ARR."""
    for (customer, currency, _), day in groupby(rows, key=itemgetter(0, 1, 2)):
        cells = [[(plan, interval), delta] for *_, plan, interval, delta in day]
        losses = [[cell, -delta] for cell, delta in cells if delta < 0]
        for cell, gain in ((cell, delta) for cell, delta in cells if delta > 0):
            while gain and losses:
                part = min(gain, losses[0][1])
                yield customer, (currency, *losses[0][0], *cell), part
                gain -= part
                losses[0][1] -= part
                if not losses[0][1]:
                    losses.pop(0)

"""The largest rows of a query by name, and what the others come to."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Text,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from data.frames.reading import read, total
from data.frames.shared import Audiences, of_audiences
from data.tables import mirror


def outside(customer_id: ColumnElement[Any], audiences: Audiences) -> ColumnElement[bool]:
    """Whether a row is of a customer of other audiences."""
    whose = false() if audiences is None else ~of_audiences(customer_id, audiences)
    return whose.label("outside")


def named(
    engine: Engine,
    query: Select[Any],
    by: Sequence[str],
    amounts: Sequence[str],
    limit: int,
    size: str | None = None,
) -> pd.DataFrame:
    """The rows with the largest amounts (or size), with customer_name, and the others summed by some columns.

    The query is run once, and has a customer_id.
    """
    every = query.cte("every_row")
    each, customer = every.c, mirror.customer.c
    largest = [func.abs(each[name]).desc() for name in ([size] if size else amounts[:1])]
    top = select(*each, literal(1).label("rows")).order_by(*largest, *each).limit(limit).subquery()
    measures = {name: total(each[name]) for name in amounts} | {"rows": func.count()}
    sums = [
        measures.get(name, each[name] if name in by else null()).label(name)
        for name in (*each.keys(), "rows")
    ]
    both = union_all(
        select(*top.c, customer.name.label("customer_name")).join(
            mirror.customer, customer.id == top.c.customer_id, isouter=True
        ),
        select(*sums, cast(null(), Text).label("customer_name")).group_by(*(each[name] for name in by)),
    )
    rows = read(engine, both)
    names = rows.pop("customer_name")
    rows.insert(1, "customer_name", names)
    is_sum = rows["customer_id"].isna()
    return with_the_rest(rows.loc[~is_sum], rows.loc[is_sum, [*by, *amounts, "rows"]], by, amounts)


def with_the_rest(
    top: pd.DataFrame, sums: pd.DataFrame, by: Sequence[str], amounts: Sequence[str]
) -> pd.DataFrame:
    """Named rows, and what is left of the sums of all without them."""
    measured = [*amounts, "rows"]
    mine = top.groupby([*by], dropna=False)[measured].sum()
    left = sums.set_index([*by])[measured].sub(mine, fill_value=0)
    left = left[left["rows"] > 0].reset_index()
    return pd.concat([top, left], ignore_index=True).astype(top.dtypes.to_dict()) if len(left) else top

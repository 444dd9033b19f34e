"""The largest rows of a query by name, and what the others come to."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Engine, Select, false, func, select

from data.frames.reading import read, total
from data.frames.shared import Audiences, of_audiences


def outside(customer_id: ColumnElement[Any], audiences: Audiences) -> ColumnElement[bool]:
    """Whether a row is of a customer of other audiences."""
    whose = false() if audiences is None else ~of_audiences(customer_id, audiences)
    return whose.label("outside")


def named(
    engine: Engine, query: Select[Any], by: Sequence[str], amounts: Sequence[str], limit: int
) -> pd.DataFrame:
    """The rows with the largest amounts, and what the others come to by some columns."""
    every = query.subquery().c
    keys = [every[name] for name in by]
    size = func.abs(every[amounts[-1]]) if len(amounts) == 1 else every[amounts[0]] + every[amounts[1]]
    top = read(engine, select(*every).order_by(size.desc(), *every).limit(limit)).assign(rows=1)
    sums = select(*keys, *(total(every[name]).label(name) for name in amounts), func.count().label("rows"))
    return with_the_rest(top, read(engine, sums.group_by(*keys)), by, amounts)


def with_the_rest(
    top: pd.DataFrame, sums: pd.DataFrame, by: Sequence[str], amounts: Sequence[str]
) -> pd.DataFrame:
    """Named rows, and what is left of the sums of all without them."""
    measured = [*amounts, "rows"]
    mine = top.groupby([*by], dropna=False)[measured].sum()
    left = sums.set_index([*by])[measured].sub(mine, fill_value=0)
    left = left[left["rows"] > 0].reset_index()
    return pd.concat([top, left], ignore_index=True).astype(top.dtypes.to_dict()) if len(left) else top

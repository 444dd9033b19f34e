"""The subscribers of a period with as much at its end as at its start: the rollup less the others."""

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Engine

from data.frames.reading import read
from data.frames.rolling import rolled_up
from data.frames.shared import Audiences
from data.tables import ledger

KEY = ["currency", "outside", "held"]
STILL = "Customers with the same MRR at both ends"
PARTS = ["arr_start", "arr_end", "arr_kept", "lost", "rows"]


def with_the_still(
    engine: Engine,
    movers: pd.DataFrame,
    month: str,
    span: int,
    products: Iterable[str] | None,
    intervals: Iterable[str] | None,
    audiences: Audiences,
) -> pd.DataFrame:
    """The movers of a period, and the others summed by currency, as `behind_retention` has them."""
    wanted = [None if some is None else frozenset(some) for some in (products, intervals)]
    base = _base(engine, month, span, wanted, None)
    if audiences is None:
        every = base.assign(outside=False)
    else:
        mine = _base(engine, month, span, wanted, audiences)
        others = base.set_index(["currency", "held"]).sub(mine.set_index(["currency", "held"]), fill_value=0)
        every = pd.concat([mine.assign(outside=False), others.reset_index().assign(outside=True)])
    moved = movers.loc[movers["based"]].groupby(KEY)[PARTS].sum()
    still = every.set_index(KEY)[PARTS].sub(moved, fill_value=0)
    still = still.loc[still["rows"] > 0].reset_index()
    still = still.assign(based=True, customer_name=STILL)
    if still.empty:
        return movers
    still = still.reindex(columns=list(movers.columns)).astype(movers.dtypes.to_dict())
    return pd.concat([movers, still], ignore_index=True) if len(movers) else still


def _base(
    engine: Engine, month: str, span: int, wanted: list[frozenset[str] | None], audiences: Audiences
) -> pd.DataFrame:
    """The subscribers of the period's start, by currency and whether they held any of what is wanted."""
    table = ledger.retention_change.c
    query = rolled_up(ledger.retention_change, (table.currency, table.held_before), audiences, None)
    rows = read(engine, query.where(table.month <= month, table.span == span))
    held = [_meets(portfolio, *wanted) for portfolio in rows["held_before"]]
    rows = rows.rename(columns={"customers": "rows"}).assign(held=pd.Series(held, dtype="boolean"))
    return rows.groupby(["currency", "held"])[PARTS].sum().reset_index()


def _meets(portfolio: str, products: frozenset[str] | None, intervals: frozenset[str] | None) -> bool:
    """Whether a portfolio has a cell of these products and intervals."""
    cells = (cell.rpartition(":") for cell in portfolio.split("|"))
    return any(
        (products is None or product in products) and (intervals is None or interval in intervals)
        for product, _, interval in cells
    )

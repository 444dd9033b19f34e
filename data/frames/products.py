"""Products as plans of the catalogue, in its order, each plan with a colour that stays its own."""

import pandas as pd
from sqlalchemy import Engine, exists, select

from data.catalog import Recognised, family
from data.frames.reading import made
from data.tables import mirror

KINDS = ("plan", "addon", "other")
DTYPES = {
    "product_id": "string",
    "name": "string",
    "plan": "string",
    "kind": "string",
    "rank": "Int64",
    "colour_index": "Int64",
}


def products(engine: Engine) -> pd.DataFrame:
    """Every product: product_id, name, plan, kind, rank, colour_index.

    kind is plan, addon or other; rank is null for what is not in the catalogue. Plans come first, then
    add-ons, then what recurs, then the rest; within these the oldest first.
    """
    product, price = mirror.product.c, mirror.price.c
    recurs = exists().where(price.product_id == product.id, price.recurring_interval.is_not(None))
    query = select(product.id, product.name, product.metadata, recurs.label("recurs"))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(product.created_at, product.id)).all()
    known = [(row, family(row.id, row.name, row.metadata)) for row in rows]
    known.sort(key=lambda pair: _place(pair[1], bool(pair[0].recurs)))
    colours: dict[str, int] = {}
    return made(
        [
            (
                row.id,
                row.name,
                found.name,
                found.kind,
                found.rank,
                colours.setdefault(found.name, len(colours)),
            )
            for row, found in known
        ],
        DTYPES,
    )


def _place(found: Recognised, recurs: bool) -> tuple[int, bool, int, bool]:
    return KINDS.index(found.kind), found.rank is None, found.rank or 0, not recurs

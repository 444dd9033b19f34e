"""The audiences there are: combinations of what is known of customers."""

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables import ledger


def audiences(engine: Engine) -> pd.DataFrame:
    """Every audience that has a customer: id, country, segment, account_manager; missing: not known."""
    table, known = ledger.audience.c, ledger.customer_audience.c
    held = select(known.audience_id).distinct()
    query = select(table.id, table.country, table.segment, table.account_manager).where(table.id.in_(held))
    return read(engine, query.order_by(table.country, table.segment, table.account_manager, table.id))

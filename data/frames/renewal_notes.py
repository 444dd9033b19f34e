"""What people wrote beside renewals, and the forecasts they kept."""

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables.renewals import renewal_forecast, renewal_note


def renewal_notes(engine: Engine) -> pd.DataFrame:
    """Every note, the newest first.

    subscription_id, due_on, owner, category, next_step, note, written_at, written_by.
    """
    row = renewal_note.c
    query = select(
        row.subscription_id,
        row.due_on,
        row.owner,
        row.category,
        row.next_step,
        row.note,
        row.written_at,
        row.written_by,
    )
    return read(engine, query.order_by(row.id.desc()))


def renewal_forecasts(engine: Engine) -> pd.DataFrame:
    """Every kept forecast, the oldest first: the columns of the table renewal_forecast."""
    row = renewal_forecast.c
    return read(engine, select(renewal_forecast).order_by(row.made_at, row.currency, row.due_month, row.term))

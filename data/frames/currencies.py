"""Exchange rates as a frame."""

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables import currencies


def exchange_rates(engine: Engine) -> pd.DataFrame:
    """Every rate, oldest first: date, from_currency, to_currency, rate (an exact number as text)."""
    table = currencies.exchange_rate
    return read(engine, select(*table.c).order_by(*table.primary_key))

"""Quotes as the pipeline shows them: drafts priced as they are now, and who of them waits for oneself."""

from datetime import datetime

import pandas as pd

from dashboard.cache import Snapshot
from dashboard.metrics import pipeline
from dashboard.quotes.pricing import price
from dashboard.quotes.sealing import figures
from dashboard.quotes.states import STATES
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from data.frames.pipeline import FIGURES
from data.quotes.states import DRAFT


def rows(snapshot: Snapshot, changed: str, now: datetime) -> pd.DataFrame:
    """Every quote, as metrics.pipeline.told gives them."""
    quotes, moves = snapshot.frame("quote_pipeline", changed), snapshot.frame("quote_moves", changed)
    key = (changed, now.date())
    return snapshot.kept("pipeline", key, lambda: pipeline.told(priced(quotes), moves, now, STATES))


def stays(snapshot: Snapshot, changed: str, now: datetime) -> pd.DataFrame:
    """Each stay of a quote in a state, as metrics.pipeline.stays gives them."""
    quotes, moves = snapshot.frame("quote_pipeline", changed), snapshot.frame("quote_moves", changed)
    return snapshot.kept("stays", (changed, now.date()), lambda: pipeline.stays(quotes, moves, now))


def priced(quotes: pd.DataFrame) -> pd.DataFrame:
    """The same with what drafts come to now, null where that cannot be said; without their fields."""
    found = quotes.drop(columns="fields").copy()
    for place, fields in quotes.loc[quotes["state"] == DRAFT, "fields"].items():
        quote = quote_desk.reading(dict(fields or {})).quote
        worth = vars(figures(price(quote, quote_desk.sold()))) if quote else {}
        for name in FIGURES:
            found.at[place, name] = worth.get(name, pd.NA)
    return found


def for_me() -> list[str]:
    """The quotes that wait for the person, the first to expire first. Raises NotChangedError."""
    found = []
    for key, asked in quote_decisions.waiting().items():
        draft = quote_desk.latest(key)
        if draft is not None and quote_decisions.for_me(draft, asked):
            found.append(key)
    return found

"""The rows of the exports that are more than a frame: as of an instant, from the frames of an engine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pandas as pd

from dashboard.metrics import bridge as others
from dashboard.metrics.rates.monthly import Facts
from dashboard.metrics.rates.monthly import rates as monthly_rates
from dashboard.metrics.selection import Selection
from data import clock, frames
from data.frames import Engine

AHEAD = timedelta(days=366)
RATES = ["month", "currency", "metric", "value"]
BRIDGE = ["month", "currency", "definition", "difference", "name", "arr", "items", "source"]


class OptionError(Exception):
    """An export cannot be had with an option; the message is a sentence for a person."""


def month_end(engine: Engine, at: datetime) -> pd.DataFrame:
    """Run rate and subscribers at the end of every month that has ended."""
    key = ["month", "currency"]
    arr = frames.month_end(engine).groupby(key)["arr"].sum()
    subscribers = frames.month_end_subscribers(engine).groupby(key)["subscribers"].sum()
    frame = pd.concat([arr, subscribers], axis="columns").reset_index()
    return frame[frame["month"] < clock.month_of(at)]


def movements(engine: Engine, at: datetime, known_at: datetime | None = None) -> pd.DataFrame:
    """Movements by month, as known now, or as they were known at an instant. Raises OptionError."""
    if known_at is None:
        return frames.movement_totals(engine, at)
    return frames.movement_totals_known(engine, at, _kept(engine, known_at))


def restated(engine: Engine, at: datetime, known_at: datetime | None = None) -> pd.DataFrame:
    """What became known late until an instant, after another (None: ever). Raises OptionError."""
    since = None if known_at is None else _kept(engine, known_at)
    frame = frames.restated(engine, since, limit=None)
    named = {"customer_id": "customer", "product_id": "plan"}
    return frame[frame["known_at"] <= at].rename(columns=named)


def _kept(engine: Engine, known_at: datetime) -> datetime:
    since = frames.known_since(engine)["at"].iloc[0]
    if pd.isna(since) or known_at < since:
        kept = "nothing is kept yet" if pd.isna(since) else f"it is kept since {since:%Y-%m-%dT%H:%M:%SZ}"
        raise OptionError(f"What was known at {known_at:%Y-%m-%dT%H:%M:%SZ} is not kept: {kept}.")
    return known_at


def bridge(engine: Engine, at: datetime, month: str | None = None) -> pd.DataFrame:
    """MRR by our definition and by others' at the end of every month that has ended, or of one month."""
    balances = frames.month_end(engine)
    months = (
        [month] if month else sorted(each for each in set(balances["month"]) if each < clock.month_of(at))
    )
    found = [row for each in months for row in _bridges(engine, each, at)]
    every = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=BRIDGE)
    return every.rename(columns={"key": "difference"})[BRIDGE]


def _bridges(engine: Engine, month: str, at: datetime) -> Iterator[pd.DataFrame]:
    parts = frames.bridge_parts(engine, month, at)
    for currency in sorted(set(parts["currency"])):
        rows = others.bridge(parts, Selection(str(currency), (month,)))
        yield rows.assign(month=month, currency=currency)


def retention(engine: Engine, at: datetime) -> pd.DataFrame:
    """What remains of every cohort at the end of every month that has ended."""
    key = ["cohort", "month", "currency"]
    customers = frames.cohort_subscribers(engine).groupby(key)["subscribers"].sum().rename("customers")
    arr = frames.cohort_month_end(engine).groupby(key)["arr"].sum()
    frame = pd.concat([customers, arr], axis="columns").reset_index()
    return frame[frame["month"] < clock.month_of(at)]


def rates(engine: Engine, at: datetime) -> pd.DataFrame:
    """Every rate of every month that has ended."""
    balances = frames.month_end(engine)
    current = clock.month_of(at)
    facts = Facts(
        balances,
        frames.month_end_subscribers(engine),
        frames.movements(engine),
        frames.transitions(engine),
        frames.retention(engine, current),
    )
    months = clock.months_between(str(balances["month"].min()), current)[:-1] if len(balances) else []
    found = [
        monthly_rates(facts, Selection(currency, tuple(months)), current).assign(currency=currency)
        for currency in balances["currency"].drop_duplicates().sort_values()
    ]
    every = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=RATES)
    return every.sort_values(["month", "currency"], kind="stable")[RATES]


def renewals(engine: Engine, at: datetime) -> pd.DataFrame:
    """What falls due within a year of an instant."""
    last = datetime.max.replace(tzinfo=UTC)
    frame = frames.renewals(engine, at, at + AHEAD if at < last - AHEAD else last)
    return frame.rename(columns={"subscription_id": "subscription", "customer_id": "customer"})


def unknown_history(engine: Engine, at: datetime) -> pd.DataFrame:
    """Changes that no evidence dates, whenever asked for."""
    return frames.unknown_history(engine)

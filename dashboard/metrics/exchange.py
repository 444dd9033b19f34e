"""What exchange rates do: what is converted, what is left out, and what a change of rates would bring."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from dashboard.formatting import count, plural
from dashboard.metrics.conversion import rates_into
from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import ratio
from data.fx.csv_file import READERS
from data.fx.rates import ExchangeRate, RateTable

RATE = ["date", "from_currency", "to_currency", "rate"]
NEW, REPLACES, SAME = "New", "Replaces", "As it is"


def converted(month_end: pd.DataFrame, table: RateTable, months: Sequence[str]) -> pd.DataFrame:
    """Run rate by month and currency of origin: month, currency, own, arr, rate, dated.

    own is in minor units of the currency, arr in those of the table's; arr, rate and dated are missing where
    there is no rate. Cells are rounded one by one, as everywhere.
    """
    rows = month_end.loc[month_end["month"].isin(list(months)) & (month_end["arr"] != 0)]
    found = []
    for (month, currency), cells in rows.groupby(["month", "currency"], sort=True):
        rate = table.closing(str(currency), str(month))
        arrs = [int(arr) for arr in cells["arr"]]
        arr = None if rate is None else sum(table.converted(each, str(currency), rate) for each in arrs)
        told = None if rate is None else f"{float(rate):.6g}"
        found.append((month, currency, sum(arrs), arr, told, table.dated(str(currency), str(month))))
    columns = ["month", "currency", "own", "arr", "rate", "dated"]
    return pd.DataFrame(found, columns=columns).astype({"own": "Int64", "arr": "Int64"})


def left_out(frame: pd.DataFrame, holdings: pd.DataFrame, current: str) -> pd.DataFrame:
    """Currencies without a rate in some month of `converted`.

    currency, months (how many), first, last, arr (own minor units) and subscribers of the current month, both
    missing where that one has a rate.
    """
    lacking = frame.loc[frame["arr"].isna()]
    now = lacking.loc[lacking["month"] == current].set_index("currency")["own"]
    held = _subscribers(holdings, current)
    rows = [
        (
            currency,
            len(cells),
            cells["month"].min(),
            cells["month"].max(),
            now.get(currency),
            held.get(str(currency), 0) if currency in now.index else None,
        )
        for currency, cells in lacking.groupby("currency")
    ]
    columns = ["currency", "months", "first", "last", "arr", "subscribers"]
    return pd.DataFrame(rows, columns=columns).astype({"arr": "Int64", "subscribers": "Int64"})


def _subscribers(holdings: pd.DataFrame, month: str) -> dict[str, int]:
    held = holdings.loc[holdings["month"] == month].groupby("currency")["subscribers"].sum()
    return {str(currency): int(number) for currency, number in held.items()}


@metric("Rates kept", "rates", "Exchange rates in the table, each of a day and a pair of currencies.")
def kept(rates: pd.DataFrame) -> int:
    """How many rates there are."""
    return len(rates)


@metric(
    "Currencies without a rate",
    "currencies",
    "Currencies with recurring revenue now that nothing converts; what they bring is in no converted figure.",
)
def without_rate(out: pd.DataFrame) -> int:
    """Currencies of `left_out` that lack a rate now."""
    return int(out["arr"].notna().sum())


@metric(
    "Subscribers converted",
    "share",
    "Subscribers in the reporting currency or in one with a rate now, of all subscribers.",
)
def subscribers_converted(out: pd.DataFrame, holdings: pd.DataFrame, current: str) -> float | None:
    """Share of the subscribers that converted figures speak of; None when there are none."""
    every = sum(_subscribers(holdings, current).values())
    return ratio(float(every - int(out["subscribers"].sum())), float(every))


@metric(
    "MRR converted",
    "amount a month",
    "MRR now of all currencies that have a rate, at the rate that holds at the month's end.",
)
def arr_converted(frame: pd.DataFrame, current: str) -> int:
    """ARR of the current month in the reporting currency, minor units; what has no rate is left out."""
    return int(frame.loc[frame["month"] == current, "arr"].sum())


@metric(
    "Age of the newest rate", "days", "Time since the day of the newest rate: it holds until the next one."
)
def age(newest: datetime, now: datetime) -> timedelta:
    """How long ago the newest rate was set; never below 0."""
    return max(now - newest, timedelta(0))


def newest(rates: pd.DataFrame) -> datetime | None:
    """The first instant of the day of the newest rate; None when there is none."""
    return None if rates.empty else rates["date"].max().tz_localize("UTC").to_pydatetime()


def drafted(values: Mapping[str, str]) -> tuple[ExchangeRate | None, list[str]]:
    """A rate from what was typed into date, from, to and rate; or None and what is wrong with it."""
    read: dict[str, Any] = {}
    wrong = []
    for name, reader in READERS.items():
        try:
            read[name] = reader(values[name].strip())
        except ValueError as error:
            wrong.append(f"{name.capitalize()}: {error}.")
    if not wrong and read["from"] == read["to"]:
        wrong.append(f"To: {read['to'].upper()} is the currency that it comes from.")
    return (None, wrong) if wrong else (ExchangeRate(*(read[name] for name in READERS)), [])


def effects(new: Iterable[ExchangeRate], rates: pd.DataFrame) -> pd.DataFrame:
    """New rates beside those kept: RATE, before (missing: none), effect (NEW, REPLACES or SAME)."""
    held = {(day, one, other): rate for day, one, other, rate in _rows(rates)}
    rows = []
    for each in new:
        before = held.get((each.date, each.from_currency, each.to_currency))
        effect = NEW if before is None else SAME if Decimal(before) == each.rate else REPLACES
        rows.append((each.date, each.from_currency, each.to_currency, f"{each.rate:f}", before, effect))
    return pd.DataFrame(rows, columns=[*RATE, "before", "effect"])


def summary(frame: pd.DataFrame) -> str:
    """How many rates of `effects` are new, replace one, or are kept already."""
    counts = {effect: int((frame["effect"] == effect).sum()) for effect in (NEW, REPLACES, SAME)}
    new, replaced, same = (count(number) for number in counts.values())
    return f"{plural(len(frame), 'rate')}: {new} new, {replaced} replaced, {same} kept already"


def _rows(rates: pd.DataFrame) -> Iterable[tuple[date, str, str, str]]:
    days = [day.date() for day in rates["date"]]
    return zip(days, *(rates[name].tolist() for name in RATE[1:]), strict=True)


def with_rate(rates: pd.DataFrame, rate: ExchangeRate) -> pd.DataFrame:
    """The frame of rates as it would be with one more, or with one replaced."""
    key = (rate.date, rate.from_currency, rate.to_currency)
    others = [row for row in _rows(rates) if row[:3] != key]
    frame = pd.DataFrame([*others, (*key, f"{rate.rate:f}")], columns=RATE)
    return frame.assign(date=pd.to_datetime(frame["date"]))


def before_and_after(
    rate: ExchangeRate, rates: pd.DataFrame, month_end: pd.DataFrame, to: str, months: Sequence[str]
) -> pd.DataFrame:
    """What a rate would do to a month: currency, own, before, after; empty when nothing is converted by it.

    The month is that of the rate's day, or the nearest there is.
    """
    month = month_for(rate, months)
    pair = {rate.from_currency, rate.to_currency}
    cells = month_end.loc[month_end["currency"].isin(pair - {to} if to in pair else [])]
    tables = (rates_into(to, rates), rates_into(to, with_rate(rates, rate)))
    now, then = (converted(cells, table, [month]) for table in tables)
    return now[["currency", "own"]].assign(before=now["arr"], after=then["arr"])


def month_for(rate: ExchangeRate, months: Sequence[str]) -> str:
    """The month in which a rate is looked at: its own, or the nearest of those there are."""
    return min(max(f"{rate.date:%Y-%m}", months[0]), months[-1])


def problems(sentences: Sequence[str], text: str) -> pd.DataFrame:
    """What is wrong with a file, row by row: line, column, problem, stands (the line as it is)."""
    lines = text.splitlines()
    rows = []
    for sentence in sentences:
        place, _, rest = sentence.partition(": ")
        words = place.replace(",", "").split()
        line = int(words[1]) if len(words) > 1 and words[0] == "line" and words[1].isdigit() else None
        column = words[3] if len(words) > 3 and words[2] == "column" else None
        told = rest if line and (column or len(words) == 2) else sentence.partition(", ")[2] or sentence
        stands = lines[line - 1] if line and line <= len(lines) else None
        rows.append((line, column, told, stands))
    frame = pd.DataFrame(rows, columns=["line", "column", "problem", "stands"])
    return frame.astype({"line": "Int64", "column": "string", "stands": "string"})

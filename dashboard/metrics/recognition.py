"""Revenue by the days of the service it pays for: recognised until a day, deferred after it."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.formatting import day
from dashboard.metrics.definitions import metric
from dashboard.metrics.explain import Explanation
from data import clock


def recognised(amount: int, start: date, end: date, until: date) -> int:
    """Of a line's amount (minor units), what belongs to days before `until`.

    The service runs from a day to another, which is no longer part of it. Each day has the same whole number
    of minor units, the last day what remains. Service of no day belongs to the day on which it starts.
    """
    a_day = abs(amount) // max((end - start).days, 1)
    return _passed(amount, a_day if amount >= 0 else -a_day, start, end, until)


def _passed(amount: int, a_day: int, start: date, end: date, until: date) -> int:
    """`recognised` of a line that gives so much a day, or of several of the same days together."""
    days = (end - start).days
    if days <= 0:
        return amount if until > start else 0
    passed = min(max((until - start).days, 0), days)
    return amount if passed == days else passed * a_day


@metric(
    "Deferred revenue",
    "amount",
    "What was invoiced for service that is not rendered yet: each invoice line is recognised by day over its "
    "service period, less discounts and tax; the remainder of a division goes to the last day. A credit note "
    "takes the same share off each line of its invoice.",
)
def deferred(lines: pd.DataFrame, until: date) -> int:
    """Of lines (amount, start, end) of one currency, what belongs to `until` and later days."""
    return sum(amount - recognised(amount, start, end, until) for amount, start, end in _spans(lines))


def by_month(lines: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Of lines of one currency: month, revenue (minor units), deferred (at the month's end).

    Over all months that the lines reach, revenue sums to the lines' amounts.
    """
    spans = _spans(lines)
    rows = []
    for month in months:
        first, after = (clock.month_start(each).date() for each in (month, clock.next_month(month)))
        revenue = sum(recognised(*span, after) - recognised(*span, first) for span in spans)
        rows.append((month, revenue, sum(span[0] - recognised(*span, after) for span in spans)))
    return pd.DataFrame(rows, columns=["month", "revenue", "deferred"])


SPAN = ("amount", "a_day", "start", "end")
EXPLAINED = ["customer_id", "customer_name", "number", "part", "currency", "invoiced", "amount", "rows"]
SUMMED = {"invoiced": "amount", "amount": "left", "rows": "lines"}


def ahead(rows: pd.DataFrame, until: date) -> pd.DataFrame:
    """What is to be recognised from a day on, of frames.service_ahead.

    currency, due_month, revenue, deferred (what is left at the month's end). Months from that of the day to
    the last of any service. The revenue of a currency adds up to what is deferred at the day.
    """
    table = []
    for currency, some in rows.groupby("currency"):
        spans = [
            (int(amount), int(a_day), start, end)
            for amount, a_day, start, end in zip(*(some[name] for name in SPAN), strict=True)
        ]
        whole = sum(span[0] for span in spans)
        left = whole - sum(_passed(*span, until) for span in spans)
        reach = max(max(end, start) for *_, start, end in spans)
        for month in clock.months_between(f"{until:%Y-%m}", f"{reach:%Y-%m}"):
            after = clock.month_start(clock.next_month(month)).date()
            then = whole - sum(_passed(*span, after) for span in spans)
            table.append((str(currency), month, left - then, then))
            left = then
    frame = pd.DataFrame(table, columns=["currency", "due_month", "revenue", "deferred"])
    return frame.astype({"revenue": "Int64", "deferred": "Int64"})


def explained(sums: pd.DataFrame, named: pd.DataFrame, until: date, currency: str) -> Explanation:
    """What of each line is for days from `until` on, and what is not: rendered before, credited, elsewhere.

    sums are frames.service_ahead, of all currencies; named the largest lines (frames.service_lines), beside
    which the others are one row; both as `with_left` gives them.
    """
    mine, others = sums.loc[sums["currency"] == currency], sums.loc[sums["currency"] != currency]
    lines = named.loc[named["currency"] == currency]
    lines = lines.assign(
        part=[f"{day(start)} – {day(end)}" for start, end in zip(lines["start"], lines["end"], strict=True)],
        invoiced=lines["amount"],
        amount=lines["left"],
        rows=1,
    )[EXPLAINED]
    rest = {name: int(mine[of].sum() - lines[name].sum()) for name, of in SUMMED.items()}
    more = [pd.DataFrame([{"currency": currency, **rest}])] if rest["rows"] else []
    included = pd.concat([lines, *more], ignore_index=True)
    whole = int(mine["left"].sum())
    return Explanation(deferred, whole, included, _excluded(mine, others, until, currency))


def _excluded(mine: pd.DataFrame, others: pd.DataFrame, until: date, currency: str) -> pd.DataFrame:
    rendered = int((mine["amount"] - mine["left"]).sum())
    out = [
        (f"Rendered before {day(until)}.", currency, rendered, int(mine["lines"].sum())),
        ("Taken off by credit notes.", currency, int(mine["credited"].sum()), 1),
        *(
            (
                f"In another currency: {str(code).upper()}.",
                str(code),
                *map(int, (some["left"].sum(), some["lines"].sum())),
            )
            for code, some in others.groupby("currency")
        ),
    ]
    table = pd.DataFrame([row for row in out if row[2]], columns=["reason", "currency", "amount", "rows"])
    return table.assign(customer_id=None, customer_name=None)


def with_left(rows: pd.DataFrame, until: date) -> pd.DataFrame:
    """The rows with `left`: what of each belongs to `until` and later days."""
    left = [
        int(amount) - _passed(int(amount), int(a_day), start, end, until)
        for amount, a_day, start, end in zip(*(rows[name] for name in SPAN), strict=True)
    ]
    return rows.assign(left=pd.Series(left, index=rows.index, dtype="Int64"))


def _spans(lines: pd.DataFrame) -> list[tuple[int, date, date]]:
    return [
        (int(amount), start, end)
        for amount, start, end in zip(lines["amount"], lines["start"], lines["end"], strict=True)
    ]

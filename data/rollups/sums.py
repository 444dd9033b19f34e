"""Each rollup as a sum over customers, by audience; months, currencies, cells and portfolios are numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute
from sqlalchemy import Table

from data import sizes
from data.bulk import schema_of
from data.movements import KINDS, NEW
from data.numbering import numbered
from data.rollups.holders import NEVER, Named, Past, listed, spread
from data.rollups.numbers import month_texts
from data.rollups.storing import EVERYBODY, MEASURES
from data.runs import Column, Rows, Runs, chosen, column, ordered, summed, together
from data.tables import ledger

SPANS = (1, 12)
"""The months of the periods over which customers are kept or lost."""
NUMBERS = {
    "audience_id": "audience",
    "currency": "money",
    "plan": "cell",
    "interval": "cell",
    "held_before": "before",
    "held_after": "after",
}
"""How rows call columns of the tables that they have as numbers."""
MONTHS = ("month", "cohort")


class Summed(NamedTuple):
    """The rows that a rollup sums: its key in numbers, its measures, and the words of its columns."""

    rows: Rows
    words: Mapping[str, pa.Array]


def sums(past: Past) -> dict[Table, pa.Table]:
    """The rows of every rollup: of each audience, and of everybody."""
    return {table: _written(table, rows(past)) for table, rows in SUMS.items()}


def _written(table: Table, found: Summed) -> pa.Table:
    names = [column.name for column in table.columns]
    measures = MEASURES[table]
    keys = [*dict.fromkeys(NUMBERS.get(name, name) for name in names[1 : -len(measures)])]
    theirs = summed(found.rows, ["audience", *keys], measures)
    every = summed(theirs, keys, measures)
    rows = together(theirs, every | {"audience": np.full_like(every[keys[0]], EVERYBODY)})
    columns = [_column(rows[NUMBERS.get(name, name)], name, found.words) for name in names]
    return pa.table(columns, names).cast(schema_of(table))


def _column(numbers: Column, name: str, words: Mapping[str, pa.Array]) -> pa.Array:
    if name in MONTHS:
        return month_texts(numbers)
    return words[name].take(pa.array(numbers)) if name in words else pa.array(numbers)


def movements(past: Past) -> Summed:
    """What changed by month, currency, kind and cell."""
    return Summed(_of(past, past.moved) | {"delta_arr": _signed(past, past.moved, "delta")}, _cells(past))


def movement_customers(past: Past) -> Summed:
    """Customers who moved, by what moved."""
    words = {"currency": past.words.currency, "kind": pa.array(KINDS), "portfolio": past.words.moved}
    return Summed(_customers(past, past.mover, ("month", "money", "kind", "portfolio"), "customers"), words)


def transitions(past: Past) -> Summed:
    """Customers who hold something else than before, or came and left in a month."""
    held = chosen(past.held, (past.held["before"] != past.held["after"]) | (past.held["after"] == 0))
    first = held["month"] == past.people["cohort"][held["holder"]]
    keys = ("month", "money", "before", "after", "first")
    rows = _customers(past, held | {"first": first.astype(np.int64)}, keys, "customers")
    words = {"currency": past.words.currency, "held_before": past.words.held, "held_after": past.words.held}
    return Summed(rows, words)


def cohorts(past: Past) -> Summed:
    """What changed by month and cohort."""
    rows = _of(past, past.moved) | {"cohort": past.people["cohort"][past.moved["holder"]]}
    return Summed(rows | {"delta_arr": _signed(past, past.moved, "delta")}, _cells(past))


def cohort_subscribers(past: Past) -> Summed:
    """Subscribers who came to a portfolio or left it, by month and cohort."""
    held = chosen(past.held, past.held["before"] != past.held["after"])
    held |= {"cohort": past.people["cohort"][held["holder"]]}
    keys = ("month", "cohort", "money", "portfolio")
    sides = [held | {"portfolio": held[name]} for name in ("after", "before")]
    came, left = (_customers(past, side, keys, "subscribers") for side in sides)
    rows = together(came, left | {"subscribers": -left["subscribers"]})
    words = {"currency": past.words.currency, "portfolio": past.words.held}
    return Summed(chosen(rows, rows["portfolio"] != 0), words)


def retained(past: Past) -> Summed:
    """What customers have at the start and the end of periods, by what they had at the start.

    While what a customer had at a period's start and has at its end stay as they are, so does the customer's
    part: added in the month in which both began to be so, taken away when either no longer is.
    """
    held = chosen(past.held, past.held["money"] != 0)
    rows = together(*(each for span in SPANS for each in _changes(past, _pairs(held, span), span)))
    return Summed(rows, {"currency": past.words.currency, "held_before": past.words.held})


def _changes(past: Past, pairs: Rows, span: int) -> Iterator[Rows]:
    """What pairs add in the month in which they begin, and take away in which they end."""
    taken = past.people["sign"][pairs["holder"]]
    rows = {name: taken * pairs[name] for name in ("arr_start", "arr_end", "arr_kept")}
    rows |= {"customers": taken, "lost": taken * (pairs["arr_end"] == 0)}
    rows |= _of(past, {name: pairs[name] for name in ("holder", "money", "before")})
    ended = chosen(rows | {"month": pairs["next_month"]}, pairs["next_month"] < NEVER)
    measures = MEASURES[ledger.retention_change]
    for sign, side in ((1, rows | {"month": pairs["month"]}), (-1, ended)):
        found = summed(side, ("audience", "month", "money", "before"), measures)
        signed = {name: sign * found[name] for name in measures}
        yield found | signed | {"span": np.full_like(found["month"], span)}


def _pairs(held: Rows, span: int) -> Rows:
    """What each holder had at a month's end and so many months later, for as long as both stay."""
    runs = Runs(held["holder"], held["money"])
    group = runs.of_rows(np.arange(len(runs.starts))) * (2 * NEVER)
    places, starting = group + held["month"], held["after"] != 0
    month, until = (held[name][starting] + span for name in ("month", "next_month"))
    first = np.searchsorted(places, group[starting] + month, "right") - 1
    beyond = np.searchsorted(places, group[starting] + until, "left")
    other, one = spread(first, beyond - first)
    arr_start, arr_end = held["arr"][starting][one], held["arr"][other]
    return {
        "holder": held["holder"][other],
        "money": held["money"][other],
        "before": held["after"][starting][one],
        "month": np.maximum(month[one], held["month"][other]),
        "next_month": np.minimum(until[one], held["next_month"][other]),
        "arr_start": arr_start,
        "arr_end": arr_end,
        "arr_kept": np.minimum(arr_start, arr_end),
    }


def subscribers_by_size(past: Past) -> Summed:
    """Subscribers who came to a size or left it."""
    held = chosen(past.held, past.held["money"] != 0)
    known = [sizes.bounds(currency) for currency in past.words.currency.to_pylist()]
    reached = (held["arr"] >= bound[held["money"]] for bound in np.array(known, np.int64).T)
    size = np.where(held["arr"] > 0, sum(each.astype(np.int64) for each in reached), -1)
    earlier = Runs(held["holder"], held["money"]).before(size, -1)
    rows = _of(past, held) | {"subscribers": past.people["sign"][held["holder"]]}
    came = chosen(rows | {"size": size}, (size != earlier) & (size >= 0))
    left = chosen(rows | {"size": earlier}, (size != earlier) & (earlier >= 0))
    left["subscribers"] = -left["subscribers"]
    return Summed(together(came, left), {"currency": past.words.currency})


def lifetimes(past: Past) -> Summed:
    """Customers by what they began with, and the first day of who is still there, or the days of who left."""
    moved, runs = past.moved, Runs(past.moved["holder"])
    still, first = runs.sums(moved["delta"]) > 0, runs.lowest(moved["day"])
    days = np.where(still, first, runs.highest(moved["day"]) - first)
    began = _beginnings(past)
    rows = {"began": began.numbers, "still": still.astype(np.int64), "days": days}
    rows |= {"audience": past.people["audience"], "customers": past.people["sign"]}
    return Summed(rows, {"began": began.words})


def _beginnings(past: Past) -> Named:
    """The plans and currencies that each holder began with."""
    new = chosen(past.moved, past.moved["kind"] == NEW)
    names = compute.binary_join_element_wise(
        past.words.plan.take(pa.array(new["cell"])), past.words.currency.take(pa.array(new["money"])), ":"
    )
    named = numbered(pa.table({"name": names}), ["name"], ordered=True)
    rows = ordered({"holder": new["holder"], "name": column(named.numbers)}, "holder", "name")
    rows = Runs(rows["holder"], rows["name"]).first(rows, "holder", "name")
    return listed(Runs(rows["holder"]), rows["name"], named.names["name"].combine_chunks())


def ever_subscribed(past: Past) -> Summed:
    """Customers who ever held anything."""
    runs = Runs(past.held["holder"], past.held["money"])
    found = runs.first(past.held, "holder", "money")
    return Summed(_customers(past, found, ("money",), "customers"), {"currency": past.words.currency})


def _of(past: Past, rows: Rows) -> Rows:
    """Rows with their holder's audience."""
    return rows | {"audience": past.people["audience"][rows["holder"]]}


def _signed(past: Past, rows: Rows, name: str) -> Column:
    """A measure, taken away from what was before a change."""
    return past.people["sign"][rows["holder"]] * rows[name]


def _customers(past: Past, rows: Rows, keys: Sequence[str], name: str) -> Rows:
    """How many holders have each key, by currency and over all currencies together."""
    known = {each: past.people[each][rows["holder"]] for each in ("audience", "mixed", "sign")}
    counted = summed(rows | known | {name: known["sign"]}, ("audience", "mixed", *keys), (name,))
    alone = chosen(counted, counted["mixed"] == 0)
    return together(counted, alone | {"money": np.zeros_like(alone["money"])})


def _cells(past: Past) -> dict[str, pa.Array]:
    words = past.words
    return {
        "currency": words.currency,
        "plan": words.plan,
        "interval": words.interval,
        "kind": pa.array(KINDS),
    }


SUMS: Mapping[Table, Callable[[Past], Summed]] = {
    ledger.month_movement: movements,
    ledger.month_movement_customers: movement_customers,
    ledger.month_transition: transitions,
    ledger.cohort_change: cohorts,
    ledger.cohort_subscriber_change: cohort_subscribers,
    ledger.retention_change: retained,
    ledger.size_change: subscribers_by_size,
    ledger.lifetime: lifetimes,
    ledger.ever_subscribed: ever_subscribed,
}
"""What each rollup sums."""

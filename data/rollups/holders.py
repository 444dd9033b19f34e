"""Who moved and what each customer held when, as numbers: customers, currencies, months and portfolios.

A customer before a change and after it are two holders. Money 0 is all currencies together, written only for
who has several: of the others it is their one currency. A portfolio is what a customer has or moves: 0 is
nothing, the next numbers are one cell each, those above several cells.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute

from data.movements import KINDS, NEW
from data.numbering import numbered
from data.runs import Column, Mask, Rows, Runs, chosen, column, ordered, together

NEVER = 1_000_000
"""A month that does not come."""
MOVER = ("holder", "month", "money", "kind")
BALANCE = ("holder", "money", "cell", "month")
POINT = ("holder", "money", "month")


class Words(NamedTuple):
    """What numbers stand for, at their places; 0 is the empty text."""

    currency: pa.Array
    plan: pa.Array
    interval: pa.Array
    cell: pa.Array
    moved: pa.Array
    held: pa.Array


class Past(NamedTuple):
    """The rows that are counted, and who the holders are.

    people: sign, audience, cohort (a month) and mixed (0, 1), at the holder's place.
    moved: holder, money, cell, kind, month, day, delta. mover: holder, month, money, kind, and the portfolio
    that moved. held: holder, money, month, arr, and the portfolios after and before every month in which
    anything moved; next_month is the next such month.
    """

    people: Rows
    moved: Rows
    mover: Rows
    held: Rows
    words: Words


class Named(NamedTuple):
    """Numbers, and the words at their places."""

    numbers: Column
    words: pa.Array


def past(moving: pa.Table) -> Past:
    """The past of movements that have a month, a sign and an audience."""
    people, moved, words = _coded(moving)
    mixed = chosen(moved, people["mixed"][moved["holder"]] == 1)
    both = together(moved, mixed | {"money": np.zeros_like(mixed["money"])}) if len(mixed["money"]) else moved
    mover, moved_words = _mover(both, words.cell)
    held, held_words = _held(both, words.cell)
    return Past(people, moved, mover, held, words._replace(moved=moved_words, held=held_words))


def listed(runs: Runs, numbers: Column, words: pa.Array) -> Named:
    """What each run lists, numbers that differ, in their order: of one that number, of several another."""
    found, several = numbers[runs.starts], runs.lengths > 1
    lengths = runs.lengths[several]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    within = pa.array(numbers[np.repeat(several, runs.lengths)])
    lists = pa.ListArray.from_arrays(pa.array(starts, pa.int32()), words.take(within))
    names = compute.binary_join(lists, "|").dictionary_encode()
    found[several] = column(names.indices) + len(words)
    return Named(found, pa.concat_arrays([words, names.dictionary]))


def _coded(moving: pa.Table) -> tuple[Rows, Rows, Words]:
    """Holders, and movements in numbers; cells are in the order of their names, "plan:interval"."""
    money, cells = numbered(moving, ["currency"], ordered=True), numbered(moving, ["plan", "interval"])
    name = compute.binary_join_element_wise(*cells.names.columns, ":")
    named = numbered(cells.names.append_column("name", name), ["name", "plan", "interval"], ordered=True)
    rows = {each: column(moving[each]) for each in ("sign", "audience", "month", "day")}
    rows |= {
        "holder": column(numbered(moving, ["customer_id"]).numbers) * 2 + (rows["sign"] > 0),
        "money": column(money.numbers) + 1,
        "cell": column(named.numbers)[column(cells.numbers)] + 1,
        "kind": column(compute.index_in(moving["kind"], value_set=pa.array(KINDS))),
        "delta": column(moving["delta_arr"]),
    }
    rows = ordered(rows, "holder")
    runs = Runs(rows["holder"])
    people = {name: rows.pop(name)[runs.starts] for name in ("sign", "audience")}
    people["cohort"] = runs.lowest(np.where(rows["kind"] == NEW, rows["month"], NEVER))
    people["mixed"] = (runs.lowest(rows["money"]) != runs.highest(rows["money"])).astype(np.int64)
    rows["holder"] = runs.of_rows(np.arange(len(runs.starts)))
    plan, interval, name = (_texts(named.names[each]) for each in ("plan", "interval", "name"))
    return people, rows, Words(_texts(money.names["currency"]), plan, interval, name, name, name)


def _texts(words: pa.ChunkedArray) -> pa.Array:
    """Words whose numbers begin with 1."""
    return pa.concat_arrays([pa.array([""]), *words.chunks])


def _mover(both: Rows, cells: pa.Array) -> tuple[Rows, pa.Array]:
    """What moved for each holder, month, currency and kind; and the words of portfolios."""
    rows = ordered(both, *MOVER, "cell")
    rows = Runs(*(rows[name] for name in (*MOVER, "cell"))).first(rows, *MOVER, "cell")
    runs = Runs(*(rows[name] for name in MOVER))
    found = listed(runs, rows["cell"], cells)
    return runs.first(rows, *MOVER) | {"portfolio": found.numbers}, found.words


def _held(both: Rows, cells: pa.Array) -> tuple[Rows, pa.Array]:
    """What each holder had before and after every month in which it moved; and the words of portfolios."""
    balance = _balance(both)
    point = _standing(balance)
    several = point["cells"] > 1
    within = _within(balance, point, several)
    names = listed(Runs(within["point"]), within["cell"], cells)
    point["after"][several] = names.numbers
    runs = Runs(point["holder"], point["money"])
    beside = {"before": runs.before(point["after"], 0), "next_month": runs.following(point["month"], NEVER)}
    return point | beside, names.words


def _balance(both: Rows) -> Rows:
    """The change and the balance of each holder, currency and cell in the months in which it moved."""
    rows = ordered(both, *BALANCE)
    months = Runs(*(rows[name] for name in BALANCE))
    found = months.first(rows, *BALANCE) | {"delta": months.sums(rows["delta"])}
    cells = Runs(found["holder"], found["money"], found["cell"])
    after = {"arr": cells.running(found["delta"]), "next_month": cells.following(found["month"], NEVER)}
    return found | after


def _standing(balance: Rows) -> Rows:
    """What each holder has after every month in which it moved: after is the one cell, or 0 of none.

    The sum of the numbers of the cells that one has is, of one cell, its number.
    """
    taken = (balance["arr"] > 0).astype(np.int64) - (balance["arr"] > balance["delta"])
    counted = {name: balance[name] for name in (*POINT, "delta")}
    rows = ordered(counted | {"cells": taken, "after": taken * balance["cell"]}, *POINT)
    months = Runs(*(rows[name] for name in POINT))
    found = months.first(rows, *POINT)
    runs = Runs(found["holder"], found["money"])
    sums = {"arr": "delta", "cells": "cells", "after": "after"}
    return found | {name: runs.running(months.sums(rows[each])) for name, each in sums.items()}


def _within(balance: Rows, point: Rows, several: Mask) -> Rows:
    """The cells that holders have after months in which they have several, by the points' places."""
    groups, points = (Runs(rows["holder"], rows["money"]) for rows in (balance, point))
    group, places = points.of_rows(np.arange(len(points.starts)))[several], np.flatnonzero(several)
    row, place = spread(groups.starts[group], groups.lengths[group])
    found = {"point": places[place], "cell": balance["cell"][row]}
    month = point["month"][found["point"]]
    begun, over = balance["month"][row] <= month, balance["next_month"][row] <= month
    return chosen(found, begun & ~over & (balance["arr"][row] > 0))


def spread(starts: Column, lengths: Column) -> tuple[Column, Column]:
    """All the places of ranges, and for each the range that it is of."""
    which = np.repeat(np.arange(len(starts)), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(len(which)) + (starts - before)[which], which

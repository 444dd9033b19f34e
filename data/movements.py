"""Timeline segments as movements: what changed for each customer on each UTC day, and what kind of change.

A customer's kind of day is judged over all currencies together: who adds a subscription in another currency
expands, and only who ends with nothing in any currency has churned.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from pyarrow import compute

from data.numbering import numbered
from data.runs import LARGEST, Column, Rows, Runs, chosen, column, ordered, together

KINDS = ("new", "reactivation", "expansion", "contraction", "churn", "transfer")
DAY = ["customer_id", "day", "currency"]
CELL = [*DAY, "plan", "interval"]
COLUMNS = [*CELL, "kind", "delta_arr", "evidence"]
NUMBERS = ("day", "delta_arr")
SCHEMA = pa.schema([(name, pa.int64() if name in NUMBERS else pa.string()) for name in COLUMNS])
"""A table of movements; day counts UTC days since 1970."""
NO_CURRENCY = "xxx"
"""ISO 4217's code where no currency is known; an empty one stands for all of them in the rollups."""
MICROSECONDS_A_DAY = 86_400_000_000
NEW, REACTIVATION, EXPANSION, CONTRACTION, CHURN, TRANSFER = range(len(KINDS))
NO_KIND = -1
CHANGED = ("holder", "day", "cell")


def movements(segments: pa.Table, now: datetime) -> pa.Table:
    """The movements up to now (SCHEMA), by customer in order of day, cell and kind.

    What begins after now is left out.
    """
    rows = counted(segments, now)
    people, words = numbered(rows, ["customer_id"]), numbered(rows, ["evidence"], ordered=True)
    cells = numbered(rows, ["currency", "plan", "interval"], ordered=True)
    money = column(numbered(cells.names, ["currency"], ordered=True).numbers)
    bits = np.left_shift(1, column(words.numbers))
    moved = _changes(rows, {"holder": column(people.numbers), "cell": column(cells.numbers), "bits": bits})
    found = _parted(moved | {"money": money[moved["cell"]]})
    named = {name: cells.names[name].take(pa.array(found["cell"])) for name in cells.names.column_names}
    named["customer_id"] = people.names["customer_id"].take(pa.array(found["holder"]))
    named["kind"] = pa.array(KINDS).take(pa.array(found["kind"]))
    named["evidence"] = _evidence(pa.array(found["bits"]), words.names["evidence"].to_pylist())
    numbers = {"day": pa.array(found["day"]), "delta_arr": pa.array(found["delta"])}
    return pa.table(named | numbers).select(COLUMNS).cast(SCHEMA)


def _changes(counting: pa.Table, known: Rows) -> Rows:
    """What changed for each customer on each day in each cell; bits are the evidences, one for each."""
    ending = np.asarray(compute.is_valid(counting["ended"]))
    arr = column(counting["arr"])
    ended = chosen(known, ending) | {"day": column(counting["ended"].drop_null()), "delta": -arr[ending]}
    each = ordered(together(known | {"day": column(counting["begun"]), "delta": arr}, ended), *CHANGED)
    runs = Runs(*(each[name] for name in CHANGED))
    sums = {"delta": runs.sums(each["delta"]), "bits": runs.bits(each["bits"])}
    changes = runs.first(each, *CHANGED) | sums
    return chosen(changes, changes["delta"] != 0)


def _parted(moved: Rows) -> Rows:
    """Changes as movements: each with the kind of its day, and what another change cancels as a transfer.

    Cells are in order of their currencies, so that changes in order of cells are in order of money.
    """
    days = Runs(moved["holder"], moved["day"], moved["money"])
    delta = days.sums(moved["delta"])
    gained = days.sums(np.maximum(moved["delta"], 0))
    over = np.where(delta < 0, gained, gained - delta)
    dated = days.first(moved, "holder", "day", "money") | {"delta": delta}
    transfer = _transfers(moved | {"over": days.of_rows(over)})
    own = moved | {"kind": days.of_rows(_kinds(dated)), "delta": moved["delta"] - transfer}
    swapped = moved | {"kind": np.full_like(transfer, TRANSFER), "delta": transfer}
    parts = [chosen(part, part["delta"] != 0) for part in (own, swapped)]
    return ordered(together(*parts), *CHANGED, "kind")


def _kinds(dated: Rows) -> Column:
    """The kind of each customer's day and currency, as its place in KINDS."""
    held = ordered(dated | {"row": np.arange(len(dated["day"]))}, "holder", "money", "day")
    after = Runs(held["holder"], held["money"]).running(held["delta"])
    taken = np.empty_like(after)
    taken[held["row"]] = (after > 0).astype(np.int64) - (after > held["delta"])
    days = Runs(dated["holder"], dated["day"])
    change = days.sums(taken)
    people = Runs(dated["holder"][days.starts])
    holds, opening = people.running(change), people.places == 0
    began = (holds == change) & (holds > 0)
    customers = np.select([began & opening, began, holds == 0], [NEW, REACTIVATION, CHURN], NO_KIND)
    delta = dated["delta"]
    by_amount = np.select([delta > 0, delta < 0], [EXPANSION, CONTRACTION], TRANSFER)
    kinds = days.of_rows(customers)
    return np.where(kinds == NO_KIND, by_amount, kinds)


def _transfers(moved: Rows) -> Column:
    """The part of each change that another of the same customer, day and currency cancels.

    `over`, the smaller of what was gained and lost, is spread over each side as `money.allocate` does.
    """
    transfer = np.zeros_like(moved["delta"])
    places = np.flatnonzero(moved["over"] > 0)
    mixed = chosen(moved, places) | {"row": places, "weight": np.abs(moved["delta"][places])}
    mixed["side"] = (mixed["delta"] > 0).astype(np.int64)
    sides = ("holder", "day", "money", "side")
    mixed = ordered(mixed, *sides, "cell")
    runs = Runs(*(mixed[name] for name in sides))
    share, rest = _shared(mixed["over"], mixed["weight"], runs.of_rows(runs.sums(mixed["weight"])))
    odd = mixed["over"] - runs.of_rows(runs.sums(share))
    run = runs.of_rows(np.arange(len(runs.starts)))
    order = np.lexsort((mixed["cell"], -rest, run))
    raised = np.empty_like(share)
    raised[order] = runs.places < odd[order]
    transfer[mixed["row"]] = np.where(mixed["side"] == 1, 1, -1) * (share + raised)
    return transfer


def _shared(amount: Column, weight: Column, whole: Column) -> tuple[Column, Column]:
    """amount * weight // whole and what remains, exactly beyond 64 bits."""
    small = not len(amount) or int(amount.max()) * int(weight.max()) <= LARGEST
    product = amount * weight if small else amount.astype(object) * weight.astype(object)
    return (product // whole).astype(np.int64), (product % whole).astype(np.int64)


def _evidence(words: pa.Array, names: Sequence[str]) -> pa.ChunkedArray:
    """The evidences of each movement, from their bits."""
    different = compute.unique(words)
    listed = [
        "; ".join(name for place, name in enumerate(names) if bits >> place & 1)
        for bits in different.to_pylist()
    ]
    return pa.chunked_array([pa.array(listed, pa.string())]).take(
        compute.index_in(words, value_set=different)
    )


def counted(segments: pa.Table, now: datetime) -> pa.Table:
    """The segments that count and began by now, with the days on which they began and, by now, ended."""
    worth = compute.and_(segments["counted"], compute.not_equal(segments["arr"], 0))
    rows = segments.filter(compute.and_(worth, compute.less_equal(segments["from_at"], now)))
    names = (("currency", "currency"), ("product_id", "plan"), ("interval", "interval"))
    texts = {name: compute.fill_null(rows[column], "") for column, name in names}
    texts["currency"] = compute.fill_null(rows["currency"], NO_CURRENCY)
    ended = compute.if_else(compute.less_equal(rows["to_at"], now), _days(rows["to_at"]), None)
    kept = {name: rows[name] for name in ("customer_id", "evidence", "arr")}
    return pa.table(kept | texts | {"begun": _days(rows["from_at"]), "ended": ended})


def _days(instants: pa.ChunkedArray) -> pa.ChunkedArray:
    """UTC days since 1970."""
    return compute.divide(instants.cast(pa.int64()), MICROSECONDS_A_DAY)

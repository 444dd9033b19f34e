"""Timeline segments as movements: what changed for each customer on each UTC day, and what kind of change.

A customer's kind of day is judged over all currencies together: who adds a subscription in another currency
expands, and only who ends with nothing in any currency has churned.
"""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from pyarrow import compute

from data.numbering import numbered
from data.tabular import stepped

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

CHANGES = """
create table moved as
with change as (
    select holder, cell, money, begun as day, arr as delta, bit from counted
    union all
    select holder, cell, money, ended, -arr, bit from counted where ended is not null
)
select holder, cell, money, day, cast(sum(delta) as bigint) as delta, bit_or(bit) as words
from change group by holder, cell, money, day having sum(delta) <> 0;
"""
"""counted -> moved: the change of each customer, day and cell; words are the evidences, a bit for each.

A customer, a currency, and a cell (currency, plan, interval), is a number.
"""

KIND_OF_DAY = """
create table currency_day as
with side as (
    select holder, money, day, cast(sum(delta) as bigint) as delta,
        cast(sum(case when delta > 0 then delta else 0 end) as bigint) as gained
    from moved group by holder, money, day
)
select holder, money, day, delta, case when delta < 0 then gained else gained - delta end as moved_over
from side;

create view customer_day as
with held as (
    select holder, day, delta, sum(delta) over (partition by holder, money order by day) as after
    from currency_day
), taken as (
    select holder, day, sum(cast((after > 0) as int) - cast((after > delta) as int)) as taken
    from held group by holder, day
)
select holder, day, taken, sum(taken) over of_holder as after, row_number() over of_holder as place
from taken window of_holder as (partition by holder order by day);

create table kind_of_day as
select holder, money, day, moved_over, case
    when after = taken and after > 0 and place = 1 then 0
    when after = taken and after > 0 then 1
    when after = 0 then 4
    when delta > 0 then 2
    when delta < 0 then 3
    else 5 end as kind
from currency_day join customer_day using (holder, day);
"""
"""moved -> kind_of_day: the kind of each customer's day and currency, as its place in KINDS.

moved_over is how much of the change cancels out.
"""

TRANSFERS = """
create view transfer as
with mixed as (
    select holder, cell, money, day, moved_over, delta > 0 as gained, abs(delta) as weight,
        cast(sum(abs(delta)) over (partition by holder, money, day, delta > 0) as bigint) as whole
    from moved join kind_of_day using (holder, money, day) where moved_over > 0
), shared as (
    select holder, cell, money, day, moved_over, gained, share_of(moved_over, weight, whole) as share,
        rest_of(moved_over, weight, whole) as rest
    from mixed
), ranked as (
    select holder, cell, day, gained, share,
        moved_over - sum(share) over (partition by holder, money, day, gained) as odd,
        row_number() over (partition by holder, money, day, gained order by rest desc, cell) as place
    from shared
)
select holder, cell, day,
    case when gained then 1 else -1 end * (share + case when place <= odd then 1 else 0 end) as transfer
from ranked;
"""
"""The part of each cell's change that another of the same customer, day and currency cancels.

The smaller of what was gained and what was lost, spread over each side as `money.allocate` does.
"""

MOVEMENTS = """
with parted as (
    select moved.holder, moved.cell, moved.day, words, kind, delta, coalesce(transfer, 0) as transfer
    from moved join kind_of_day using (holder, money, day)
        left join transfer on transfer.holder = moved.holder and transfer.cell = moved.cell
            and transfer.day = moved.day
), part as (
    select holder, cell, day, words, kind, delta - transfer as delta from parted
    union all
    select holder, cell, day, words, 5, transfer from parted
)
select holder, day, cell, kind, delta, words from part where delta <> 0 order by holder, day, cell, kind
"""
NUMBERED = pa.schema([(name, pa.int64()) for name in ("holder", "day", "cell", "kind", "delta", "words")])


def movements(segments: pa.Table, now: datetime) -> pa.Table:
    """The movements up to now (SCHEMA), by customer in order of day, cell and kind.

    What begins after now is left out.
    """
    rows = counted(segments, now)
    people, words = numbered(rows, ["customer_id"]), numbered(rows, ["evidence"], ordered=True)
    cells = numbered(rows, ["currency", "plan", "interval"], ordered=True)
    money = numbered(cells.names, ["currency"], ordered=True).numbers
    given = rows.select(["begun", "ended", "arr"]).append_column("holder", people.numbers)
    given = given.append_column("cell", cells.numbers).append_column("money", money.take(cells.numbers))
    given = given.append_column("bit", compute.shift_left(pa.scalar(1, pa.int64()), words.numbers))
    with stepped({"counted": given}, CHANGES, KIND_OF_DAY, TRANSFERS) as database:
        found = database.table(MOVEMENTS, NUMBERED)
    named = {name: cells.names[name].take(found["cell"]) for name in cells.names.column_names}
    named["customer_id"] = people.names["customer_id"].take(found["holder"])
    named["kind"] = pa.array(KINDS).take(found["kind"])
    named["evidence"] = _evidence(found["words"], words.names["evidence"].to_pylist())
    return pa.table(named | {"day": found["day"], "delta_arr": found["delta"]}).select(COLUMNS).cast(SCHEMA)


def _evidence(words: pa.ChunkedArray, names: Sequence[str]) -> pa.ChunkedArray:
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

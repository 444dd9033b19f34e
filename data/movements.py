"""Timeline segments as movements: what changed for each customer on each UTC day, and what kind of change.

A customer's kind of day is judged over all currencies together: who adds a subscription in another currency
expands, and only who ends with nothing in any currency has churned.
"""

from datetime import datetime

import pyarrow as pa
from pyarrow import compute

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
create table holder as
select customer_id, row_number() over (order by customer_id) as holder
from (select distinct customer_id from counted) as found;

create table cell as
select currency, plan, "interval", row_number() over (order by currency, plan, "interval") as cell,
    dense_rank() over (order by currency) as money
from (select distinct currency, plan, "interval" from counted) as found;

create table word as
select evidence, cast(1 as bigint) << (row_number() over (order by evidence)) as bit
from (select distinct evidence from counted) as found;

create table moved as
with coded as (
    select holder, cell, money, begun, ended, arr, bit
    from counted join holder using (customer_id) join cell using (currency, plan, "interval")
        join word using (evidence)
), change as (
    select holder, cell, money, begun as day, arr as delta, bit from coded
    union all
    select holder, cell, money, ended, -arr, bit from coded where ended is not null
)
select holder, cell, money, day, cast(sum(delta) as bigint) as delta, bit_or(bit) as words
from change group by holder, cell, money, day having sum(delta) <> 0;
"""
"""counted -> moved: the change of each customer, day and cell; words are the evidences, a bit for each.

A customer, and a cell (currency, plan, interval), is a number.
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

create table customer_day as
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
    when after = taken and after > 0 and place = 1 then 'new'
    when after = taken and after > 0 then 'reactivation'
    when after = 0 then 'churn'
    when delta > 0 then 'expansion'
    when delta < 0 then 'contraction'
    else 'transfer' end as kind
from currency_day join customer_day using (holder, day);
"""
"""moved -> kind_of_day: the kind of each customer's day and currency, and how much of it cancels out."""

TRANSFERS = """
create table transfer as
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

NAMED = """
create table named as
select words, listed(evidence, '; ') as evidence
from (select distinct words from moved) as found join word on (words & bit) <> 0 group by words;
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
    select holder, cell, day, words, 'transfer', transfer from parted
)
select customer_id, day, currency, plan, "interval", kind, delta as delta_arr, evidence
from part join holder using (holder) join cell using (cell) join named using (words)
where delta <> 0 order by holder, day, cell, kind
"""


def movements(segments: pa.Table, now: datetime) -> pa.Table:
    """The movements up to now (SCHEMA), in order of CELL and kind; what begins after now is left out."""
    given = {"counted": counted(segments, now)}
    with stepped(given, CHANGES, KIND_OF_DAY, TRANSFERS, NAMED) as database:
        return database.table(MOVEMENTS, SCHEMA)


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

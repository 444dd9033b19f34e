"""Movements as queries: what changed for each customer on each day, and what kind of change it was."""

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

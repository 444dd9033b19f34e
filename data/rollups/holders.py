"""Who moved, as numbers: customers, currencies, cells and months, and what each customer held when."""

import pyarrow as pa
from pyarrow import compute

from data.numbering import numbered

MOVED = """
create table holder as
select holder, min(sign) as sign, min(audience) as audience,
    min(case when kind = 'new' then month end) as cohort, min(money) <> max(money) as mixed
from moving group by holder;

create table moved as
select holder, moving.audience, moving.sign, cohort, mixed, month, day, money, cell, kind, delta
from moving join holder using (holder);

create view moved_together as
select holder, month, money, cell, kind, delta from moved
union all
select holder, month, 0, cell, kind, delta from moved where mixed;
"""
"""moving, money, cell -> moved: a customer before a change and after it are two holders, by their sign.

Money 0 is all currencies together, written only for who has several: of the others it is their one currency.
"""

MOVERS = """
create table mover as
select holder, month, money, kind, min(cell) as low, max(cell) as high
from moved_together group by holder, month, money, kind;

create table mover_of_several as
select holder, month, money, kind, listed(name, '|') as name
from mover join moved_together using (holder, month, money, kind) join cell using (cell)
where low <> high group by holder, month, money, kind;
"""
"""moved -> mover: the cells that moved for each holder, month, currency and kind."""

HELD = """
create table balance as
with summed as (
    select holder, money, cell, month, cast(sum(delta) as bigint) as delta
    from moved_together group by holder, money, cell, month
)
select holder, money, cell, month, delta, cast(sum(delta) over in_time as bigint) as arr,
    coalesce(lead(month) over in_time, 1000000) as next_month
from summed window in_time as (partition by holder, money, cell order by month);

create table standing as
with taken as (
    select holder, money, month, cell, delta, cast((arr > 0) as int) - cast((arr > delta) as int) as taken
    from balance
), changed as (
    select holder, money, month, sum(delta) as delta, sum(taken) as cells, sum(taken * cell) as cell
    from taken group by holder, money, month
)
select holder, money, month, cast(sum(delta) over in_time as bigint) as arr,
    cast(sum(cells) over in_time as int) as cells, cast(sum(cell) over in_time as bigint) as cell
from changed window in_time as (partition by holder, money order by month);

create table standing_of_several as
select point.holder, point.money, point.month, listed(name, '|') as name
from standing as point join balance on balance.holder = point.holder and balance.money = point.money
        and balance.month <= point.month and point.month < balance.next_month
    join cell on cell.cell = balance.cell
where point.cells > 1 and balance.arr > 0 group by point.holder, point.money, point.month;
"""
"""moved -> standing: what each holder has after every month in which it moved.

How many cells, and the sum of their numbers: of one cell that is its number; of several the names are listed.
"""

PORTFOLIOS = """
create table portfolio as
select cell as portfolio, name from cell
union all select 0, ''
union all
select -row_number() over (order by name), name from (
    select name from mover_of_several union select name from standing_of_several
) as several;

create table held as
with after as (
    select holder, money, month, arr, cell as after from standing where cells < 2
    union all
    select holder, money, month, arr, portfolio
    from standing join standing_of_several using (holder, money, month) join portfolio using (name)
)
select holder, audience, sign, cohort, mixed, money, month, arr, after,
    coalesce(lag(after) over in_time, 0) as before, coalesce(lead(month) over in_time, 1000000) as next_month
from after join holder using (holder) window in_time as (partition by holder, money order by month);
"""
"""-> held: what each holder had before and after every month in which anything moved, as numbered portfolios.

Of one cell: the cell's number; 0: nothing; below 0: several. Month 1000000 does not come.
"""


def coded(moving: pa.Table) -> dict[str, pa.Table]:
    """Movements with numbers for their holder, money and cell, and the words of money and cell.

    Money and cells count from 1; a cell's name is "plan:interval", and they are in the order of their names.
    """
    people, side = numbered(moving, ["customer_id"]).numbers, compute.greater(moving["sign"], 0)
    money, cells = numbered(moving, ["currency"], ordered=True), numbered(moving, ["plan", "interval"])
    name = compute.binary_join_element_wise(*cells.names.columns, ":")
    named = numbered(cells.names.append_column("name", name), ["name", "plan", "interval"], ordered=True)
    numbers = {
        "holder": compute.add(compute.multiply(people, 2), side.cast(pa.int64())),
        "money": compute.add(money.numbers, 1),
        "cell": compute.add(named.numbers.take(cells.numbers), 1),
        "delta": moving["delta_arr"],
    }
    known = ("sign", "audience", "month", "day", "kind")
    every = pa.table({"currency": ["", *money.names["currency"].to_pylist()]})
    return {
        "moving": pa.table(numbers | {each: moving[each] for each in known}),
        "money": every.append_column("money", pa.array(range(len(every)))),
        "cell": named.names.append_column("cell", pa.array(range(1, len(named.names) + 1))),
    }

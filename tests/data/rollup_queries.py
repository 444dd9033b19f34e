"""The rollups as queries: who moved, what each held when, and the sum that each rollup is."""

from collections.abc import Mapping

from sqlalchemy import Table

from data import sizes
from data.money import THREE_DECIMAL
from data.tables import ledger

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

MOVEMENT = """
select audience, month, money, kind, cell, sum(sign * delta) as delta_arr
from moved group by audience, month, money, kind, cell
"""

MOVEMENT_CUSTOMERS = """
with named as (
    select holder, month, money, kind, low as portfolio from mover where low = high
    union all
    select holder, month, money, kind, portfolio from mover_of_several join portfolio using (name)
), counted as (
    select audience, month, money, kind, portfolio, mixed, sum(sign) as customers
    from named join holder using (holder) group by audience, month, money, kind, portfolio, mixed
)
select audience, month, money, kind, portfolio, customers from counted
union all
select audience, month, 0, kind, portfolio, customers from counted where not mixed
"""

TRANSITION = """
with counted as (
    select audience, month, money, before, after, month = cohort as first, mixed, sum(sign) as customers
    from held where before <> after or after = 0
    group by audience, month, money, before, after, month = cohort, mixed
)
select audience, month, money, before, after, first, customers from counted
union all
select audience, month, 0, before, after, first, customers from counted where not mixed
"""

COHORT = """
select audience, month, cohort, money, cell, sum(sign * delta) as delta_arr
from moved group by audience, month, cohort, money, cell
"""

COHORT_SUBSCRIBERS = """
with side as (
    select audience, month, cohort, mixed, money, after as portfolio, sign as taken
    from held where before <> after
    union all
    select audience, month, cohort, mixed, money, before, -sign from held where before <> after
), counted as (
    select audience, month, cohort, money, portfolio, mixed, sum(taken) as subscribers
    from side where portfolio <> 0
    group by audience, month, cohort, money, portfolio, mixed
)
select audience, month, cohort, money, portfolio, subscribers from counted
union all
select audience, month, cohort, 0, portfolio, subscribers from counted where not mixed
"""

# While what a customer had at a period's start (one) and has at its end (other) stay as they are, so does the
# customer's part: added in the month in which both began to be so, taken away when either no longer is.
RETENTION = """
with span as (
    select 1 as span union all select 12
), started as (
    select holder, audience, sign, money, span, after as portfolio, arr, month + span as month,
        next_month + span as next_month
    from held cross join span where money <> 0 and after <> 0
), pair as (
    select one.audience, one.sign, one.money, span, portfolio, one.arr as arr_start, other.arr as arr_end,
        case when other.arr < one.arr then other.arr else one.arr end as arr_kept,
        case when one.month > other.month then one.month else other.month end as begun,
        case when one.next_month < other.next_month then one.next_month else other.next_month end as ended
    from started as one join held as other on other.holder = one.holder and other.money = one.money
        and other.month < one.next_month and one.month < other.next_month
), part as (
    select audience, begun as month, span, money, portfolio, sign as taken, arr_start, arr_end, arr_kept
    from pair
    union all
    select audience, ended, span, money, portfolio, -sign, arr_start, arr_end, arr_kept from pair
    where ended < 1000000
)
select audience, month, span, money, portfolio as before, sum(taken * arr_start) as arr_start,
    sum(taken * arr_end) as arr_end, sum(taken * arr_kept) as arr_kept,
    sum(taken) as customers, sum(case when arr_end = 0 then taken else 0 end) as lost
from part group by audience, month, span, money, portfolio
"""
"""Over periods of 1 and of 12 months."""

# A bound of a currency with three decimals has a tenfold of its minor units.
_THOUSANDTHS = ", ".join(map(repr, sorted(THREE_DECIMAL)))
_SIZE = " + ".join(f"cast(arr >= {bound} * scale as int)" for bound in sizes.bounds("usd"))
SIZES = f"""
with scaled as (
    select money, case when currency in ({_THOUSANDTHS}) then 10 else 1 end as scale from money
), sized as (
    select holder, audience, sign, month, money, case when arr > 0 then {_SIZE} else -1 end as size
    from held join scaled using (money) where money <> 0
), changed as (
    select audience, sign, month, money, size, coalesce(lag(size) over in_time, -1) as earlier
    from sized window in_time as (partition by holder, money order by month)
), side as (
    select audience, month, money, size, sign as taken from changed where size <> earlier and size >= 0
    union all
    select audience, month, money, earlier, -sign from changed where size <> earlier and earlier >= 0
)
select audience, month, money, size, sum(taken) as subscribers
from side group by audience, month, money, size
"""

LIFETIMES = """
with life as (
    select holder, audience, sign, sum(delta) > 0 as still, min(day) as first, max(day) as last
    from moved group by holder, audience, sign
), start as (
    select holder, cell, money from moved where kind = 'new'
), began as (
    select holder, min(cell) as cell, max(cell) as high, min(money) as money, max(money) as highest
    from start group by holder
), named as (
    select holder, plan || ':' || currency as began
    from began join cell using (cell) join money using (money) where cell = high and money = highest
    union all
    select began.holder, listed(plan || ':' || currency, '|')
    from began join start using (holder) join cell on cell.cell = start.cell
        join money on money.money = start.money
    where began.cell <> high or began.money <> highest group by began.holder
)
select audience, began, still, case when still then first else last - first end as days,
    sum(sign) as customers
from life join named using (holder)
group by audience, began, still, case when still then first else last - first end
"""

EVER_SUBSCRIBED = """
with counted as (
    select audience, money, mixed, sum(sign) as customers
    from (select distinct holder, audience, sign, mixed, money from held) as held
    group by audience, money, mixed
)
select audience, money, customers from counted
union all
select audience, 0, customers from counted where not mixed
"""

SUMS: Mapping[Table, str] = {
    ledger.month_movement: MOVEMENT,
    ledger.month_movement_customers: MOVEMENT_CUSTOMERS,
    ledger.month_transition: TRANSITION,
    ledger.cohort_change: COHORT,
    ledger.cohort_subscriber_change: COHORT_SUBSCRIBERS,
    ledger.retention_change: RETENTION,
    ledger.size_change: SIZES,
    ledger.lifetime: LIFETIMES,
    ledger.ever_subscribed: EVER_SUBSCRIBED,
}

"""Who moved, as numbers: customers, currencies, cells and months, and what each customer held when."""

MOVED = """
create table holder as
select customer_id, sign, min(audience_id) as audience, min(case when kind = 'new' then month end) as cohort,
    min(currency) <> max(currency) as mixed, row_number() over (order by customer_id, sign) as holder
from movements join belonging using (customer_id, sign) group by customer_id, sign;

create table money as
select currency, row_number() over (order by currency) as money
from (select distinct currency from movements) as found
union all select '', 0;

create table cell as
select plan, "interval", name, row_number() over (order by name) as cell
from (select distinct plan, "interval", plan || ':' || "interval" as name from movements) as found;

create table moved as
select holder, audience, sign, cohort, mixed, month, money, cell, kind, delta_arr as delta
from movements join holder using (customer_id, sign) join money using (currency)
    join cell using (plan, "interval");

create table moved_together as
select holder, month, money, cell, kind, delta from moved
union all
select holder, month, 0, cell, kind, delta from moved where mixed;
"""
"""movements, belonging -> moved: a customer before a change and after it are two holders, by their sign.

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
select holder, money, cell, month, cast(sum(sum(delta)) over in_time as bigint) as arr,
    coalesce(lead(month) over in_time, 1000000) as next_month
from moved_together group by holder, money, cell, month
window in_time as (partition by holder, money, cell order by month);

create table holder_of_several as
select holder, money from balance group by holder, money having min(cell) <> max(cell);

create table point_of_several as
select distinct holder, money, month from balance join holder_of_several using (holder, money);

create table balance_of_several as
select holder, money, month, next_month, arr, name
from balance join holder_of_several using (holder, money) join cell using (cell) where arr > 0;

create table held_of_several as
select point.holder, point.money, point.month, cast(coalesce(sum(arr), 0) as bigint) as arr,
    coalesce(listed(name, '|'), '') as name
from point_of_several as point left join balance_of_several as held
    on held.holder = point.holder and held.money = point.money and held.month <= point.month
        and point.month < held.next_month
group by point.holder, point.money, point.month;
"""
"""moved -> what each holder has in each cell after every month in which it moved."""

PORTFOLIOS = """
create table portfolio as
select cell as portfolio, name from cell
union all select 0, ''
union all
select -row_number() over (order by name), name from (
    select name from mover_of_several union select name from held_of_several where name like '%|%'
) as several;

create table held as
with after as (
    select holder, money, month, arr, case when arr > 0 then cell else 0 end as after from balance
    where (holder, money) not in (select holder, money from holder_of_several)
    union all
    select holder, money, month, arr, portfolio from held_of_several join portfolio using (name)
)
select holder, money, month, arr, after, coalesce(lag(after) over in_time, 0) as before,
    coalesce(lead(month) over in_time, 1000000) as next_month
from after window in_time as (partition by holder, money order by month);
"""
"""-> held: what each holder had before and after every month in which anything moved, as numbered portfolios.

Of one cell: the cell's number; 0: nothing; below 0: several. Month 1000000 does not come.
"""

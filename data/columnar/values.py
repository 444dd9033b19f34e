"""What each stretch is worth, with its discount, and neighbours that say the same joined: the segments."""

STEPS = """
create table discount as
with given as (
    select sub.sub, d.* exclude (sub) from read_discount as d join sub on sub.sub = d.sub
    union all
    select sub.sub, d.* exclude (sub) from read_discount as d join sub on sub.customer_id = d.customer_id
    where d.sub is null and sub.sub not in (select sub from read_discount where sub is not null)
)
select sub, given.id, coupon, percent, coalesce(given.start::timestamp, '-infinity') as start,
    coalesce(given.stop::timestamp, 'infinity') as stop, duration in ('forever', 'repeating') as recurs,
    of_item = 1 or products = 1 or percent is null or given.stop <= given.start as odd
from given;

insert into refused
select sub, 'a discount that is more than a percentage of all' from discount
where coupon is null or (recurs and coalesce(odd, false));

insert into refused
select sub, 'several discounts' from discount where recurs
group by sub having count(*) > 1;

create table named as
select sub, unnest(from_json(discounts, '[{"id": "VARCHAR", "coupon": "VARCHAR"}]'), recursive := true)
from read_bill where discounts is not null
union all
select sub, unnest(from_json(taken, '[{"discount": "VARCHAR", "coupon": "VARCHAR"}]'), recursive := true)
from read_line where taken is not null
union all
select sub, id_of(given), null from (
    select sub, unnest(from_json(discounts, '["JSON"]')) as given from said
    union all
    select sub, unnest(from_json(discounts_before, '["JSON"]')) from said
    union all
    select sub, unnest(from_json(on_item, '["JSON"]')) from (
        select sub, unnest(list_transform(shown, lambda each: each.discounts)) as on_item from said
        union all
        select sub, unnest(list_transform(shown_before, lambda each: each.discounts)) from said
    )
);

insert into refused
select distinct named.sub, 'a discount that is gone' from named
left join read_coupon on read_coupon.id = named.coupon
left join discount on discount.sub = named.sub and discount.id = named.id
where discount.id is null and read_coupon.duration is distinct from 'once' and named.id not in (
    select named.id from named join read_coupon on read_coupon.id = named.coupon where duration = 'once'
    and named.id is not null);
"""

PLAIN = """
create table plain as
select stretch.*, discount.coupon, discount.percent, discount.start as reduced_from,
    discount.stop as reduced_to
from stretch left join discount on discount.sub = stretch.sub and discount.recurs
where stretch.sub not in (select sub from refused);
"""
"""The stretches of subscriptions that nothing speaks against."""

WORTHS = "select distinct term, percent from plain"
"""What is to be valued: terms, and the percentage off in force for some of their time, or none."""

SEGMENTS = """
with dated as (
    select plain.*, arr, reduced, start as from_at, stop as to_at, false as counted, doubt as evidence
    from plain join worth on worth.term = plain.term and worth.percent is not distinct from plain.percent
    where doubt is not null
    union all
    select plain.*, arr, reduced, greatest(plain.start, standing.start), least(plain.stop, standing.stop),
        standing.counted, if(standing.word = '', plain.word, standing.word)
    from plain join worth on worth.term = plain.term and worth.percent is not distinct from plain.percent
    join standing on standing.sub = plain.sub
        and (plain.stop is null or standing.start < plain.stop)
        and (standing.stop is null or plain.start < standing.stop)
    where doubt is null
),
valued as (
    select sub, item, term, from_at, to_at, counted, evidence, if(counted, arr, 0) as arr, null as discounts
    from dated where coupon is null or not counted
    union all
    select sub, item, term, from_at, least(to_at, reduced_from), counted, evidence, arr, null
    from dated where coupon is not null and counted and from_at < reduced_from
    union all
    select sub, item, term, greatest(from_at, reduced_from),
        if(reduced_to = 'infinity', to_at, least(to_at, reduced_to)), counted, evidence, reduced, coupon
    from dated where coupon is not null and counted and from_at < reduced_to
        and (to_at is null or reduced_from < to_at)
    union all
    select sub, item, term, greatest(from_at, reduced_to), to_at, counted, evidence, arr, null
    from dated where coupon is not null and counted and (to_at is null or reduced_to < to_at)
        and reduced_to < 'infinity'
),
compared as (
    select *, coalesce(lag(to_at) over following = from_at and lag(term) over following = term
        and lag(arr) over following = arr and lag(counted) over following = counted
        and lag(evidence) over following = evidence
        and lag(discounts) over following is not distinct from discounts, false) as same
    from valued window following as (partition by sub, item order by from_at)
),
numbered as (
    select *, sum(if(same, 0, 1)) over (partition by sub, item order by from_at) as island from compared
),
joined as (
    select sub, item, any_value(term) as term, any_value(arr) as arr, any_value(counted) as counted,
        min(from_at) as from_at, if(bool_or(to_at is null), null, max(to_at)) as to_at,
        any_value(evidence) as evidence, any_value(discounts) as discounts
    from numbered group by sub, item, island
)
select joined.sub as subscription_id, joined.item as subscription_item_id, sub.customer_id, price.product_id,
    price.id as price_id, price.interval, coalesce(price.currency, sub.currency) as currency,
    case when item.term = joined.term then item.quantity
        when joined.term % 1099511627776 <> 1099511627775 then joined.term % 1099511627776 end as quantity,
    arr, counted, from_at, to_at, evidence, discounts
from joined join sub on sub.sub = joined.sub join price on price.number = joined.term // 1099511627776
left join item on item.sub = joined.sub and item.item = joined.item
"""

REFUSED = """
select sub, customer_id, min(reason) as reason from refused join sub using (sub) group by sub, customer_id
order by sub
"""

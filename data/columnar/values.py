"""What each stretch is worth, with its discount, and neighbours that say the same joined: the segments."""

PLAIN = """
create table plain as
select stretch.*, regime.coupon, regime.percent,
    coalesce(regime.start, '-infinity'::timestamp) as reduced_from,
    coalesce(regime.stop, 'infinity'::timestamp) as reduced_to
from stretch left join regime on regime.sub = stretch.sub
where stretch.sub not in (select sub from refused);
"""
"""The stretches of what was not refused, once for each discount and for the time without."""

WORTHS = """
select term, percent from plain union select state, null from settled where state >= 0
union select found, null from settled where found >= 0
"""
"""What is to be valued: terms, and the percentage off, or none."""

UNKNOWNS = """
with moved as (
    select settled.*, coalesce(now.arr, 0) - coalesce(was.arr, 0) as delta from settled
    left join worth as now on now.term = found and now.percent is null
    left join worth as was on was.term = state and was.percent is null
    where scheduled is null and sub not in (select sub from refused)
)
select sub as subscription_id, item as subscription_item_id, sub.customer_id, sub.currency,
    from_at as earliest_at, latest as latest_at, placed as placed_at, delta as delta_arr,
    'first seen then' as reason
from moved join sub using (sub)
where delta <> 0 and exists (
    from segment where subscription_id = moved.sub and counted
        and (latest is null or segment.from_at < latest)
        and (segment.to_at is null or moved.from_at < segment.to_at)
)
"""

SEGMENTS = """
with dated as (
    select plain.sub, item, plain.term, start as from_at, stop as to_at, false as counted,
        doubt as evidence, 0 as arr, null as discounts
    from plain join worth on worth.term = plain.term and worth.percent is not distinct from plain.percent
    where doubt is not null and reduced_to = 'infinity'::timestamp
    union all
    select plain.sub, item, plain.term, greatest(plain.start, standing.start, reduced_from),
        least(plain.stop, standing.stop, if(reduced_to = 'infinity'::timestamp, null, reduced_to)),
        standing.counted, if(standing.word = '', plain.word, standing.word), if(standing.counted, arr, 0),
        if(standing.counted, coupon, null)
    from plain join worth on worth.term = plain.term and worth.percent is not distinct from plain.percent
    join standing on standing.sub = plain.sub
    where doubt is null
),
valued as (select * from dated where to_at is null or from_at < to_at),
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

"""What each stretch is worth, with its discount, and neighbours that say the same joined: the segments."""

PLAIN = """
create table plain as
select stretch.*, regime.coupon, regime.percent,
    coalesce(regime.start, '-infinity'::timestamp) as reduced_from,
    regime.stop as reduced_to, coalesce(regime.stop = 'infinity'::timestamp, true) as last
from stretch left join regime on regime.sub = stretch.sub
where stretch.sub not in (select sub from refused);

create table doubted as
select settled.*, regime.percent from settled
left join regime on regime.sub = settled.sub and regime.start <= placed and placed < regime.stop
where settled.sub not in (select sub from refused);
"""
"""plain: the stretches of what was not refused, once for each discount and for the time without.

doubted: what nothing dates, with the discount that is in force where it is placed.
"""

WORTHS = """
select term, percent from plain union select state, percent from doubted where state >= 0
union select found, percent from doubted where found >= 0
"""
"""What is to be valued: terms, and the percentage off, or none."""

VALUED = """
create table valued as
with doubtful as (select * from worth where doubt is not null),
dated as (
    select plain.sub, item, plain.term, start as from_at, stop as to_at, false as counted,
        doubt as evidence, 0 as arr, null::varchar as discounts
    from plain join doubtful
        on doubtful.term = plain.term and doubtful.percent is not distinct from plain.percent
    where last
    union all
    select plain.sub, item, plain.term,
        greatest(plain.start, standing.start, if(standing.counted, reduced_from, null)),
        least(plain.stop, standing.stop, if(standing.counted and not last, reduced_to, null)),
        standing.counted, if(standing.counted and standing.word = '', plain.word, standing.word),
        if(standing.counted, arr, 0), if(standing.counted, coupon, null)
    from plain join worth on worth.term = plain.term and worth.percent is not distinct from plain.percent
    join standing on standing.sub = plain.sub
    where doubt is null and (standing.counted or last)
)
from dated where to_at is null or from_at < to_at;
"""
"""Each stretch as it counted, with its discount. Neighbours may say the same in what SEGMENTS calls rough."""

SEGMENTS = """
create table segment as
with rough as (
    select sub, item from every_stretch where term >= 0 and start >= stop
    union
    select plain.sub, item from plain join discount on discount.sub = plain.sub
    group by all having count(*) > 2
),
compared as (
    select *, coalesce(lag(to_at) over following = from_at
        and lag({a: term, b: arr, c: counted, d: evidence, e: discounts}) over following
            = {a: term, b: arr, c: counted, d: evidence, e: discounts}, false) as same
    from valued semi join rough on rough.sub = valued.sub and rough.item = valued.item
    window following as (partition by sub, item order by from_at)
),
numbered as (
    select *, sum(if(same, 0, 1)) over (partition by sub, item order by from_at) as island from compared
)
select sub, item, any_value(term) as term, any_value(arr) as arr, any_value(counted) as counted,
    min(from_at) as from_at, if(bool_or(to_at is null), null, max(to_at)) as to_at,
    any_value(evidence) as evidence, any_value(discounts) as discounts
from numbered group by sub, item, island
union all
select sub, item, term, arr, counted, from_at, to_at, evidence, discounts
from valued anti join rough on rough.sub = valued.sub and rough.item = valued.item;
"""
"""The segments of items and terms."""

NUMBERED = """
with odd as (from item where quantity is distinct from term % 1099511627776)
select segment.sub, segment.item, segment.term // 1099511627776 as price,
    case when odd.term = segment.term then odd.quantity
        when segment.term % 1099511627776 <> 1099511627775 then segment.term % 1099511627776 end as quantity,
    arr, counted, from_at, to_at, evidence, discounts
from segment left join odd on odd.sub = segment.sub and odd.item = segment.item
"""
"""The same with their price and quantity: an item's own where that says it otherwise than its term."""

UNKNOWNS = """
with moved as (
    select doubted.*, coalesce(now.arr, 0) - coalesce(was.arr, 0) as delta from doubted
    left join worth as now on now.term = found and now.percent is not distinct from doubted.percent
    left join worth as was on was.term = state and was.percent is not distinct from doubted.percent
    where scheduled is null
)
select sub.name as subscription_id, item_name.name as subscription_item_id, sub.customer_id, sub.currency,
    from_at as earliest_at, latest as latest_at, placed as placed_at, delta as delta_arr,
    'first seen then' as reason
from (
    from moved semi join segment on segment.sub = moved.sub and counted
        and (latest is null or segment.from_at < latest)
        and (segment.to_at is null or moved.from_at < segment.to_at)
    where delta <> 0
) as moved join sub using (sub) join item_name using (item)
"""

REFUSED = """
select name as sub, customer_id, min(reason) as reason from refused join sub using (sub)
group by name, customer_id order by name
"""

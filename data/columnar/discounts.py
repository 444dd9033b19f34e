"""Which discounts a subscription had and until when: percentages of all of it, one at a time.

As `data.history.past_discounts` has it; whatever else there is refuses the subscription.
"""

STEPS = """
create table named as
select sub, bill, id, coupon, if(start > 0, to_timestamp(start)::timestamp, null) as start,
    to_timestamp("end")::timestamp as stop, subscription_item is not null as of_item, created
from (
    select sub, id as bill, created, unnest(from_json(discounts, '[{"id": "VARCHAR", "coupon": "VARCHAR",
        "start": "BIGINT", "end": "BIGINT", "subscription_item": "VARCHAR"}]'), recursive := true)
    from said_bill where discounts is not null
)
union all
select line_named.sub, bill, given.discount, null, null, null, false, said_bill.created from (
    select sub, bill, unnest(from_json(taken, '[{"discount": "VARCHAR", "amount": "BIGINT"}]')) as given
    from read_line where taken is not null
) as line_named left join said_bill on said_bill.id = bill
where given.amount > 0 and given.discount is not null;

create table heard as
select distinct sub, id_of(given) as id from (
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

create table present as
select sub.sub, d.* exclude (sub, customer_id) from read_discount as d join sub on sub.name = d.sub
union all
select sub.sub, d.* exclude (sub, customer_id) from read_discount as d
join sub on sub.customer_id = d.customer_id
where d.sub is null and sub.name not in (select sub from read_discount where sub is not null);

create table past as
select sub, id, bool_or(start is not null) as shown, max(created) as latest,
    arg_max({coupon: coupon, start: start, stop: stop, of_item: of_item}, {at_: created, bill: bill})
        filter (start is not null) as given
from named group by sub, id;

insert into refused
select sub, 'a discount that nothing shows' from (select sub, id from heard union
    select sub, id from past where not shown) as said_only
where (sub, id) not in (select (sub, id) from present)
    and (sub, id) not in (select (past.sub, past.id) from past
        join read_coupon on read_coupon.id = given.coupon where read_coupon.duration = 'once');

create table gone as
select past.sub, past.id, given.coupon as coupon, given.start as start, given.stop as stop,
    given.of_item as of_item, latest, if(given.stop > observed, null, given.stop) as ran_out, ended,
    (select min(created) from said_bill where said_bill.sub = past.sub and created > latest
        and reason in ('subscription_cycle', 'subscription_create')) as lacking,
    (select min(other.start) from (
        select sub, id, start::timestamp as start from present
        union all select sub, id, given.start from past where shown
    ) as other where other.sub = past.sub and other.start > latest) as replaced
from past join sub on sub.sub = past.sub join read_coupon on read_coupon.id = past.given.coupon
where shown and duration in ('forever', 'repeating')
    and (past.sub, past.id) not in (select (sub, id) from present);

insert into refused
select sub.sub, 'discounts of its own and of the customer' from read_discount as d
join sub on sub.customer_id = d.customer_id
where d.sub is null and (sub.name in (select sub from read_discount where sub is not null)
    or sub.sub in (select sub from gone));

create table removed as
select gone.*, least(lacking, if(events_from.moment > latest, events_from.moment, null)) as missed,
    case when missed is null or least(ran_out, replaced) <= missed then least(ran_out, replaced) end as told,
    coalesce(told, if(missed is null or ended <= missed, ended, null)) as placed
from gone, events_from;

insert into refused select sub, 'a discount taken off at some time' from removed where placed is null;

create table discount as
with known as (
    select sub, coupon, start::timestamp as start, stop::timestamp as stop, of_item = 1 as of_item
    from present
    union all
    select sub, coupon, start, least(stop, placed), of_item from removed
)
select sub, coupon, percent, coalesce(start, '-infinity'::timestamp) as start,
    coalesce(stop, 'infinity'::timestamp) as stop,
    duration is null as unknown, of_item or products = 1 or percent is null as partial
from known left join read_coupon on read_coupon.id = known.coupon
where (duration is null or duration in ('forever', 'repeating')) and not coalesce(stop <= start, false);

insert into refused
select sub, 'a discount that is more than a percentage of all' from discount where unknown or partial;

insert into refused
select sub, 'several discounts at once' from discount
qualify lag(stop) over (partition by sub order by start, stop) > start;

create table regime as
with every as (
    select sub, start, stop, coupon, percent from discount
    union all
    select sub, coalesce(lag(stop) over (partition by sub order by start), '-infinity'::timestamp), start,
        null, null from discount
    union all
    select sub, max(stop), 'infinity'::timestamp, null, null from discount group by sub
)
select * from every where start < stop;
"""
"""read_discount, read_coupon, said_bill, said -> regime: (sub, start, stop, coupon, percent)."""

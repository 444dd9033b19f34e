"""Events as what a subscription and its items were just before them and from then on.

Events of one second are one, as `data.evidence.events` joins them; where two of them change the same thing,
the subscription is refused.
"""

STEPS = """
create macro id_of(given) as if(json_type(given) = 'OBJECT', given ->> '$.id', given ->> '$');
create macro held(items) as list_sort(list_transform(items, lambda each:
    {item: each.id, price: id_of(each.price), quantity: each.quantity}));

create table said as
with read as (
    select sub, type, moment::timestamp as moment, from_json(data, '{
        "object": {"status": "VARCHAR", "discounts": "JSON", "items": {"data": [{"id": "VARCHAR",
            "price": "JSON", "quantity": "BIGINT", "created": "BIGINT", "discounts": "JSON"}]}},
        "previous_attributes": {"status": "VARCHAR", "discounts": "JSON", "items": {"data": [{"id": "VARCHAR",
            "price": "JSON", "quantity": "BIGINT", "created": "BIGINT", "discounts": "JSON"}]}}}') as told
    from read_event
)
select sub, moment, type = 'customer.subscription.created' as opening,
    told.object.items.data as shown, told.object.discounts as discounts,
    told.previous_attributes.items.data as shown_before,
    told.previous_attributes.discounts as discounts_before,
    coalesce(told.object.status, '') as status, coalesce(held(shown), []) as items,
    case when opening then status when type like '%.deleted' then ''
        else coalesce(told.previous_attributes.status, status) end as status_before,
    if(opening, items, coalesce(held(shown_before), items)) as items_before
from read;

create table crowded as select sub, moment from said group by sub, moment having count(*) > 1;

create table event as
select sub, moment, opening, status, status_before, items, items_before, false as mixed
from said anti join crowded on crowded.sub = said.sub and crowded.moment = said.moment
union all
select sub, moment, bool_or(opening),
    coalesce(any_value(status) filter (status <> status_before), any_value(status)),
    coalesce(any_value(status_before) filter (status <> status_before), any_value(status)),
    coalesce(any_value(items) filter (items is distinct from items_before), any_value(items)),
    coalesce(any_value(items_before) filter (items is distinct from items_before), any_value(items)),
    count(distinct {now: status, was: status_before}) filter (status <> status_before) > 1
        or count(distinct {now: items, was: items_before}) filter (items is distinct from items_before) > 1
        or (bool_and(status = status_before) and count(distinct status) > 1)
        or (bool_and(items is not distinct from items_before) and count(distinct items) > 1)
from said semi join crowded on crowded.sub = said.sub and crowded.moment = said.moment
group by sub, moment;

insert into refused select sub, 'events of one second' from event where mixed;

insert into refused
select sub, 'created twice' from event
qualify opening and row_number() over (partition by sub order by moment) > 1;

insert into other_item
select (select count(*) from read_item_name) + row_number() over () - 1, each.item
from (select unnest(items, recursive := true) from said union
    select unnest(items_before, recursive := true) from said) as each
anti join read_item_name on name = each.item where each.item is not null;

create table event_item as
with each_item as (
    select sub, moment, false as past, unnest(items, recursive := true) from event
    union all
    select sub, moment, true, unnest(items_before, recursive := true) from event
)
select sub, moment, item_name.item, past, term_of(price.number, price.metered, quantity) as term
from each_item join item_name on item_name.name = each_item.item
left join price on price.id = each_item.price;

insert into refused select sub, 'a price that is not there' from event_item where term is null;

create table added as
select item_name.item, max(to_timestamp(created)::timestamp) as created
from (select unnest(shown, recursive := true) from said) as shown (name, price, quantity, created, discounts)
join item_name on item_name.name = shown.name
where created is not null group by item_name.item;

create table event_fact as
select kept.sub, kept.item, event.moment, opening,
    if(opening, null, coalesce(was.term, -1)) as before, coalesce(now.term, -1) as after
from (
    select sub, item from event_item union select sub, item from item union select sub, item from fact
) as kept join event on event.sub = kept.sub
left join event_item as was
    on was.sub = kept.sub and was.item = kept.item and was.moment = event.moment and was.past
left join event_item as now
    on now.sub = kept.sub and now.item = kept.item and now.moment = event.moment and not now.past;

insert into refused
select sub, 'events that leave a gap' from event_fact
qualify lag(after) over (partition by sub, item order by moment) is distinct from before
    and row_number() over (partition by sub, item order by moment) > 1;
"""
"""read_event -> said: each event; event: each second; event_fact: (sub, item, moment, before, after)."""

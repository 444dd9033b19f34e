"""The charges of each item as facts, one an instant: what it was just before and from then on.

A subscription, an item and a price are numbers. So is a term, a price with a quantity: -1 is an item that
is not there, null is what nothing says. `data.history.facts` says the same of one subscription.
"""

STEPS = """
create macro term_of(price, metered, quantity) as
    price * 1099511627776 + if(metered, 1099511627775, coalesce(quantity, 1));

create table refused (sub bigint, reason varchar);

create table sub as
select number as sub, sub as name, customer_id, coalesce(status, '') as status, currency,
    start::timestamp as start, created::timestamp as created, trial_start::timestamp as trial_start,
    trial_end::timestamp as trial_end, ended::timestamp as ended, observed::timestamp as observed
from read_subscription;

create table other_item (item bigint, name varchar);

create view item_name as from read_item_name union all from other_item;

create table item as
select sub, item, quantity, created::timestamp as created, price, term_of(price, metered, quantity) as term
from read_item left join price on price.number = price;

insert into refused select sub, 'a price that is not there' from item where term is null;

create table line as
with charged as (
    select * from read_line where item is not null
        and (source is null or source not in (select source from read_pending where source is not null))
    union all
    select * from read_pending
)
select sub, item, kind, free = 1 as free, make_timestamp(start * 1000000) as start,
    make_timestamp(stop * 1000000) as stop, term_of(price, metered, quantity) as term,
    quantity < 0 or quantity > 1099511627770 as odd, coalesce(price.graduated, false) as graduated
from charged left join price on price.number = price where start is not null;

insert into refused
select distinct sub, 'a price that is not there' from line where term is null or odd;

create table at_once as
select sub, item, start as moment, max(term) filter (kind = 2) as credited,
    max(term) filter (kind < 2) as charged, count_if(kind = 2) as credits, count_if(kind < 2) as charges,
    bool_and(kind = 0) as periods
from line group by all;

create table net as
select sub, item, start as moment, term, count_if(kind = 2) as credits, count_if(kind < 2) as charges,
    bool_and(kind = 0) as periods, bool_or(graduated) as graduated,
    greatest(count_if(kind = 0), count_if(kind = 1), credits) > 1 as doubled
from line semi join (from at_once where credits > 1 or charges > 1) as crowd
    on crowd.sub = line.sub and crowd.item = line.item and crowd.moment = line.start
group by all;

create table fact as
select sub, item, moment, count_if(credits > charges) as befores, count_if(charges > credits) as afters,
    case when befores > 0 then max(term) filter (credits > charges)
        when afters = 0 then max(term) end as before,
    case when afters > 0 then max(term) filter (charges > credits)
        when befores > 0 then -1 else max(term) end as after,
    if(bool_and(periods), 'invoice', 'proration') as word, not bool_and(periods) as dated,
    befores > 1 or afters > 1 or (befores + afters = 0 and count(*) > 1)
        or (bool_or(doubled) and (sum(credits) > 0 or bool_or(graduated))) as mixed
from net group by all
union all
select sub, item, moment, 0, 0, credited, coalesce(charged, -1), if(periods, 'invoice', 'proration'),
    not periods, false
from at_once where credits < 2 and charges < 2;

insert into refused select sub, 'several terms moment one instant' from fact where mixed;

create table events_from as select since::timestamp as moment from read_since;

create table phase as
with said as (
    select coalesce(sub, released) as sub, created::timestamp as created,
        least(canceled::timestamp, freed::timestamp, completed::timestamp) as until,
        unnest(from_json(phases, '[{"start": "BIGINT",
            "items": [{"price": "VARCHAR", "quantity": "BIGINT"}]}]'), recursive := true)
    from (
        select sub, null as released, * exclude (sub, released) from read_schedule where sub is not null
        union all
        select null, released, * exclude (sub, released) from read_schedule where released is not null
    )
),
item_said as (
    select sub, created, until, to_timestamp(start)::timestamp as start, unnest(items, recursive := true)
    from said
)
select sub.sub, item_said.start, price.number * 1099511627776 + coalesce(nullif(quantity, 0), 1) as term
from item_said join price on price.id = item_said.price join sub on sub.name = item_said.sub
where item_said.start >= item_said.created and (until is null or item_said.start < until);
"""
"""read_subscription, _item, _line, _pending, _schedule, price -> sub, item, line, fact, phase.

fact: (sub, item, moment, before, after, word, dated). refused collects (sub, reason) from here to the end.
"""

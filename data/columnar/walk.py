"""Each item followed through its facts: the stretches in which its terms stay the same.

What `data.history.items` does fact by fact, for items that no fact contradicts: each states as "before" what
the one before it left behind, and the present is what the last one left.
"""

STEPS = """
create table known as
select sub, item, true as present, term, price, quantity, created from item
union all
select sub, item, false, -1, null, null, added.created
from (select sub, item from fact union select sub, item from event_fact) as named
left join added using (item)
where (sub, item) not in (select (sub, item) from item);

create table begun as
with first_event as (select sub, min(moment) as moment from event group by sub),
first_fact as (
    select item, fact.sub, min(moment) as moment,
        unnest(arg_min({before: before, word: word}, moment))
    from fact join sub on sub.sub = fact.sub where ended is null or moment < ended
    group by item, fact.sub
),
first_period as (select sub, min(start) as moment from line where kind = 0 group by sub)
select known.*, sub.start, sub.ended, first_event.moment as event_at,
    if(known.created - sub.created > interval 1 minute, greatest(known.created, sub.start), null) as added,
    added is not null and (first_fact.moment is null or first_fact.moment > added)
        and (ended is null or added < ended) as adds,
    case when adds then true
        when first_fact.moment is null or first_fact.moment <= start then false
        when first_fact.before is not null then false
        when first_fact.word <> 'invoice' then true
        else coalesce(first_period.moment < first_fact.moment, false) end as gone,
    not gone or (adds and (event_at is null or added < event_at)) as open,
    if(gone, added, start) as since
from known join sub on sub.sub = known.sub
left join first_fact on first_fact.sub = known.sub and first_fact.item = known.item
left join first_period on first_period.sub = known.sub
left join first_event on first_event.sub = known.sub;

create table placed as
with dated as (
    select fact.* from fact join sub on sub.sub = fact.sub where ended is null or moment < ended
)
select dated.*, latest.moment as latest_at, latest.before as latest_before, latest.after as latest_after,
    coalesce(coming.after = dated.after and coming.before is distinct from coming.after
        and coming.moment - dated.moment <= interval 1 hour, false) as announces
from dated
asof left join event_fact as latest
    on latest.sub = dated.sub and latest.item = dated.item and latest.moment <= dated.moment
asof left join event_fact as coming
    on coming.sub = dated.sub and coming.item = dated.item and coming.moment > dated.moment;

insert into refused
select sub, 'an invoice says otherwise than the events' from placed
where latest_at is not null and not announces and after <> latest_after
    and (moment > latest_at or after is distinct from latest_before);

create table walked as
with chain as (
    select sub, item, moment, before, after, word, dated from placed where latest_at is null and not announces
    union all
    select sub, item, moment, before, after, 'event', true from event_fact
),
ordered as (
    select *, lag(after) over following as left_behind, row_number() over following as place,
        lead(after) over following as next_after
    from chain window following as (partition by sub, item order by moment)
)
select ordered.*, begun.since, begun.open, begun.term as present,
    case when place > 1 then left_behind when open then coalesce(before, after) else -1 end as state
from ordered join begun on begun.sub = ordered.sub and begun.item = ordered.item;

insert into refused
select sub, 'a change that nothing dates' from walked
where before <> state or (not dated and after <> state) or (next_after is null and after <> present);

create table change as
select sub, item, 0 as place, since as moment, state as term, word from walked where place = 1 and open
union all
select sub, item, place, moment, after, word from walked where after <> state
union all
select sub, item, 0, since, term,
    case when added is not null then 'item added' when ended is null then 'present' else 'ended' end
from begun where open and (sub, item) not in (select (sub, item) from walked);

insert into refused
select sub, 'a change that nothing dates' from begun
where not open and present and (sub, item) not in (select (sub, item) from walked);

create table stretch as
select change.sub, item, moment as start, term, word,
    coalesce(lead(moment) over (partition by change.sub, item order by place), ended) as stop
from change join sub on sub.sub = change.sub
qualify term >= 0 and (stop is null or start < stop);
"""

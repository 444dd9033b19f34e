"""Each item followed through its facts: the stretches in which its terms stay the same.

What `data.history.items` does fact by fact, for items that no event contradicts. What no evidence dates is
dated and doubted as there.
"""

STEPS = """
create table known as
select sub, item, true as present, term, price, quantity, created from item
union all
select sub, item, false, -1, null, null, added.created
from (select sub, item from fact union select sub, item from event_fact) as named
left join added using (item)
where (sub, item) not in (select (sub, item) from item);

create table first_event as select sub, min(moment) as moment from event group by sub;

create table begun as
with first_fact as (
    select item, fact.sub, min(moment) as moment,
        nullif(arg_min(coalesce(before, -2), moment), -2) as before,
        arg_min(word = 'invoice', moment) as billed
    from fact join sub on sub.sub = fact.sub where ended is null or moment < ended
    group by item, fact.sub
),
first_period as (
    select sub, min(start) as moment from line
    where kind = 0 and term % 1099511627776 <> 1099511627775 group by sub
)
select known.*, sub.start, sub.ended, first_event.moment as event_at,
    if(known.created - sub.created > interval 1 minute, greatest(known.created, sub.start), null) as added,
    added is not null and (first_fact.moment is null or first_fact.moment > added)
        and (ended is null or added < ended) as adds,
    case when adds then true
        when first_fact.moment is null or first_fact.moment <= start then false
        when first_fact.before is not null then false
        when not first_fact.billed then true
        else coalesce(first_period.moment < first_fact.moment, false) end as gone,
    not gone or (adds and (event_at is null or added < event_at)) as open,
    if(gone, added, start) as since
from known join sub on sub.sub = known.sub
left join first_fact on first_fact.sub = known.sub and first_fact.item = known.item
left join first_period on first_period.sub = known.sub
left join first_event on first_event.sub = known.sub;

create table lapse as
with billed as (select sub, max(start) as latest from line where kind = 0 group by sub),
ending as (
    select line.sub, item, max(stop) as moment from line semi join known
        on known.sub = line.sub and known.item = line.item and not present
    where kind < 2 group by line.sub, item
)
select ending.* from ending join billed on billed.sub = ending.sub and latest >= moment;

create table reach as
select sub.sub, coalesce(ended, 'infinity'::timestamp) as ended,
    coalesce(first_event.moment - interval 1 hour, 'infinity'::timestamp) as late
from sub left join first_event on first_event.sub = sub.sub;

create view dated_fact as
with every as (
    select sub, item, moment, before, after, word, dated from fact
    union all
    select sub, item, moment, null, -1, 'not renewed', false from lapse
)
select every.*, reach.late from every join reach on reach.sub = every.sub
where every.moment < reach.ended;

create table placed as
select dated.* exclude (late), latest.moment as latest_at, latest.before as latest_before,
    latest.after as latest_after,
    coalesce(coming.after = dated.after and coming.before is distinct from coming.after
        and coming.moment - dated.moment <= interval 1 hour, false) as announces
from (from dated_fact where moment >= late) as dated
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
    select sub, item, moment, before, after, word, dated from dated_fact where moment < late
    union all
    select sub, item, moment, before, after, word, dated from placed where latest_at is null and not announces
    union all
    select sub, item, moment, before, after, 'event', true from event_fact
),
ordered as (
    select *, lag(after) over following as left_behind, lag(moment) over following as earlier,
        row_number() over following as place, lead(after) over following is null as final
    from chain window following as (partition by sub, item order by moment, word = 'not renewed')
)
select ordered.*, begun.since, begun.open, begun.term as present, begun.ended,
    coalesce(earlier, if(adds and open, added, start)) as from_at,
    case when place > 1 then left_behind when open then coalesce(before, after) else -1 end as state,
    case when before <> state then before when not dated and after <> state then after end as found
from (
    from ordered
    where place = 1 or final or word = 'event' or before <> left_behind or after <> left_behind
) as ordered join begun on begun.sub = ordered.sub and begun.item = ordered.item;

insert into refused
select sub, 'events that leave a gap' from walked
where word = 'event' and (found is not null or (final and after <> present));

create table settled as
with settle as (
    select sub, item, place * 4 + 1 as place, from_at, state, found, moment as until, moment as otherwise,
        word from walked where found is not null
    union all
    select sub, item, place * 4 + 3, moment, after, present, ended, moment,
        if(ended is null, 'present', 'ended') from walked where final and after <> present
),
dated as (
    select settle.*, min(phase.start) as scheduled
    from settle join sub on sub.sub = settle.sub
    left join phase on phase.sub = settle.sub and phase.term = found and phase.start > from_at
        and phase.start <= least(until, observed)
    group by all
)
select dated.* exclude (word), coalesce(from_at < events_from.moment
        and (until is null or events_from.moment < until), false) as kept,
    coalesce(scheduled, if(kept, events_from.moment, otherwise)) as placed,
    if(scheduled is null, word, 'schedule') as word, if(kept, events_from.moment, until) as latest
from dated, events_from;

create view change as
select sub, item, 0 as place, since as moment, state as term, word from walked where place = 1 and open
union all
select sub, item, place, placed, found, word from settled
union all
select sub, item, place * 4 + 2, moment, after, word from walked
where dated and after <> coalesce(found, state)
union all
select sub, item, 0, since, term,
    case when added is not null then 'item added' when ended is null then 'present' else 'ended' end
from begun where open and (sub, item) not in (select (sub, item) from walked);

insert into refused
select sub, 'a change that nothing dates' from begun
where not open and present and (sub, item) not in (select (sub, item) from walked);

create table every_stretch as
select change.sub, item, moment as start, term, word,
    coalesce(lead(moment) over (partition by change.sub, item order by place), ended) as stop
from change join sub on sub.sub = change.sub;

create view stretch as from every_stretch where term >= 0 and (stop is null or start < stop);
"""
"""fact, event_fact, phase -> stretch: (sub, item, start, stop, term, word); settled: what nothing dates."""

"""When each subscription counted, and why it did not where it did not: as `data.history.standing` has it."""

STEPS = """
create macro word_of(status) as case status
    when 'active' then '' when 'past_due' then '' when 'incomplete' then 'incomplete'
    when 'incomplete_expired' then 'never active' when 'unpaid' then 'unpaid' when 'paused' then 'paused'
    when 'trialing' then 'trial' when 'canceled' then 'ended, date not known' else 'status not known' end;

create table told as
with opening as (select sub, min(moment) as moment, arg_min(opening, moment) as opening,
    arg_min(status_before, moment) as status from event group by sub)
select sub.*, if(opening.sub is null, sub.status, coalesce(nullif(opening.status, ''), 'canceled')) as was,
    if(opening.sub is null, ended, opening.moment) as until
from sub left join opening on opening.sub = sub.sub
where opening.sub is null or not opening.opening;

create table said_bill as
select sub, id, reason, owed, tried, created::timestamp as created, paid::timestamp as paid,
    finalized::timestamp as finalized, lost::timestamp as lost, discounts
from read_bill;

create table zero as
with bill as (
    select sub, arg_min({owed: owed, paid: paid, created: created}, {at_: created, id: id}) as opening
    from said_bill where reason = 'subscription_create' group by sub
),
given_up as (
    select told.sub, was, until, bill.id, lost as moment,
        (select min(other.paid) from said_bill as other
            where other.sub = told.sub and other.paid > lost) as paid
    from told join said_bill as bill on bill.sub = told.sub
    where tried > 0 and lost is not null and reason is distinct from 'subscription_create'
),
unpaid as (
    select sub, moment, paid from given_up
    where not coalesce(moment >= until, false) and not (paid is null and was in ('active', 'past_due'))
        and not exists (from said_bill as other where other.sub = given_up.sub and tried > 0
            and created > moment and (given_up.paid is null or created < given_up.paid)
            and (finalized - created <= interval 2 hours or (finalized - created <= interval 3 days
                and coalesce(given_up.paid - finalized > interval 1 minute, true))))
),
owing as (
    select told.sub, min(moment) as moment from told join given_up on given_up.sub = told.sub
    where told.was = 'unpaid' and moment > coalesce(
        (select max(other.paid) from said_bill as other where other.sub = told.sub), start)
    group by told.sub
),
billed as (
    select line.sub, min(line.start) filter (line.start >= trial_end) as resumed,
        bool_or(free and line.start >= trial_end) as free
    from line join sub on sub.sub = line.sub where kind = 0 and trial_end is not null group by line.sub
),
part as (
    select sub, 1 as place, greatest(start, coalesce(trial_start, start)) as since, 'trial' as word,
        if(was = 'trialing', null, coalesce(trial_end, since)) as stop
    from told where not coalesce(stop <= since, false)
    union all
    select told.sub, 2, start, 'incomplete', opening.paid from told join bill on bill.sub = told.sub
    where opening.owed = 1 and (opening.paid is not null
        or (was = 'canceled' and coalesce(ended - start <= interval 23 hours, false)))
        and not coalesce(start < opening.created
            and opening.paid - opening.created <= interval 1 minute, false)
    union all
    select told.sub, 3, trial_end, 'paused', resumed from told join billed on billed.sub = told.sub
    where was <> 'trialing' and ((resumed is null and was not in ('active', 'past_due'))
        or resumed - trial_end > interval 2 hours)
    union all
    select told.sub, 4, coalesce(max(coalesce(line.stop, line.start)), told.start), 'paused', null
    from told left join line on line.sub = told.sub and line.kind = 0
    where was = 'paused' group by told.sub, told.start
    union all
    select sub, 5, moment, 'unpaid', paid from unpaid
    union all
    select sub, 6, moment, 'unpaid', null from owing
)
select part.*, told.start, told.until, greatest(told.start, max(stop) over earlier) as covered,
    stop is null or coalesce(stop >= until, false) as endless,
    coalesce(bool_or(stop is null or coalesce(stop >= until, false)) over earlier, false) as done
from part join told on told.sub = part.sub
where not coalesce(since >= until, false)
window earlier as (partition by part.sub order by since, place
    rows between unbounded preceding and 1 preceding);

insert into refused
select distinct line.sub, 'a trial of what is free' from line join sub on sub.sub = line.sub
where kind = 0 and free and line.start >= trial_end;

insert into refused
select distinct line.sub, 'free for a time' from line join sub on sub.sub = line.sub
join price on price.number = term // 1099511627776
where kind = 0 and free and costs
    and not coalesce(line.start >= coalesce(trial_start, sub.start) and line.start < trial_end, false);

create table uneven as
select sub from line where kind = 0 group by sub
having count(distinct item) > 1
    or abs(epoch(max(stop) - min(start)) - sum(epoch(stop - start))) > 7200;

insert into refused
select sub, 'nothing was billed for a time' from (
    select sub, start, max(stop) over (partition by sub order by start
        rows between unbounded preceding and 1 preceding) as reached
    from line semi join uneven on uneven.sub = line.sub
) where start - reached > interval 2 hours;

insert into refused
select distinct line.sub, 'a trial within a period' from line join sub on sub.sub = line.sub
where kind = 0 and not free and line.start < trial_end and stop > trial_end;

insert into refused
select told.sub, 'paused within a period' from told join (
    select sub, max(stop) as reached, max(stop) filter (not free) as billed from line
    where kind = 0 group by sub
) as last_period on last_period.sub = told.sub
where (was = 'paused' and billed = reached) or (told.until = ended and ended - reached > interval 1 day);

insert into refused
select distinct bill.sub, 'unpaid, not written off' from said_bill as bill
join said_bill as later on later.sub = bill.sub and later.created > bill.created
where bill.tried > 1 and bill.lost is null and later.owed = 1 and later.reason = 'subscription_cycle'
    and coalesce(later.finalized - later.created > interval 2 hours, true);

insert into refused
select distinct zero.sub, 'unpaid or past due' from zero where place = 5 and stop is not null
and not exists (from said_bill as held where held.sub = zero.sub and owed = 1
    and reason = 'subscription_cycle' and created > since and created < stop
    and coalesce(finalized - created > interval 3 days, true));

insert into refused
select sub, 'unpaid since an attempt that failed' from told
where was = 'unpaid' and sub not in (select sub from zero where place = 6);

create table standing as
with whole as (
    select sub, start, until, word_of(was) as word from told
    where (was = 'canceled' and ended is null) or was in ('incomplete', 'incomplete_expired')
        or word_of(was) = 'status not known'
),
pieces as (
    select sub, covered as start, since as stop, if(word = 'trial', 'before trial', '') as word
    from zero where not done and covered < since
    union all
    select sub, greatest(covered, since), if(endless, until, stop), word
    from zero where not done and (endless or covered < stop)
    union all
    select told.sub, greatest(told.start, max(zero.stop)), told.until, ''
    from told left join zero on zero.sub = told.sub
    group by told.sub, told.start, told.until having not coalesce(bool_or(endless), false)
),
seen as (
    select event.sub, event.status,
        if(opening and row_number() over times = 1, start, moment) as start,
        least(coalesce(lead(moment) over times, ended), ended) as stop, ended
    from event join sub on sub.sub = event.sub window times as (partition by event.sub order by moment)
),
every as (
    select sub, start, until as stop, word from whole
    union all
    select sub, start, stop, word from pieces
    where sub not in (select sub from whole) and (stop is null or start < stop)
    union all
    select sub, start, stop, word_of(status) from seen
    where status <> 'canceled' and not coalesce(start >= ended, false) and (stop is null or start < stop)
),
compared as (
    select *, coalesce(lag(word) over following = word and lag(stop) over following = start, false) as same
    from every window following as (partition by sub order by start)
),
numbered as (
    select *, sum(if(same, 0, 1)) over (partition by sub order by start) as island from compared
)
select sub, min(start) as start, if(bool_or(stop is null), null, max(stop)) as stop, any_value(word) as word,
    any_value(word) in ('', 'before trial') as counted
from numbered group by sub, island;
"""
"""sub, event, line, read_bill -> standing: (sub, start, stop, word, counted), without gap or overlap."""

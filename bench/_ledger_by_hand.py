"""The movements of the bench's business written by hand over Parquet: how fast it could be.

The rows are those of a rebuild, evidence and all. But nothing here is general: it knows how this business
bills, reads only the columns that it needs, asks no event, and has nothing to check.
"""

from pathlib import Path

import duckdb

MOVEMENTS = """
create table day_change as
with worth as (
    select id, product_id, currency, '1' || recurring_interval as interval,
        unit_amount * if(recurring_interval = 'year', 1, 12) as yearly
    from read_parquet('{folder}/price.parquet')
),
counted as (
    select subscription.id, subscription.customer_id, ended_at, coalesce(trial_end_at, paid_at) as since,
        if(discount.id is null, 1, 0.8) as share
    from read_parquet('{folder}/subscription.parquet') as subscription
    join read_parquet('{folder}/invoice.parquet') as invoice
        on subscription_id = subscription.id and billing_reason = 'subscription_create'
    left join read_parquet('{folder}/discount.parquet') as discount
        on discount.subscription_id = subscription.id
),
said as (
    select subscription_item_id as item, subscription_id, greatest(period_start, since) as moment,
        arg_max({{price_id: price_id, quantity: quantity, prorated: proration}}, period_start) as terms
    from read_parquet('{folder}/invoice_line.parquet') join counted on counted.id = subscription_id
    where credited_lines is null group by all
),
changed as (
    select * from said window following as (partition by item order by moment)
    qualify lag(terms.price_id) over following is distinct from terms.price_id
        or lag(terms.quantity) over following <> terms.quantity
),
held as (
    select customer_id, moment, product_id as plan, interval, currency, terms.prorated as prorated,
        floor(yearly * terms.quantity * share + 0.5)::bigint as arr,
        coalesce(lead(moment) over (partition by item order by moment), ended_at) as until
    from changed join counted on counted.id = subscription_id join worth on worth.id = terms.price_id
),
both_ends as (
    select customer_id, moment // 86400 as day, currency, plan, interval, arr, prorated from held
    union all
    select customer_id, until // 86400, currency, plan, interval, -arr, prorated from held
    where until is not null
)
select customer_id, day, currency, plan, interval, sum(arr)::bigint as delta,
    if(bool_or(prorated), if(bool_and(prorated), 'proration', 'invoice; proration'), 'invoice') as evidence
from both_ends group by all having sum(arr) <> 0;

copy (
    with days as (
        select customer_id, day, currency, sum(delta)::bigint as delta,
            sum(greatest(delta, 0))::bigint as gained, sum(greatest(-delta, 0))::bigint as lost
        from day_change group by all
    ),
    standing as (
        select *, sum(delta) over (partition by customer_id, currency order by day) as after from days
    ),
    customers as (
        select customer_id, day, sum(if(after > 0, 1, 0) - if(after > delta, 1, 0)) as change
        from standing group by all
    ),
    holding as (
        select *, sum(change) over following as holds, row_number() over following = 1 as opening
        from customers window following as (partition by customer_id order by day)
    ),
    kinds as (
        select standing.*, least(gained, lost) as moved, case
            when holds = change and holds > 0 then if(opening, 'new', 'reactivation')
            when holds = 0 then 'churn' when delta > 0 then 'expansion'
            when delta < 0 then 'contraction' else 'transfer' end as kind
        from standing join holding using (customer_id, day)
    ),
    parts as (
        select day_change.*, kind, case when moved = 0 then 0
            when day_change.delta > 0 then moved * day_change.delta // gained
            else -(moved * -day_change.delta // lost) end as transfer
        from day_change join kinds using (customer_id, day, currency)
    )
    select customer_id, day, currency, plan, interval, kind, delta - transfer as delta_arr, evidence
    from parts where delta <> transfer
    union all
    select customer_id, day, currency, plan, interval, 'transfer', transfer, evidence
    from parts where transfer <> 0
) to '{folder}/movement.parquet';
"""


def movements(folder: Path) -> int:
    """Write the movements of the tables in a folder beside them; gives how many there are."""
    with duckdb.connect() as engine:
        engine.execute(MOVEMENTS.format(folder=folder))
        found = engine.execute(f"select count(*) from '{folder}/movement.parquet'").fetchone()  # noqa: S608
    return int(found[0]) if found else 0

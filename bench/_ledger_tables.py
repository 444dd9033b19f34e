"""The bench's business in SQL: what each subscription went through, as the mirror's rows tell it.

Instants are epoch seconds. Each subscription begins, changes its seats and then one of: changes its seats
again, changes its plan, adds an item, ends. Some have a trial, some a coupon, and a few changed at a renewal
without a proration. Whoever runs by the month has left an event of the last renewal.
"""

_LIVES = """
select i,
    format('sub_{:08d}', i) as id,
    format('cus_{:08d}', i - (i % 10 = 9)::int) as customer_id,
    format('si_{:08d}', i) as item,
    i % 4 as plan, if(i % 3 = 0, 'year', 'month') as every, if(i % 5 = 0, 'eur', 'usd') as currency,
    now_at() - 86400 * 200 - (hash(i) % (86400 * 900))::bigint as start,
    i % 8 = 0 as tried, i % 50 = 0 as discounted, i % 100 = 1 as silent, (i % 10) as shape,
    1 + i % 20 as seats, 3 + i % 23 as seats_then, 2 + i % 29 as seats_last,
    start + (now_at() - start) * 2 // 5 as first, start + (now_at() - start) * 4 // 5 as second,
    if(shape >= 8, second, null) as ended,
    (first + second) // 2 as renewed, (second + now_at()) // 2 as renewed_last,
    format('price_{}_{}_{}', plan, every, currency) as price,
    format('price_{}_{}_{}', if(shape in (5, 6), (plan + 1) % 4, plan), every, currency) as price_last,
    case when shape < 5 then seats_last else seats_then end as quantity,
    format('price_add_{}_{}', every, currency) as price_added
from range(amount()) as numbers (i)
"""

_PRICES = """
select format('price_{}_{}_{}', plan, every, currency) as id, format('prod_{}', plan) as product_id,
    currency, 'per_unit' as billing_scheme, amount * if(every = 'year', 10, 1) as unit_amount,
    unit_amount::text as unit_amount_decimal, every as recurring_interval, 1 as recurring_interval_count,
    'licensed' as recurring_usage_type
from (values ('0', 900), ('1', 1900), ('2', 2900), ('3', 4900), ('add', 500)) as plans (plan, amount),
    (values ('month'), ('year')) as cycles (every), (values ('usd'), ('eur')) as currencies (currency)
"""

_SUBSCRIPTIONS = """
select id, customer_id, if(ended is null, 'active', 'canceled') as status, currency,
    'charge_automatically' as collection_method, start as start_at, start as created_at,
    if(tried, start, null) as trial_start_at, if(tried, start + 1209600, null) as trial_end_at,
    ended as ended_at
from lives
"""

_ITEMS = """
select item as id, id as subscription_id, 0 as position, price_last as price_id, quantity, start as created_at
from lives
union all
select item || '_add', id, 1, price_added, 1, second from lives where shape = 7
"""

_LINES = """
with said as (
    select lives.*, item as of_item, invoice, kind, moment, price as of_price, units
    from lives, lateral (values
        (1, 'period', start, seats),
        (2, if(tried, 'period', null), start + 1209600, seats),
        (3, if(silent, null, 'credit'), first, seats), (3, if(silent, null, 'charge'), first, seats_then),
        (3, 'period', renewed, seats_then),
        (4, if(shape < 5, 'credit', null), second, seats_then),
        (4, if(shape < 5, 'charge', null), second, seats_last),
        (4, if(shape in (5, 6), 'credit', null), second, seats_then)
    ) as lines (invoice, kind, moment, units)
    union all
    select lives.*, item, 4, kind, moment, price_last, units from lives, lateral (values
        (if(shape in (5, 6), 'charge', null), second, seats_then),
        (if(shape < 8, 'period', null), renewed_last, quantity)
    ) as lines (kind, moment, units)
    union all
    select lives.*, item || '_add', 4, kind, moment, price_added, 1 from lives, lateral (values
        ('charge', second), ('period', renewed_last)
    ) as lines (kind, moment) where shape = 7
)
select format('il_{:09d}', row_number() over ()) as id, format('in_{:08d}_{}', i, invoice) as invoice_id,
    id as subscription_id, of_item as subscription_item_id, of_price as price_id, units as quantity,
    case when tried and invoice = 1 then 0 when kind = 'credit' then -1000 else 1000 end * units as amount,
    kind <> 'period' as proration, if(kind = 'credit', '["il_1"]', null) as credited_lines,
    if(discounted, format('[{{"amount": 200, "discount": "di_{:08d}"}}]', i), null) as discount_amounts,
    moment as period_start, coalesce(min(if(kind = 'period', moment, null)) over later, ended,
        now_at() + 2592000) as period_end
from said where kind is not null
window later as (partition by of_item order by moment range between 1 following and unbounded following)
"""
"""A period lasts until the next one: few invoices stand for all that were written."""

_INVOICES = """
select format('in_{:08d}_{}', i, number) as id, customer_id, id as subscription_id, 'paid' as status, reason
    as billing_reason, 'charge_automatically' as collection_method, currency,
    if(tried and number = 1, 0, 1000 * seats) as amount_due, 1 as attempt_count, moment as created_at,
    if(discounted, 200, 0) as discount,
    if(discounted, [{id: format('di_{:08d}', i), coupon: 'co_20', start: start, "end": null}]::json, null)
        as discounts,
    moment + 3600 as finalized_at, moment + if(number = 1, 7, 3605) as paid_at
from lives, lateral (values
    (1, 'subscription_create', start), (2, if(tried, 'subscription_cycle', null), start + 1209600),
    (3, 'subscription_cycle', renewed), (4, if(shape < 8, 'subscription_cycle', null), renewed_last)
) as invoices (number, reason, moment)
where reason is not null
"""

_EVENTS = """
with renewed as (
    select *, now_at() - (hash(i + 1) % 2000000)::bigint as moment,
        {id: item, object: 'subscription_item', created: start, discounts: [],
            price: {id: price_last, object: 'price'}, quantity: quantity} as first_item,
        {id: item || '_add', object: 'subscription_item', created: second, discounts: [],
            price: {id: price_added, object: 'price'}, quantity: 1} as other_item,
        {data: if(shape = 7, [first_item, other_item], [first_item])} as items,
        {id: id, object: 'subscription', customer: customer_id, status: 'active', created: start,
            collection_method: 'charge_automatically', currency: currency, cancel_at_period_end: false,
            discounts: if(discounted, [format('di_{:08d}', i)], []), items: items,
            latest_invoice: format('in_{:08d}_4', i)} as after
    from lives where ended is null and every = 'month'
)
select format('evt_{:08d}', i) as id, 'customer.subscription.updated' as type,
    'subscription' as object_type, id as object_id, moment as created_at,
    {object: after,
        previous_attributes: {latest_invoice: format('in_{:08d}_3', i), items: items}}::json as data
from renewed
"""

_DISCOUNTS = """
select format('di_{:08d}', i) as id, id as subscription_id, 'co_20' as coupon_id, 0 as position,
    start as start_at from lives where discounted
"""

TABLES = {
    "lives": _LIVES,
    "price": _PRICES,
    "coupon": "select 'co_20' as id, '20' as percent_off, 'forever' as duration",
    "customer": "select distinct customer_id as id, 'DE' as country from lives",
    "subscription": _SUBSCRIPTIONS,
    "subscription_item": _ITEMS,
    "invoice": _INVOICES,
    "invoice_line": _LINES,
    "event": _EVENTS,
    "discount": _DISCOUNTS,
}
"""Each table's query, in an order in which they can be made."""
CREATED = tuple(name for name in TABLES if name != "lives")
"""Those of them that the mirror has."""

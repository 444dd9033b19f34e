"""A whole business for both databases: the ledger's bench with what pages read beside it.

python -m bench._business URL SUBSCRIPTIONS fills an empty database that is there to be looked at, or asked
by bench.frames again and again.
"""

import sys

from sqlalchemy import Engine, insert

from bench._ledger_data import CREATED, NOW, fill, made
from data import account_sums, customer_standing, due_dates, findings, ledger, search
from data.database import open_engine
from data.migrations import migrate
from data.tables import operations

_PRODUCTS = """
select format('prod_{}', plan) as id, name, {plan: key, addon: other}::json as metadata, true as active,
    now_at() - 86400 * 1200 as created_at
from (values ('0', 'Free', 'free', ''), ('1', 'Professional', 'professional', ''),
    ('2', 'Business', 'business', ''), ('3', 'Enterprise', 'enterprise', ''),
    ('add', 'Single sign-on', '', 'sso')) as products (plan, name, key, other)
"""

_HOLDERS = """
select customer_id, min(i) as i, min(start) as start, sum(quantity) as seats, max(ended is null) as pays,
    arg_min(if(shape in (5, 6), (plan + 1) % 4, plan), i) as plan,
    ['DE', 'FR', 'US', 'GB', 'NL'][1 + min(i) % 5] as country
from lives group by customer_id
"""

_CUSTOMERS = """
select customer_id as id, 'Company ' || i as name,
    'office@company' || if(i % 1000 = 500, i - 2, i) || '.test' as email, country,
    start as created_at, if(i % 50 = 7, null, 'pm_' || i) as default_payment_method_id,
    if(i % 997 = 5, now_at() - 864000, null) as deleted_at
from holders
"""

_METHODS = """
select 'pm_' || i as id, customer_id, 'card' as type, 'visa' as card_brand,
    (1000 + i % 9000)::text as card_last4, 1 + i % 12 as card_exp_month, 2026 + i % 5 as card_exp_year,
    start as created_at
from holders
"""

_SUBSCRIPTIONS = """
select subscription.* replace (if(ended is null and i % 200 = 11, 'past_due', status) as status),
    if(ended is null and i % 100 = 3, true, false) as cancel_at_period_end,
    if(ended is null and i % 100 = 3, now_at() - 864000, null) as canceled_at,
    if(i % 100 = 3, 'too_expensive', null) as cancellation_feedback,
    if(i % 250 = 4 and ended is null, 'void', null) as pause_behavior,
    format('in_{:08d}_{}', i, if(shape < 8, 4, 3)) as latest_invoice_id,
    if(i % 100 = 41 and ended is null, format('sched_{:08d}', i), null) as schedule_id,
    if(plan = 3, {capacity: seats}::json, null) as metadata
from subscription join lives using (id)
"""

_ITEMS = """
select subscription_item.*, now_at() - 86400 * 20 as current_period_start,
    now_at() + 86400 * (1 + i % if(every = 'month', 30, 365)) as current_period_end
from subscription_item join lives on lives.id = subscription_id
"""

_INVOICES = """
with due as (
    select invoice.* exclude (collection_method, status, paid_at), i, i % 10 = 6 as sent,
        if(i % 10 = 6, finalized_at + 86400 * 30, finalized_at) as falls_due_at,
        case when i % 97 = 0 and number = if(shape < 8, 4, 3) then null
            when i % 10 = 6 then finalized_at + 86400 * (i % 80)
            when i % 50 = 8 then finalized_at + 86400 * (i % 20) else paid_at end as closed_at,
        1 + (i % 50 = 8)::int * 2 as attempts
    from (select *, right(id, 1)::int as number from invoice) as invoice
    join lives on lives.id = invoice.subscription_id
)
select due.* exclude (attempt_count, i, sent, attempts, closed_at), upper(id) as number,
    if(sent, 'send_invoice', 'charge_automatically') as collection_method, attempts as attempt_count,
    if(closed_at <= now_at(), closed_at, null) as closed_at, if(closed_at <= now_at(), closed_at, null) as
    paid_at, if(closed_at <= now_at(), 'paid', 'open') as status, amount_due as total,
    amount_due as subtotal, if(closed_at <= now_at(), amount_due, 0) as amount_paid,
    if(closed_at <= now_at(), 0, amount_due) as amount_remaining, 'Company ' || i as customer_name
from due
"""

_PAYMENTS = """
select 'inpay_' || id as id, id as invoice_id, 'paid' as status, currency, amount_due as amount_requested,
    amount_due as amount_paid, 'payment_intent' as type, closed_at as paid_at, created_at
from invoice where status = 'paid' and amount_due > 0
"""

_CREDIT_NOTES = """
select 'cn_' || id as id, 'CN-' || id as number, id as invoice_id, customer_id, currency,
    'issued' as status, 100 as amount, 100 as total, 100 as pre_payment_amount,
    finalized_at + 3600 as created_at
from invoice where hash(id) % 100 = 1 and amount_due > 200
"""

_SCHEDULES = """
select format('sched_{:08d}', i) as id, customer_id, id as subscription_id, 'active' as status,
    if(i % 200 = 41, 'cancel', 'release') as end_behavior, start as created_at,
    start as current_phase_start, now_at() + 86400 * (1 + i % 300) as current_phase_end,
    [{start: start, "end": now_at() + 86400 * (1 + i % 300)}]::json as phases
from lives where i % 100 = 41 and ended is null
"""

_QUOTES = """
select format('qt_{:08d}', i) as id, 'QT-' || i as number, customer_id,
    if(i % 200 = 61, id, null) as subscription_id, if(i % 200 = 61, 'accepted', 'open') as status, currency,
    1200000 as amount_total, 1200000 as recurring_amount_total, 'year' as recurring_interval,
    1 as recurring_interval_count,
    {term_months: '12', notice_days: '90', auto_renews: 'true'}::json as metadata,
    start as accepted_at, start - 86400 as created_at, now_at() + 864000 as expires_at
from lives where i % 100 = 61
"""

_DISCOUNTS = """
select *, null::bigint as end_at from discount
union all
select format('di_end_{:08d}', i), id, 'co_end', 1, start,
    now_at() + 86400 * if(i % 1000 = 37, -10, i % 300) from lives where i % 100 = 37
"""

_ACCOUNTS = """
select 'acc_' || i as account_id, 'Company ' || i as name, 'owner@company' || i || '.test' as owner,
    ['free', 'professional', 'business', 'enterprise'][
        1 + if(pays or i % 100 = 18, (plan + if(i % 100 = 17, 1, 0)) % 4, 0)] as plan,
    seats + if(i % 100 = 23, 5, 0) as capacity, 'Manager ' || (i % 8) as account_manager,
    ['small', 'medium', 'large'][1 + i % 8 % 3] as segment, country, start as created_at,
    case when i % 500 = 9 then null else customer_id end as stripe_customer_id
from holders where i % 300 <> 13
"""

_USE = """
select 'acc_' || i as account_id, (to_timestamp(now_at()) - to_days(back))::date as day,
    (seats * (30 + i % 90) // 100)::bigint as used
from holders, (values (1), (2), (3)) as days (back) where i % 300 <> 13
"""

_ADDONS = """
select 'acc_' || holders.i as account_id, 'sso' as addon, holders.start as live_since
from holders join lives using (customer_id)
where lives.shape = 7 and holders.i % 300 <> 13 and holders.i % 90 <> 7 group by all
"""

LIVELIER = {
    "product": _PRODUCTS,
    "customer": _CUSTOMERS,
    "payment_method": _METHODS,
    "subscription": _SUBSCRIPTIONS,
    "subscription_item": _ITEMS,
    "invoice": _INVOICES,
    "invoice_payment": _PAYMENTS,
    "credit_note": _CREDIT_NOTES,
    "subscription_schedule": _SCHEDULES,
    "quote": _QUOTES,
    "discount": _DISCOUNTS,
    "coupon": "select * from coupon union all select 'co_end', '10', 'repeating'",
    "account": _ACCOUNTS,
    "account_use": _USE,
    "account_addon": _ADDONS,
}
"""Queries over the tables of bench._ledger_tables, each in place of its namesake."""


def business(engine: Engine, subscriptions: int) -> None:
    """Fill an empty database as a sync and a copy of the application database leave it."""
    migrate(engine)
    tables = made(subscriptions)
    tables.execute(f"create table holders as {_HOLDERS}")
    for name, query in LIVELIER.items():
        tables.execute(f"create or replace table {name} as {query}")
    fill(tables, engine, tuple(dict.fromkeys((*CREATED, *LIVELIER))))
    tables.close()
    with engine.begin() as connection:
        ledger.refresh(connection, None, NOW)
        search.refresh_customers(connection, None)
        customer_standing.refresh(connection, None, NOW)
        customer_standing.refresh_accounts(connection)
        due_dates.refresh(connection, None, NOW)
        account_sums.add_up(connection)
        version = {"committed_at": NOW, "data_at": NOW, "reason": "bench"}
        connection.execute(insert(operations.data_version).values(version))
    findings.record(engine, NOW)
    with engine.begin() as connection:
        connection.exec_driver_sql("analyze")


def main() -> None:
    """Fill the database of a URL."""
    engine = open_engine(sys.argv[1])
    business(engine, int(sys.argv[2]))
    engine.dispose()


if __name__ == "__main__":
    main()

"""SQL as typed DataFrames. Money is integer ARR or amounts in minor units; `month` is "YYYY-MM", UTC."""

from sqlalchemy import Engine

from data.frames.accounts import accounts, conversions
from data.frames.actions import (
    approvals,
    approvals_waiting,
    audit_entries,
    last_audit_entry,
    unfinished_actions,
)
from data.frames.addons import addon_events, addon_setups, provisioning
from data.frames.audiences import audiences
from data.frames.behind import (
    behind_arr,
    behind_lifetime_value,
    behind_movements,
    behind_rates,
    behind_retention,
    behind_subscribers,
)
from data.frames.bridge import bridge_parts
from data.frames.cancellations import decided, events_since, saves, scheduled_then
from data.frames.changes import churned, customers_of_month, scheduled_churn
from data.frames.cohort_customers import cohort_customers
from data.frames.contracts_due import renewals_named, renewals_under_contract
from data.frames.currencies import exchange_rates
from data.frames.customer import (
    account_profile,
    addons_told,
    coupons_offered,
    creditable_invoices,
    customer_accounts,
    customer_addons,
    customer_credit_notes,
    customer_discounts,
    customer_happened,
    customer_happenings,
    customer_invoices,
    customer_items,
    customer_methods,
    customer_movements,
    customer_notes,
    customer_profile,
    customer_quotes,
    customer_schedules,
    customer_segments,
    customer_subscriptions,
    customer_use,
    prices_named,
    prices_offered,
)
from data.frames.customer_list import customer_page
from data.frames.departures import departed, departed_once, departures
from data.frames.discounts import discounts_in_force
from data.frames.due_sums import (
    renewals_by_day,
    renewals_noted,
    renewals_of_periods,
)
from data.frames.evidence import application_extent, ever_subscribed, evidence_changes, not_shown
from data.frames.failing import failing_payments, payment_recovery
from data.frames.findings import (
    finding_notes,
    findings_brief,
    findings_closed,
    findings_compare,
    findings_kept,
    findings_named,
)
from data.frames.flows import flow_customers, flows
from data.frames.history import ledger_movements, unknown_history
from data.frames.holdings import arr_now, customer_arr, customers_held, plan_mix
from data.frames.invoice_detail import (
    invoice_credit_notes,
    invoice_detail,
    invoice_lines,
    invoice_tries,
    receivable_notes,
)
from data.frames.invoice_list import invoice_page
from data.frames.largest import item_changes, largest_movements
from data.frames.lists import customers, invoices, movement_totals
from data.frames.months import (
    month_end,
    month_end_subscribers,
    movement_customers,
    movements,
    subscriber_flow,
    transitions,
)
from data.frames.outcomes import outcomes, outcomes_by_month
from data.frames.owed_over_time import owed_over_time
from data.frames.pipeline import quote_moves, quote_pipeline, quotes_changed
from data.frames.products import products
from data.frames.receivables import (
    invoiced,
    invoiced_customers,
    owed,
    owed_by_customer,
    owed_invoices,
    written_off,
)
from data.frames.reconciliation import findings
from data.frames.recoveries import failed_payments
from data.frames.renewal_notes import renewal_forecasts, renewal_notes
from data.frames.renewals import renewals
from data.frames.requests import findings_open, request_use
from data.frames.restatements import (
    changes_by_month,
    known_since,
    movement_totals_known,
    movements_known,
    restated,
)
from data.frames.retention import cohort_month_end, cohort_subscribers, lifetimes, retention
from data.frames.search import find
from data.frames.service import service_ahead, service_lines
from data.frames.shown import is_shown
from data.frames.silence import event_gaps, paused_collection
from data.frames.since import moved_since, moved_since_totals, trials_since
from data.frames.sizes import audience_sizes, subscribers_by_size
from data.frames.status import DataStatus, data_status

__all__ = [
    "DataStatus",
    "Engine",
    "account_profile",
    "accounts",
    "addon_events",
    "addon_setups",
    "addons_told",
    "application_extent",
    "approvals",
    "approvals_waiting",
    "arr_now",
    "audience_sizes",
    "audiences",
    "audit_entries",
    "behind_arr",
    "behind_lifetime_value",
    "behind_movements",
    "behind_rates",
    "behind_retention",
    "behind_subscribers",
    "bridge_parts",
    "changes_by_month",
    "churned",
    "cohort_customers",
    "cohort_month_end",
    "cohort_subscribers",
    "conversions",
    "coupons_offered",
    "creditable_invoices",
    "customer_accounts",
    "customer_addons",
    "customer_arr",
    "customer_credit_notes",
    "customer_discounts",
    "customer_happened",
    "customer_happenings",
    "customer_invoices",
    "customer_items",
    "customer_methods",
    "customer_movements",
    "customer_notes",
    "customer_page",
    "customer_profile",
    "customer_quotes",
    "customer_schedules",
    "customer_segments",
    "customer_subscriptions",
    "customer_use",
    "customers",
    "customers_held",
    "customers_of_month",
    "data_status",
    "decided",
    "departed",
    "departed_once",
    "departures",
    "discounts_in_force",
    "event_gaps",
    "events_since",
    "ever_subscribed",
    "evidence_changes",
    "exchange_rates",
    "failed_payments",
    "failing_payments",
    "find",
    "finding_notes",
    "findings",
    "findings_brief",
    "findings_closed",
    "findings_compare",
    "findings_kept",
    "findings_named",
    "findings_open",
    "flow_customers",
    "flows",
    "invoice_credit_notes",
    "invoice_detail",
    "invoice_lines",
    "invoice_page",
    "invoice_tries",
    "invoiced",
    "invoiced_customers",
    "invoices",
    "is_shown",
    "item_changes",
    "known_since",
    "largest_movements",
    "last_audit_entry",
    "ledger_movements",
    "lifetimes",
    "month_end",
    "month_end_subscribers",
    "moved_since",
    "moved_since_totals",
    "movement_customers",
    "movement_totals",
    "movement_totals_known",
    "movements",
    "movements_known",
    "not_shown",
    "outcomes",
    "outcomes_by_month",
    "owed",
    "owed_by_customer",
    "owed_invoices",
    "owed_over_time",
    "paused_collection",
    "payment_recovery",
    "plan_mix",
    "prices_named",
    "prices_offered",
    "products",
    "provisioning",
    "quote_moves",
    "quote_pipeline",
    "quotes_changed",
    "receivable_notes",
    "renewal_forecasts",
    "renewal_notes",
    "renewals",
    "renewals_by_day",
    "renewals_named",
    "renewals_noted",
    "renewals_of_periods",
    "renewals_under_contract",
    "request_use",
    "restated",
    "retention",
    "saves",
    "scheduled_churn",
    "scheduled_then",
    "service_ahead",
    "service_lines",
    "subscriber_flow",
    "subscribers_by_size",
    "transitions",
    "trials_since",
    "unfinished_actions",
    "unknown_history",
    "written_off",
]

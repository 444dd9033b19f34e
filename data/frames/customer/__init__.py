"""Everything about one customer as frames: who it is, what it has, what it was billed, what happened."""

from data.frames.customer.billing import (
    creditable_invoices,
    customer_credit_notes,
    customer_invoices,
    customer_methods,
    customer_quotes,
)
from data.frames.customer.contracts import (
    coupons_offered,
    customer_discounts,
    customer_items,
    customer_schedules,
    customer_subscriptions,
    prices_named,
    prices_offered,
)
from data.frames.customer.happened import (
    customer_happened,
    customer_happenings,
    customer_movements,
    customer_segments,
)
from data.frames.customer.notes import customer_notes
from data.frames.customer.profile import (
    account_profile,
    addons_told,
    customer_accounts,
    customer_addons,
    customer_profile,
    customer_use,
)

__all__ = [
    "account_profile",
    "addons_told",
    "coupons_offered",
    "creditable_invoices",
    "customer_accounts",
    "customer_addons",
    "customer_credit_notes",
    "customer_discounts",
    "customer_happened",
    "customer_happenings",
    "customer_invoices",
    "customer_items",
    "customer_methods",
    "customer_movements",
    "customer_notes",
    "customer_profile",
    "customer_quotes",
    "customer_schedules",
    "customer_segments",
    "customer_subscriptions",
    "customer_use",
    "prices_named",
    "prices_offered",
]

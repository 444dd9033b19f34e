"""SQLAlchemy tables, a module for each subject."""

from data.tables import (
    actions,
    application,
    currencies,
    customers,
    due,
    findings,
    history,
    ledger,
    looks,
    mirror,
    operations,
    receivables,
    renewals,
    restatements,
    search,
    sign_ins,
    webhooks,
)
from data.tables.types import metadata

__all__ = [
    "actions",
    "application",
    "currencies",
    "customers",
    "due",
    "findings",
    "history",
    "ledger",
    "looks",
    "metadata",
    "mirror",
    "operations",
    "receivables",
    "renewals",
    "restatements",
    "search",
    "sign_ins",
    "webhooks",
]

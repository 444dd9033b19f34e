"""SQLAlchemy tables: mirror, application, ledger, history, currencies, receivables, operations."""

from data.tables import application, currencies, history, ledger, mirror, operations, receivables
from data.tables.types import metadata

__all__ = [
    "application",
    "currencies",
    "history",
    "ledger",
    "metadata",
    "mirror",
    "operations",
    "receivables",
]

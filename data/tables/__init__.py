"""SQLAlchemy tables: mirror, application, ledger, history, currencies, operations."""

from data.tables import application, currencies, history, ledger, mirror, operations
from data.tables.types import metadata

__all__ = ["application", "currencies", "history", "ledger", "metadata", "mirror", "operations"]

"""SQLAlchemy tables: mirror, application, ledger, currencies, operations."""

from data.tables import application, currencies, ledger, mirror, operations
from data.tables.types import metadata

__all__ = ["application", "currencies", "ledger", "metadata", "mirror", "operations"]

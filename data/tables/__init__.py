"""SQLAlchemy tables: mirror, application, ledger, operations."""

from data.tables import application, ledger, mirror, operations
from data.tables.types import metadata

__all__ = ["application", "ledger", "metadata", "mirror", "operations"]

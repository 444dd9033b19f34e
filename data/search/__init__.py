"""The index by which customers and accounts are found; `data.frames.find` looks into it."""

from data.search.indexing import refresh_accounts, refresh_customers

__all__ = ["refresh_accounts", "refresh_customers"]

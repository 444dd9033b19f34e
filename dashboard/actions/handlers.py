"""Every command there is, and what it needs and does."""

from typing import Any

from dashboard.actions import customers, ending, invoices, items, planned, starting, terms
from dashboard.actions.base import Handler

HANDLERS: dict[type, Handler[Any]] = {
    **ending.HANDLERS,
    **items.HANDLERS,
    **planned.HANDLERS,
    **starting.HANDLERS,
    **terms.HANDLERS,
    **customers.HANDLERS,
    **invoices.HANDLERS,
}
COMMANDS: dict[str, type] = {command.__name__: command for command in HANDLERS}

"""Every command there is, and what it needs and does."""

from typing import Any

from dashboard.actions import (
    collecting,
    customers,
    downtime,
    drafts,
    ending,
    invoices,
    items,
    planned,
    prospects,
    pushing,
    quoting,
    quoting_joining,
    quoting_preparing,
    quoting_ramp,
    quoting_writing,
    refunds,
    starting,
    tax_ids,
    terms,
)
from dashboard.actions.base import Handler

HANDLERS: dict[type, Handler[Any]] = {
    **ending.HANDLERS,
    **items.HANDLERS,
    **planned.HANDLERS,
    **starting.HANDLERS,
    **terms.HANDLERS,
    **customers.HANDLERS,
    **tax_ids.HANDLERS,
    **collecting.HANDLERS,
    **invoices.HANDLERS,
    **downtime.HANDLERS,
    **drafts.HANDLERS,
    **refunds.HANDLERS,
    **pushing.HANDLERS,
    **prospects.HANDLERS,
    **quoting.HANDLERS,
    **quoting_writing.HANDLERS,
    **quoting_preparing.HANDLERS,
    **quoting_joining.HANDLERS,
    **quoting_ramp.HANDLERS,
}
COMMANDS: dict[str, type] = {command.__name__: command for command in HANDLERS}

"""Where Stripe, quotes and the application database disagree: one small search a kind."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select

from data.config import settings
from data.frames.reading import made
from data.frames.reconciliation import accounts, addons, billing, provisioning
from data.frames.reconciliation.finding import Finding, Known, families
from data.tables import mirror

KINDS: Mapping[str, Callable[[Known], Iterator[Finding]]] = {
    "plan_without_subscription": accounts.plan_without_subscription,
    "subscription_without_account": accounts.subscription_without_account,
    "plan_differs": accounts.plan_differs,
    "capacity_differs": accounts.capacity_differs,
    "addon_not_billed": addons.addon_not_billed,
    "addon_not_live": addons.addon_not_live,
    "provisioning_failed": provisioning.provisioning_failed,
    "certificate_ends": provisioning.certificate_ends,
    "discount_past_end": billing.discount_past_end,
    "quote_not_invoiced": billing.quote_not_invoiced,
    "billed_twice": billing.billed_twice,
    "invoice_of_ended": billing.invoice_of_ended,
    "deleted_still_used": accounts.deleted_still_used,
}
"""Every kind, in the order of the page."""

DTYPES: dict[str, Any] = {
    "finding": "string",
    "kind": "string",
    "about": "string",
    "detail": "string",
    "mend": "string",
    "mend_id": "string",
    "customer_id": "string",
    "customer_name": "string",
    "account_id": "string",
    "currency": "string",
    "amount": "Int64",
    "per": "string",
}


def findings(engine: Engine, now: datetime) -> pd.DataFrame:
    """Everything that disagrees now, kind by kind; the columns are DTYPES.

    finding is its name, the same as long as it is there. amount is in minor units of currency, a month or
    once (per), null where it is not known. mend and mend_id say where it is put right.
    """
    with engine.connect() as connection:
        known = Known(connection, now, families(connection), settings().addon_live_days)
        found = [finding for search in KINDS.values() for finding in search(known)]
        ids = sorted({finding.customer_id for finding in found if finding.customer_id})
        people: dict[str, str | None] = {}
        for start in range(0, len(ids), 500):
            chosen = mirror.customer.c.id.in_(ids[start : start + 500])
            rows = connection.execute(select(mirror.customer.c.id, mirror.customer.c.name).where(chosen))
            people |= {row.id: row.name for row in rows}
    return made(
        [
            (
                each.key,
                each.kind,
                each.about,
                each.detail,
                each.mend,
                each.mend_id,
                each.customer_id,
                people.get(each.customer_id or ""),
                each.account_id,
                each.currency,
                each.amount,
                each.per,
            )
            for each in found
        ],
        DTYPES,
    )

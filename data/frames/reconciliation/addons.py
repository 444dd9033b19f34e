"""Add-ons that are live in the company's own system against those that are billed."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from data.catalog import current
from data.frames.reading import total
from data.frames.reconciliation.finding import Finding, Known, line, monthly
from data.frames.shared import in_force
from data.tables import application

account, live = application.account.c, application.account_addon.c


def addon_not_billed(known: Known) -> Iterator[Finding]:
    """An add-on that is live, and no customer of the account pays for it."""
    billed = _billed(known)
    for row, name in _live(known):
        if row.stripe_customer_id and name in billed[row.stripe_customer_id]:
            continue
        yield Finding(
            "addon_not_billed",
            f"{row.account_id}:{name}",
            f"{row.name or row.account_id} has {name} live; nothing is billed for it.",
            "account",
            row.account_id,
            row.stripe_customer_id,
            row.account_id,
        )


def addon_not_live(known: Known) -> Iterator[Finding]:
    """An add-on that a customer pays for, and none of its accounts has it live."""
    if not known.connection.scalar(select(func.count()).select_from(application.account_addon)):
        return  # nothing says what is live
    there = {(row.stripe_customer_id, name) for row, name in _live(known)}
    for customer_id, addons in _billed(known).items():
        for name, (currency, arr) in addons.items():
            if (customer_id, name) not in there:
                yield Finding(
                    "addon_not_live",
                    f"{customer_id}:{name}",
                    f"{customer_id} pays for {name}; no account has it live.",
                    "customer",
                    customer_id,
                    customer_id,
                    None,
                    currency,
                    monthly(arr),
                )


def _billed(known: Known) -> dict[str, dict[str, tuple[str, int]]]:
    """Of each customer the add-ons paid for, each with its currency and run rate."""
    names = known.products("addon")
    query = (
        select(line.customer_id, line.product_id, line.currency, total(line.arr).label("arr"))
        .where(in_force(known.now), line.product_id.in_(names))
        .group_by(line.customer_id, line.product_id, line.currency)
        .order_by(line.customer_id)
    )
    found: dict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    for row in known.connection.execute(query):
        found[row.customer_id][names[row.product_id]] = (row.currency, row.arr)
    return found


def _live(known: Known) -> Iterator[tuple[Any, str]]:
    """Each add-on that is live: its row, and its name in the catalogue."""
    query = (
        select(live.account_id, live.addon, account.name, account.stripe_customer_id)
        .join(application.account, account.account_id == live.account_id)
        .where(account.deleted_at.is_(None))
        .order_by(live.account_id, live.addon)
    )
    for row in known.connection.execute(query):
        metadata = {current().recognise.addon_metadata: row.addon}
        yield row, current().recognised("", row.addon, metadata).name

"""Add-ons that are live, in the company's own system or by their set-up, against those that are billed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from data.catalog import current
from data.frames.reading import total
from data.frames.reconciliation.finding import Finding, Known, line, monthly
from data.frames.risks import told
from data.frames.shared import in_force
from data.tables import application, mirror
from data.tables.addons import addon_setup

account, live, setup = application.account.c, application.account_addon.c, addon_setup.c
LIVE = ("active", "enforced")
TOGETHER = 500  # customers asked about at once
WAITS = {
    "requested": "its set-up was requested and waits for us",
    "waiting": "its set-up waits for the customer",
    "verified": "its set-up waits to be tested",
    "tested": "its set-up waits to be activated",
    "disabled": "its set-up was disabled",
}
"""What keeps a set-up from being live, by its state."""


@dataclass(frozen=True)
class Billed:
    """What a customer pays a year for an add-on, in minor units."""

    currency: str
    arr: int


def addon_not_billed(known: Known) -> Iterator[Finding]:
    """An add-on that is live, and no customer of the account pays for it."""
    billed, said = known.once("billed", _billed), set()
    for row, name in known.once("live", _live):
        said.add((row.stripe_customer_id, name))
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
    for (customer_id, name), row in _setups(known).items():
        is_live = row.state in LIVE and row.since <= known.day_ago
        if not is_live or name in billed[customer_id] or (customer_id, name) in said:
            continue
        yield Finding(
            "addon_not_billed",
            f"{customer_id}:{name}",
            f"{row.name or customer_id} has {name} live since {told(row.since)}; nothing is billed for it.",
            "set-up",
            row.id,
            customer_id,
        )


def addon_not_live(known: Known) -> Iterator[Finding]:
    """An add-on that a customer has paid for longer than setting it up takes, and that is not live.

    Where nothing says what is live, only those are looked at that are being set up here.
    """
    setups = _setups(known)
    says = known.connection.scalar(select(func.count()).select_from(application.account_addon))
    there = {(row.stripe_customer_id, name) for row, name in known.once("live", _live)}
    missing = {
        (customer_id, name): paid
        for customer_id, addons in known.once("billed", _billed).items()
        for name, paid in addons.items()
        if (customer_id, name) not in there and _is_missing(setups.get((customer_id, name)), bool(says))
    }
    begun = _paid_since(known, sorted({customer_id for customer_id, _ in missing}))
    for (customer_id, name), paid in missing.items():
        since, row = begun[customer_id, name], setups.get((customer_id, name))
        if since + timedelta(days=known.live_days) > known.now:
            continue
        yield Finding(
            "addon_not_live",
            f"{customer_id}:{name}",
            f"{name} is paid since {told(since)} and not live: {_why(row)}.",
            "set-up" if row else "customer",
            row.id if row else customer_id,
            customer_id,
            None,
            paid.currency,
            monthly(paid.arr),
        )


def _is_missing(row: Any | None, says: bool) -> bool:
    """Whether an add-on that no account has is not live by its set-up either, as far as that is known."""
    return row.state not in LIVE if row else says


def _paid_since(known: Known, customers: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """Since when customers have paid for their add-ons without a break."""
    names = known.products("addon")
    columns = (line.customer_id, line.product_id, line.from_at, line.to_at)
    since: dict[tuple[str, str], datetime] = {}
    for start in range(0, len(customers), TOGETHER):
        mine = line.customer_id.in_(customers[start : start + TOGETHER])
        query = select(*columns).where(mine, line.product_id.in_(names), line.from_at <= known.now)
        for row in known.connection.execute(query.order_by(line.from_at.desc())):
            key = row.customer_id, names[row.product_id]
            later = since.get(key, known.now)
            if row.to_at is None or row.to_at >= later:
                since[key] = min(later, row.from_at)
    return since


def _why(row: Any | None) -> str:
    return f"{WAITS[row.state]} since {told(row.since)}" if row else "no account has it, nobody sets it up"


def _setups(known: Known) -> Mapping[tuple[str, str], Any]:
    """Set-ups by customer and the add-on's name: id, state, since, name (of the customer)."""
    names = {each.key: each.name for each in current().addon}
    columns = (setup.id, setup.customer_id, setup.addon, setup.state, setup.since, mirror.customer.c.name)
    query = select(*columns).join(mirror.customer, mirror.customer.c.id == setup.customer_id, isouter=True)
    rows = known.connection.execute(query.order_by(setup.id)).all()
    return {(row.customer_id, names.get(row.addon, row.addon)): row for row in rows}


def _billed(known: Known) -> dict[str, dict[str, Billed]]:
    """Of each customer the add-ons paid for, by name."""
    names = known.products("addon")
    query = (
        select(line.customer_id, line.product_id, line.currency, total(line.arr).label("arr"))
        .where(in_force(known.now), line.product_id.in_(names))
        .group_by(line.customer_id, line.product_id, line.currency)
        .order_by(line.customer_id)
    )
    found: dict[str, dict[str, Billed]] = defaultdict(dict)
    for row in known.connection.execute(query):
        found[row.customer_id][names[row.product_id]] = Billed(row.currency, row.arr)
    return found


def _live(known: Known) -> list[tuple[Any, str]]:
    """Each add-on that is live in the company's system: its row, and its name in the catalogue."""
    names: dict[str, str] = {}
    query = (
        select(live.account_id, live.addon, account.name, account.stripe_customer_id)
        .join(application.account, account.account_id == live.account_id)
        .where(account.deleted_at.is_(None))
        .order_by(live.account_id, live.addon)
    )
    rows = known.connection.execute(query).all()
    for addon in {row.addon for row in rows}:
        metadata = {current().recognise.addon_metadata: addon}
        names[addon] = current().recognised("", addon, metadata).name
    return [(row, names[row.addon]) for row in rows]

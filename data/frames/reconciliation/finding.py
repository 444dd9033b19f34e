"""A finding: one place where Stripe, quotes and the application database disagree, and what it is worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, func, select

from data.catalog import Recognised, current
from data.frames.reading import total
from data.frames.shared import in_force
from data.tables import ledger, mirror

T = TypeVar("T")
Per = Literal["month", "once"]
LIVE = ("active", "past_due", "trialing", "paused", "unpaid")
"""Statuses of a subscription that is there, whether or not it counts."""
RUNNING = tuple(status for status in LIVE if status != "paused")
"""Those of them that bill: a paused one waits for a payment method after its trial."""

line, moved = ledger.timeline.c, ledger.movement.c


@dataclass(frozen=True)
class Finding:
    """One finding; amount is in minor units of currency, a month or once, null where it is not known.

    kind and about make the key: the same disagreement has the same key each time. mend says where it is put
    right: at the "customer", "subscription", "invoice" or "quote" of that id in Stripe, at the "account",
    or at the "set-up" of an add-on.
    """

    kind: str
    about: str
    detail: str
    mend: str
    mend_id: str
    customer_id: str | None = None
    account_id: str | None = None
    currency: str | None = None
    amount: int | None = None
    per: Per = "month"

    @property
    def key(self) -> str:
        """Its kind and what it is about."""
        return f"{self.kind}:{self.about}"


@dataclass(frozen=True)
class Known:
    """What every search for findings begins with."""

    connection: Connection
    now: datetime
    families: Mapping[str, Recognised]  # by product
    live_days: int = 0  # that an add-on may be paid and not live
    said: dict[str, Recognised] = field(default_factory=dict)  # by the word of an account
    read: dict[str, Any] = field(default_factory=dict)  # what several searches begin with, by name

    def once(self, name: str, reading: Callable[["Known"], T]) -> T:
        """What a reading gives, read the first time it is asked for."""
        if name not in self.read:
            self.read[name] = reading(self)
        found: T = self.read[name]
        return found

    @property
    def day_ago(self) -> datetime:
        """What happened later may still be on its way."""
        return self.now - timedelta(days=1)

    def products(self, kind: str) -> dict[str, str]:
        """The names of the products that are plans, or add-ons."""
        return {name: found.name for name, found in self.families.items() if found.kind == kind}

    def plan(self, word: str | None) -> Recognised | None:
        """Which plan an account's word for its plan means; None: it names none, or one that is unknown."""
        if not word:
            return None
        if word not in self.said:
            metadata = {current().recognise.plan_metadata: word}
            self.said[word] = current().recognised("", word, metadata)
        found = self.said[word]
        return found if found.kind == "plan" and self._is_sold(found) else None

    def _is_sold(self, found: Recognised) -> bool:
        return found.rank is not None or found.name in self.products("plan").values()

    @staticmethod
    def is_paid(plan: Recognised) -> bool:
        """Whether a plan costs something: all but the lowest of the catalogue."""
        ranks = [each.rank for each in current().plan]
        return plan.rank is None or plan.rank > min(ranks, default=0)


def families(connection: Connection) -> dict[str, Recognised]:
    """What each product is, by the catalogue."""
    product = mirror.product.c
    rows = connection.execute(select(product.id, product.name, product.metadata))
    return {row.id: current().recognised(row.id, row.name, row.metadata) for row in rows}


def run_rates(known: Known, customers: Any) -> dict[str, tuple[str, int]]:
    """The currency and run rate a year of customers (a query of ids); of several currencies, the largest."""
    arr = total(line.arr).label("arr")
    query = select(line.customer_id, line.currency, arr).where(
        in_force(known.now), line.customer_id.in_(customers)
    )
    rows = known.connection.execute(query.group_by(line.customer_id, line.currency).order_by(arr))
    return {row.customer_id: (row.currency, row.arr) for row in rows}


def last_run_rates(known: Known, customers: Any) -> dict[str, tuple[str, int]]:
    """What customers who left paid a year before, by currency: the sum of their last churn."""
    last = (
        select(moved.customer_id, func.max(moved.day).label("day"))
        .where(moved.kind == "churn", moved.customer_id.in_(customers))
        .group_by(moved.customer_id)
        .subquery()
    )
    lost = total(-moved.delta_arr).label("arr")
    query = (
        select(moved.customer_id, moved.currency, lost)
        .join(last, (last.c.customer_id == moved.customer_id) & (last.c.day == moved.day))
        .where(moved.kind == "churn")
        .group_by(moved.customer_id, moved.currency)
        .order_by(lost)
    )
    return {row.customer_id: (row.currency, row.arr) for row in known.connection.execute(query)}


def monthly(arr: int | None) -> int | None:
    """The twelfth of a run rate, half-up to the minor unit."""
    return None if arr is None else (int(arr) * 2 + 12) // 24

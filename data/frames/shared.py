"""Parts of queries: the account behind a customer, and what is in force at an instant."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Subquery, and_, case, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from data.account_sums import latest_use
from data.frames.reading import total
from data.tables import application, ledger

Audiences = Iterable[int] | None
"""The ids of some audiences; None: everybody, whatever is known of them."""

account, use = application.account, application.account_use
line = ledger.timeline.c


def manager_of(customer_id: ColumnElement[str]) -> ColumnElement[str]:
    """The account manager of a Stripe customer; null when no account names one."""
    mine = account.c.stripe_customer_id == customer_id
    found = select(func.min(account.c.account_manager)).where(mine, account.c.deleted_at.is_(None))
    return found.scalar_subquery().label("account_manager")


def customer_accounts() -> Subquery:
    """One row per Stripe customer that has accounts: their manager, segment, country, capacity and use.

    Capacity and use are null unless every account of the customer has them: a part is not the whole.
    """
    each = (
        select(
            account.c.stripe_customer_id.label("customer_id"),
            account.c.account_manager,
            account.c.segment,
            account.c.country,
            account.c.capacity,
            latest_use().label("used"),
        )
        .where(account.c.stripe_customer_id.is_not(None), account.c.deleted_at.is_(None))
        .subquery()
    )

    def whole(column: ColumnElement[int]) -> ColumnElement[int]:
        return case((func.count(column) == func.count(), total(column)))

    return (
        select(
            each.c.customer_id,
            func.min(each.c.account_manager).label("account_manager"),
            func.min(each.c.segment).label("segment"),
            func.min(each.c.country).label("country"),
            whole(each.c.capacity).label("capacity"),
            whole(each.c.used).label("used"),
        )
        .group_by(each.c.customer_id)
        .subquery()
    )


def is_limited(engine: Engine) -> bool:
    """Whether somebody reads who sees the rows of some customers only (data.own_customers)."""
    return bool(engine.get_execution_options().get("limited"))


def of_audiences(customer_id: ColumnElement[Any], audiences: Audiences) -> ColumnElement[bool]:
    """Customers of some audiences; None: of all, and those of none."""
    known = ledger.customer_audience.c
    if audiences is None:
        return true()
    return customer_id.in_(select(known.customer_id).where(known.audience_id.in_(list(audiences))))


def listed(engine: Engine, customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Customers that an engine shows, by a list made once: for sums over many rows of few customers."""
    return customer_id.in_(select(ledger.customer_audience.c.customer_id)) if is_limited(engine) else true()


def in_force(at: datetime) -> ColumnElement[bool]:
    """Counted timeline segments with a value at an instant."""
    return and_(line.counted, line.arr > 0, there(at))


def there(at: datetime) -> ColumnElement[bool]:
    """Timeline segments at an instant, counted or not.

    Not found by the indexes of their ends: nearly every segment has begun, and row by row that is slow.
    """
    return and_(scanned(line.from_at) <= at, or_(line.to_at.is_(None), scanned(line.to_at) > at))


class scanned(FunctionElement[Any]):  # noqa: N801 (written like the functions of SQL)
    """A column whose indexes SQLite leaves alone (sqlite.org/optoverview.html, "unary +")."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(scanned)
def _plain(element: scanned, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(scanned, "sqlite")
def _signed(element: scanned, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"

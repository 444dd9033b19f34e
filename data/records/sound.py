"""Which objects can be kept: of the types that the mirror's columns have, and within what can be counted."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Integer, Table

from data.records import rows_of
from data.records.fields import Json, Row, listed
from data.tables import mirror
from data.tables.types import UTCDateTime
from data.valuation import exact, tiers_of

MOST = 10**13
"""Minor units, or pieces: Stripe takes twelve digits, and sums of years of this are within 64 bits."""
DECIMAL = re.compile(r"-?\d{1,13}(\.\d{1,20})?", re.ASCII)
LONGEST = 600
"""Letters of a text that an index holds: more than Stripe takes, and as many as PostgreSQL can hold."""
LONGEST_CYCLE = 1_200  # intervals between two bills
SUBSCRIBED = "customer.subscription."
Check = tuple[str, tuple[type, ...], bool, int]
UNSOUND = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, IndexError, OSError)
"""What reading an object raises that is not made as Stripe's are."""


class UnsoundError(Exception):
    """An object that cannot be kept; the message says why in a few words."""


def sound(
    resource: str, objects: Sequence[Json], observed_at: datetime
) -> tuple[dict[Table, list[Row]], dict[str, str]]:
    """The objects that can be kept as rows by table, and by id why the others cannot."""
    try:
        return _checked(resource, objects, observed_at), {}
    except (UnsoundError, *UNSOUND):
        return _one_by_one(resource, objects, observed_at)


def _one_by_one(
    resource: str, objects: Sequence[Json], observed_at: datetime
) -> tuple[dict[Table, list[Row]], dict[str, str]]:
    rows: dict[Table, list[Row]] = rows_of(resource, [], observed_at)
    odd: dict[str, str] = {}
    for obj in objects:
        try:
            for table, found in _checked(resource, [obj], observed_at).items():
                rows.setdefault(table, []).extend(found)
        except UnsoundError as error:
            odd[str(obj.get("id"))] = str(error)
        except UNSOUND as error:
            odd[str(obj.get("id"))] = f"it is not made as Stripe's are ({type(error).__name__})"
    return rows, odd


def _checked(resource: str, objects: Sequence[Json], observed_at: datetime) -> dict[Table, list[Row]]:
    rows = rows_of(resource, objects, observed_at)
    for table, found in rows.items():
        _of_types(_checks(table), found)
        for check in _FURTHER.get(table, ()):
            for row in found:
                check(row)
    if resource == "subscriptions":
        for obj in objects:
            _countable(obj)
    elif resource == "events":
        for obj in objects:
            _told(obj, observed_at)
    return rows


@cache
def _checks(table: Table) -> tuple[Check, ...]:
    """Each column's name, its types, whether it may be empty, and its largest number or longest text."""
    indexed = {column.name for index in table.indexes for column in index.columns}
    return tuple(
        (
            column.name,
            kinds,
            bool(column.nullable),
            most,
        )
        for column in table.c
        for kinds, most in [_kinds(column.type, column.name in indexed)]
        if kinds
    )


def _kinds(kind: Any, indexed: bool) -> tuple[tuple[type, ...], int]:
    if isinstance(kind, JSON):
        return (), 0
    if isinstance(kind, UTCDateTime):
        return (datetime,), 0
    if isinstance(kind, Boolean):
        return (bool,), 0
    if isinstance(kind, BigInteger):
        return (int,), MOST
    if isinstance(kind, Integer):
        return (int,), 2**31 - 1
    return (str,), LONGEST if indexed else 0


def _of_types(checks: Sequence[Check], rows: Iterable[Row]) -> None:
    """Raises UnsoundError for the first value that its column cannot hold; too long a text is cut."""
    for row in rows:
        for name, kinds, optional, most in checks:
            value = row[name]
            if value is None:
                if not optional:
                    raise UnsoundError(f"it has no {name}")
            elif type(value) not in kinds:
                raise UnsoundError(f"its {name} is of another kind than Stripe's")
            elif not most:
                continue
            elif str in kinds:
                if len(value) > most:
                    row[name] = f"{value[: most - 1]}…"
            elif not -most <= value <= most:
                raise UnsoundError(f"its {name} is larger than can be counted")


def _priced(row: Row) -> None:
    """Whether a price can be reckoned with."""
    _decimal(row, "unit_amount_decimal")
    count, divided = row["recurring_interval_count"], row["transform_quantity"] or {}
    if count is not None and not 1 <= count <= LONGEST_CYCLE:
        raise UnsoundError("its interval_count is none that can be billed")
    if divided and not 1 <= divided["divide_by"] <= MOST:
        raise UnsoundError("its quantity is divided by nothing")
    for tier in tiers_of(row["tiers"]):
        if max(abs(tier.unit), abs(tier.flat), Fraction(tier.up_to or 0)) > MOST:
            raise UnsoundError("a tier is larger than can be counted")


def _decimal(row: Row, name: str) -> None:
    if row[name] is not None and not DECIMAL.fullmatch(row[name]):
        raise UnsoundError(f"its {name} is no number")


def _discounting(row: Row) -> None:
    _decimal(row, "percent_off")
    products, options = row["applies_to_products"] or [], row["currency_options"] or {}
    if not all(isinstance(each, str) for each in products) or not isinstance(options, dict):
        raise UnsoundError("what it applies to is of another kind than Stripe's")


def _countable(subscription: Mapping[str, Any]) -> None:
    """Whether what a subscription bills is within what can be counted."""
    for item in listed(subscription.get("items")):
        price, quantity = item.get("price"), item.get("quantity")
        if not isinstance(price, dict) or quantity is None:
            continue
        tiers = [part for tier in tiers_of(price.get("tiers")) for part in (tier.unit, tier.flat)]
        unit = exact(price.get("unit_amount_decimal"), price.get("unit_amount"))
        if any(abs(each * quantity) > MOST for each in (unit, *tiers) if each is not None):
            raise UnsoundError("what it bills is larger than can be counted")


def _told(event: Json, observed_at: datetime) -> None:
    """Whether the history can be read from an event, where it is about a subscription."""
    if not str(event.get("type", "")).startswith(SUBSCRIBED):
        return
    obj, previous = event["data"]["object"], event["data"].get("previous_attributes") or {}
    if obj.get("object") == "subscription":
        for each in (obj, {**obj, **previous}):
            _checked("subscriptions", [each], observed_at)


_FURTHER: Mapping[Table, tuple[Callable[[Row], None], ...]] = {
    mirror.price: (_priced,),
    mirror.coupon: (_discounting,),
}

"""Writing what was seen at Stripe into the mirror: newer wins, children go with their parent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, select, update

from data.bulk import upsert_page
from data.records import CHILDREN, TABLES, deleted_ids
from data.records.sound import sound
from data.tables import mirror

Json = dict[str, Any]
Row = dict[str, Any]
PRICING = frozenset({"products", "prices", "coupons"})


@dataclass(frozen=True)
class Observation:
    """Objects of one resource as they were at Stripe at an instant."""

    resource: str
    objects: Sequence[Json]
    observed_at: datetime


@dataclass
class Touched:
    """The customers whose figures may have changed, `everyone` when a price or coupon did; and what could not
    be kept, by resource and id, with why.
    """

    customers: set[str] = field(default_factory=set)
    everyone: bool = False
    odd: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, resource: str, rows: Sequence[Row]) -> None:
        """Remember whom these rows of the resource's own table are about."""
        self.everyone = self.everyone or bool(rows and resource in PRICING)
        column = "id" if resource == "customers" else "customer_id"
        self.customers.update(row[column] for row in rows if row.get(column))

    @property
    def scope(self) -> set[str] | None:
        """The customers, None for everyone."""
        return None if self.everyone else self.customers


def record(
    connection: Connection, observations: Iterable[Observation], touched: Touched | None = None
) -> None:
    """Write observations in any order: a row that is already newer stays as it is.

    What Stripe cannot have meant is left out and noted: what was known of it stays.
    """
    grouped: dict[str, list[Observation]] = {}
    for observation in observations:
        grouped.setdefault(observation.resource, []).append(observation)
    for resource, group in grouped.items():
        rows = _rows(group, {} if touched is None else touched.odd.setdefault(resource, {}))
        if touched is not None:
            touched.note(resource, rows[TABLES[resource]])
            touched.customers |= _left(connection, TABLES[resource], rows[TABLES[resource]])
        _write(connection, resource, rows)
        for observation in group:
            gone = deleted_ids(observation.objects)
            mark_deleted(connection, resource, gone, observation.observed_at, touched)


def _left(connection: Connection, table: Table, rows: Sequence[Row]) -> set[str]:
    """Whose the objects were that are nobody's any more, such as a card that was taken away."""
    if "customer_id" not in table.c or table is mirror.event:
        return set()
    nobodys = [row["id"] for row in rows if row.get("customer_id") is None]
    if not nobodys:
        return set()
    was = select(table.c.customer_id).where(table.c.id.in_(nobodys), table.c.customer_id.is_not(None))
    return set(connection.execute(was).scalars())


def _rows(group: Iterable[Observation], odd: dict[str, str]) -> dict[Table, list[Row]]:
    """All rows by table; objects that cannot be kept are added to odd."""
    merged: dict[Table, list[Row]] = {}
    for seen in group:
        rows_by_table, left = sound(seen.resource, seen.objects, seen.observed_at)
        odd |= left
        for table, rows in rows_by_table.items():
            merged.setdefault(table, []).extend(rows)
    return merged


def _write(connection: Connection, resource: str, rows: dict[Table, list[Row]]) -> None:
    own, children = TABLES[resource], CHILDREN.get(resource, ())
    replaced: list[Row] = []
    if children:
        known = _known(connection, own, [row["id"] for row in rows[own]])
        latest = _latest(rows[own], known)
        rows[own] = [row for row in rows[own] if latest.get(row["id"]) == row["observed_at"]]
        replaced = [row for row in rows[own] if row["id"] in known]
    for table, parent in children:
        rows[table] = [row for row in rows[table] if latest.get(row[parent]) == row["observed_at"]]
    for table, found in rows.items():
        upsert_page(connection, table, found, "observed_at")
    for table, parent in children if replaced else ():
        _drop_older(connection, table, table.c[parent], replaced)


def _latest(rows: Iterable[Row], known: Mapping[str, datetime]) -> dict[str, datetime]:
    """When each object was seen last, for those of which no row that is already there is newer."""
    latest: dict[str, datetime] = {}
    for row in rows:
        key, seen = row["id"], row["observed_at"]
        if seen >= latest.get(key, seen) and seen >= known.get(key, seen):
            latest[key] = seen
    return latest


def _known(connection: Connection, table: Table, ids: Sequence[str]) -> Mapping[str, datetime]:
    """When each of these rows was last seen, for those that are there."""
    found = connection.execute(select(table.c.id, table.c.observed_at).where(table.c.id.in_(ids)))
    return {row.id: row.observed_at for row in found}


def _drop_older(connection: Connection, table: Table, parent: Column[Any], parents: Sequence[Row]) -> None:
    """Remove children that their parent, seen later, no longer had."""
    stale = delete(table).where(parent == bindparam("of"), table.c.observed_at < bindparam("seen"))
    connection.execute(stale, [{"of": row["id"], "seen": row["observed_at"]} for row in parents])


def mark_deleted(
    connection: Connection,
    resource: str,
    ids: Sequence[str],
    observed_at: datetime,
    touched: Touched | None = None,
) -> None:
    """Mark objects and their children as gone, unless they were seen later than this."""
    own = TABLES[resource]
    if not ids or own is mirror.event:
        return
    if touched is not None:
        whom = own.c.id if resource == "customers" else own.c.get("customer_id")
        columns = select(own.c.id, *([] if whom is None else [whom.label("customer_id")]))
        found = connection.execute(columns.where(own.c.id.in_(ids))).mappings()
        touched.note(resource, [dict(row) for row in found])
    known = _known(connection, own, ids)
    gone = [key for key in ids if key in known and known[key] <= observed_at]
    for table, column in ((own, "id"), *CHILDREN.get(resource, ())):
        marked = update(table).where(table.c[column].in_(gone))
        connection.execute(marked.values(deleted_at=observed_at))
    connection.execute(update(own).where(own.c.id.in_(gone)).values(observed_at=observed_at))


def record_deleted(
    connection: Connection,
    resource: str,
    last_seen: Sequence[Json],
    observed_at: datetime,
    touched: Touched | None = None,
) -> None:
    """Objects that are gone; one that was never mirrored is kept as it last was, marked."""
    own = TABLES[resource]
    known = _known(connection, own, [obj["id"] for obj in last_seen])
    unknown = [obj for obj in last_seen if obj["id"] not in known]
    record(connection, [Observation(resource, unknown, observed_at)])
    mark_deleted(connection, resource, [obj["id"] for obj in last_seen], observed_at, touched)

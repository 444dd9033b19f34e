"""Set-ups of add-ons as they are kept: every change with its version, its history and its audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from data import audit
from data.addons import names, promises
from data.clock import now
from data.provisioning import outbox
from data.provisioning.outbox import Request
from data.tables.addons import addon_downtime, addon_event, addon_setup
from data.writing import NotChangedError, publish, reading, transaction, writing

UNREAD = "The database did not give the set-ups of add-ons."
MEANWHILE = "Somebody changed this set-up meanwhile, so nothing was changed: look at it as it is now."
Json = dict[str, Any]
row = addon_setup.c


@dataclass(frozen=True)
class Kept:
    """A set-up as it is kept; version goes up with every change that a person makes."""

    id: str
    customer_id: str
    addon: str
    kind: str
    state: str
    since: datetime
    reason: str | None
    settings: Json
    checks: Json
    checked_at: datetime | None
    hostname: str | None
    version: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class By:
    """Who does something, in which role."""

    person: str
    role: str


COLUMNS = [row[field.name] for field in fields(Kept)]
CHANGED = ("state", "since", "reason", "settings", "checks", "hostname", "version")
"""What a person changes."""


def request(url: str, customer_id: str, addon: str, kind: str, by: By) -> str:
    """Begin a set-up; its id. Raises NotChangedError where the customer has one of this add-on."""
    with writing(url, "add-on requested") as connection:
        name, begun = begin(connection, customer_id, addon, kind, by)
        if not begun:
            raise NotChangedError("This customer has a set-up of this add-on already.")
    return name


def begin(
    connection: Connection, customer_id: str, addon: str, kind: str, by: By, settings: Json | None = None
) -> tuple[str, bool]:
    """Begin a set-up in the transaction of what asks for it, with the settings that are known already.

    Gives its id, and whether it was begun: one that the customer has already stays as it is, but one that was
    disabled is requested again, and a promise that was requested or runs gets its new terms. A hostname or an
    e-mail domain that somebody else has is left out, which is told as the reason: what is promised to a
    customer is checked again here.
    """
    identity = _identity(connection, customer_id, addon)
    told, reason = _free(connection, dict(settings or {}), identity)
    kept = Kept(
        identity, customer_id, addon, kind, "requested", now(), reason, told, {}, None, told.get("hostname"),
        1, now(), by.person,
    )  # fmt: skip
    add = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(addon_setup)
    added = add.values(vars(kept)).on_conflict_do_nothing(index_elements=["customer_id", "addon"])
    if connection.scalar(added.returning(row.id)):
        names.keep(connection, kept.id, names.of(told))
        _record(connection, kept, None, "Requested", by)
        return kept.id, True
    mine = (row.customer_id == customer_id, row.addon == addon)
    found = Kept(**connection.execute(select(*COLUMNS).where(*mine).with_for_update()).mappings().one())
    if found.state == "disabled" and settings is not None:
        _begin_again(connection, found, kept, by)
        return found.id, True
    if found.state in ("requested", "active") and told.get("begins"):
        _renew(connection, found, told, by)
    return found.id, False


def _begin_again(connection: Connection, found: Kept, new: Kept, by: By) -> None:
    told = {**found.settings, **new.settings}
    if new.settings.get("begins"):
        told = promises.renewed(found.settings, new.settings, runs=False)
    after = replace(
        found,
        state="requested",
        since=new.since,
        reason=new.reason,
        settings=told,
        checks={},
        hostname=new.hostname,
        version=found.version + 1,
    )
    values = {name: getattr(after, name) for name in CHANGED}
    connection.execute(update(addon_setup).where(row.id == found.id).values(values))
    names.keep(connection, found.id, names.of(told))
    _record(connection, after, found, "Requested again", by)


def _renew(connection: Connection, found: Kept, new: Json, by: By) -> None:
    """Other terms of an uptime promise: they hold from their first month on."""
    if all(found.settings.get(name) == value for name, value in new.items()):
        return
    settings = promises.renewed(found.settings, new, found.state == "active")
    after = replace(found, settings=settings, version=found.version + 1)
    values = {"settings": after.settings, "version": after.version}
    connection.execute(update(addon_setup).where(row.id == found.id).values(values))
    _record(connection, after, found, f"Promise of {new.get('tier')}% from {new['begins']}", by)
    if after.state == "active":
        outbox.request(connection, _told_of(after, "addon.changed"), by.person)


def _identity(connection: Connection, customer_id: str, addon: str) -> str:
    """The id of a customer's set-up, or a new one."""
    mine = (row.customer_id == customer_id, row.addon == addon)
    return connection.scalar(select(row.id).where(*mine)) or uuid4().hex


def _free(connection: Connection, told: Json, setup_id: str) -> tuple[Json, str | None]:
    """Settings without the names that another set-up has, and which these are, in a sentence."""
    hostname = told.get("hostname")
    mine = (row.hostname == hostname, row.id != setup_id)
    lost = [hostname] if hostname and connection.scalar(select(row.id).where(*mine)) else []
    if lost or not hostname:
        told.pop("hostname", None)
    if elsewhere := names.taken(connection, names.of(told), setup_id):
        told["domains"] = [each for each in told["domains"] if each["name"] not in elsewhere]
    every = ", ".join([*lost, *elsewhere])
    return told, f"Left out, since another customer has it: {every}." if every else None


def change(url: str, before: Kept, after: Kept, what: str, by: By, tell: str | None = None) -> None:
    """Keep a set-up as it is afterwards; tell: what our own system is told of it, such as "addon.active".

    Raises NotChangedError, also when somebody was faster.
    """
    at = now()
    since = at if before.state != after.state else before.since
    kept = replace(after, since=since, version=before.version + 1)
    values = {name: getattr(kept, name) for name in CHANGED}
    with writing(url, "add-on changed") as connection:
        mine = (row.id == before.id, row.version == before.version)
        try:
            done = connection.execute(update(addon_setup).where(*mine).values(values))
        except IntegrityError:
            raise NotChangedError(f"{kept.hostname} is taken: another customer has it.") from None
        if done.rowcount != 1:
            raise NotChangedError(MEANWHILE)
        live = [] if kept.state == "disabled" else names.of(kept.settings)
        if taken := names.keep(connection, kept.id, live):
            raise NotChangedError(f"{', '.join(taken)} is taken: another customer has it.")
        _record(connection, kept, before, what, by)
        if tell:
            outbox.request(connection, _told_of(kept, tell), by.person)


def _told_of(kept: Kept, tell: str) -> Request:
    """What our own system is told of a set-up: all of it as it is now."""
    body = {"addon": kept.addon, "kind": kept.kind, "state": kept.state, "settings": kept.settings}
    return Request(f"{kept.id}:{kept.version}", tell, kept.customer_id, kept.id, body)


def _record(connection: Connection, kept: Kept, before: Kept | None, what: str, by: By) -> None:
    """The history's row and the audit's."""
    at = now()
    event = {"at": at, "person": by.person, "what": what, "state": kept.state, "reason": kept.reason}
    connection.execute(insert(addon_event).values(**event, setup_id=kept.id, settings=kept.settings))
    entry = audit.Entry(
        at=at,
        person=by.person,
        role=by.role,
        what=f"Add-on {kept.addon}: {what[0].lower()}{what[1:]}",
        outcome="done",
        customer_id=kept.customer_id,
        subject=kept.id,
        reason=kept.reason,
        before=_told(before) if before else None,
        after=_told(kept),
    )
    audit.write(connection, entry)


def _told(kept: Kept) -> Json:
    return {"state": kept.state, "settings": kept.settings}


def note_checks(url: str, kept: Kept, checks: Mapping[str, Any], at: datetime) -> bool:
    """Keep what was found of a set-up, unless it was changed meanwhile; whether it was kept.

    Pages get a new version of the data only when something was found otherwise than before.
    Raises NotChangedError.
    """
    news = {name: _essence(each) for name, each in checks.items()} != {
        name: _essence(each) for name, each in kept.checks.items()
    }
    with transaction(url) as connection:
        mine = (row.id == kept.id, row.version == kept.version)
        done = connection.execute(update(addon_setup).where(*mine).values(checks=dict(checks), checked_at=at))
        if done.rowcount and news:
            publish(connection, "add-on checked")
        return done.rowcount == 1


def _essence(check: Mapping[str, Any]) -> tuple[Any, Any]:
    return check.get("ok"), check.get("told")


def note_downtime(url: str, kept: Kept, minutes: Mapping[str, int], source: str, by: By) -> None:
    """Keep the downtime of months, each over what was kept of it before. Raises NotChangedError."""
    at = now()
    common = {"setup_id": kept.id, "source": source, "written_at": at, "written_by": by.person}
    rows = [{**common, "month": month, "minutes": down} for month, down in sorted(minutes.items())]
    told = ", ".join(f"{month}: {down} min" for month, down in sorted(minutes.items()))
    with writing(url, "downtime noted") as connection:
        connection.execute(insert(addon_downtime), rows)
        _record(connection, kept, None, f"Downtime noted ({source}): {told}", by)


def one(source: str | Engine, name: str) -> Kept | None:
    """A set-up as it is now. Raises NotChangedError where the database does not answer."""
    return next(iter(_read(source, row.id == name)), None)


def of(source: str | Engine, customer_id: str, addon: str) -> Kept | None:
    """A customer's set-up of an add-on as it is now. Raises NotChangedError."""
    return next(iter(_read(source, row.customer_id == customer_id, row.addon == addon)), None)


def due(url: str, kinds: tuple[str, ...], states: tuple[str, ...], seconds: int) -> list[Kept]:
    """Set-ups that have not been checked for so many seconds, the longest first. Raises NotChangedError."""
    late = or_(row.checked_at.is_(None), row.checked_at <= now() - timedelta(seconds=seconds))
    return _read(url, row.kind.in_(kinds), row.state.in_(states), late)


def _read(source: str | Engine, *conditions: Any) -> list[Kept]:
    query = select(*COLUMNS).where(*conditions).order_by(row.checked_at.nulls_first(), row.id)
    with reading(source, UNREAD) as connection:
        return [Kept(**each) for each in connection.execute(query).mappings()]


def downtime(source: str | Engine, name: str) -> dict[str, int]:
    """The downtime in minutes that stands for each month of a set-up. Raises NotChangedError."""
    each = addon_downtime.c
    newest = select(func.max(each.id)).where(each.setup_id == name).group_by(each.month)
    with reading(source, UNREAD) as connection:
        found = connection.execute(select(each.month, each.minutes).where(each.id.in_(newest)))
        return {month: int(minutes) for month, minutes in found}

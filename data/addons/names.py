"""E-mail domains of set-ups: those of one domain sign on by one provider, so one customer has it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from data.tables.addons import addon_domain

row = addon_domain.c


def of(settings: Mapping[str, Any]) -> list[str]:
    """The e-mail domains of a set-up, as they were checked: lower case, ASCII."""
    return [str(each["name"]) for each in settings.get("domains") or ()]


def taken(connection: Connection, names: Sequence[str], setup_id: str) -> list[str]:
    """Those of some domains that another set-up has."""
    query = select(row.name).where(row.name.in_(names), row.setup_id != setup_id)
    return sorted(connection.scalars(query)) if names else []


def keep(connection: Connection, setup_id: str, names: Sequence[str]) -> list[str]:
    """These are the domains of a set-up from now on; gives those that another one has, which stay there."""
    connection.execute(delete(addon_domain).where(row.setup_id == setup_id, row.name.not_in(names)))
    if names:
        add = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(addon_domain)
        rows = [{"name": name, "setup_id": setup_id} for name in sorted(set(names))]
        connection.execute(add.on_conflict_do_nothing(index_elements=["name"]), rows)
    return taken(connection, names, setup_id)

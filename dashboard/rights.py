"""Who may see and do what, in words: the tables of docs/access.md."""

import sys
from collections.abc import Iterable

from dashboard.access import FIELDS, PERMISSIONS
from dashboard.actions.handlers import HANDLERS
from dashboard.exports import EXPORTS
from dashboard.navigation import ENTRIES
from data.handed_out import is_personal
from data.hidden_fields import HIDDEN, IN_EVENTS
from data.sign_in_settings import ROLES

HEAD = ("needs", *ROLES)


def documentation() -> str:
    """Pages, actions, fields and exports with the permission that each needs, as Markdown."""
    return "\n\n".join((_pages(), _actions(), _fields(), _exports()))


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(cells)} |" for cells in (names, *rows)]
    return "\n".join([f"## {title}", "", lines[0], "|" + "---|" * len(names), *lines[1:]])


def _given(permission: str) -> list[str]:
    """The permission, and which roles have it."""
    return [permission, *("yes" if role in PERMISSIONS[permission] else "" for role in ROLES)]


def _pages() -> str:
    rows = ([f"/{entry.file}", *_given(entry.permission)] for entry in ENTRIES)
    return _table("Pages", ("page", *HEAD), rows)


def _actions() -> str:
    rows = sorted([each.name, *_given(each.permission)] for each in HANDLERS.values())
    return _table("Actions at Stripe", ("action", *HEAD), rows)


def _fields() -> str:
    rows = []
    for permission, kind in FIELDS.items():
        columns = [f"{column.table.name}.{column.name}" for column in HIDDEN[kind]]
        columns += [f"event.data.{'.'.join(path)}" for path in IN_EVENTS[kind]]
        rows.append([", ".join(columns), *_given(permission)])
    return _table("Fields", ("columns that are empty for the others", *HEAD), rows)


def _exports() -> str:
    """Those of the command line, which asks the machine and not the app who may; each is in the audit."""
    rows = ([each.name, "yes" if is_personal(list(each.columns)) else ""] for each in EXPORTS.values())
    return _table("Exports of the command line", ("export", "in the audit, as personal data"), rows)


if __name__ == "__main__":
    sys.stdout.write(documentation())

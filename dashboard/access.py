"""Who may see and do what: permission -> roles, and the gate that every page passes first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashboard.sign_in.session import who
from data import hidden_fields
from data.config import settings
from data.sign_in_settings import ADMIN, FINANCE, MANAGER, ROLES, SALES, Own

EVERYBODY = frozenset(ROLES)
STAFF = frozenset({ADMIN, MANAGER, FINANCE, SALES})
BOOKS = frozenset({ADMIN, MANAGER, FINANCE})

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "view overview": EVERYBODY,
    "view plan mix": EVERYBODY,
    "view growth": EVERYBODY,
    "view renewals": EVERYBODY,
    "edit renewals": STAFF,
    "keep forecasts": STAFF,
    "view churn": EVERYBODY,
    "view retention": EVERYBODY,
    "view customers": EVERYBODY,
    "write notes on customers": STAFF,
    "view invoices": EVERYBODY,
    "view receivables": EVERYBODY,
    "write notes on receivables": BOOKS,
    "view reconciliation": EVERYBODY,
    "edit findings": BOOKS,
    "view data health": EVERYBODY,
    "sync now": BOOKS,
    "replay webhooks": BOOKS,
    "view exchange rates": EVERYBODY,
    "edit exchange rates": frozenset({ADMIN, FINANCE}),
    "download": STAFF,
    "see personal data": STAFF,
    "see comments": STAFF,
    "see bank details": BOOKS,
    "change subscriptions": STAFF,
    "cancel subscriptions": BOOKS,
    "give discounts": frozenset({ADMIN, MANAGER, SALES}),
    "change billing details": frozenset({ADMIN, FINANCE}),
    "collect invoices": frozenset({ADMIN, FINANCE}),
    "credit invoices": frozenset({ADMIN, FINANCE}),
    "send card links": STAFF,
    "push catalog": frozenset({ADMIN}),
    "view quotes": EVERYBODY,
    "edit quotes": frozenset({ADMIN, MANAGER, SALES}),
    "approve quotes": BOOKS,
    "send quotes": frozenset({ADMIN, MANAGER, SALES}),
    "view actions": BOOKS,
    "finish actions": BOOKS,
    "approve actions": BOOKS,
    "view approvals": STAFF,
    "view add-ons": EVERYBODY,
    "set up add-ons": frozenset({ADMIN, MANAGER, SALES}),
}
"""Every permission there is, and the roles that have it."""


FIELDS: Mapping[str, str] = {f"see {kind}": kind for kind in hidden_fields.HIDDEN}
"""The permissions to see fields, and which fields these are."""

OF_THE_WHOLE = frozenset(
    {
        "view data health",
        "sync now",
        "replay webhooks",
        "edit exchange rates",
        "keep forecasts",
        "push catalog",
        "finish actions",
    }
)
"""Permissions about the whole business: nobody has them who is limited to their own customers."""


def documentation() -> str:
    """The permissions as a Markdown table: what docs/access.md says."""
    head = f"| permission | {' | '.join(ROLES)} |\n|---|{'---|' * len(ROLES)}\n"
    rows = (
        f"| {name} | {' | '.join('yes' if role in roles else '' for role in ROLES)} |"
        for name, roles in PERMISSIONS.items()
    )
    return head + "\n".join(rows)


@dataclass(frozen=True)
class Sight:
    """What somebody sees: their own customers or all (None), without the fields of some kinds."""

    whose: Own | None = None
    hidden: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.whose} without {sorted(self.hidden)}"


ALL = Sight()


class ForbiddenError(Exception):
    """The person may not do this; the message names the permission."""


def role() -> str:
    """The role of the person whose session this is; empty for nobody."""
    return who().role or ""


def person() -> str:
    """Who writes notes and changes things: the name under which they are kept."""
    return who().name


def whose() -> Own | None:
    """Whose customers alone the person sees; None: those of everybody."""
    found = who()
    return settings().own_of(found.name, found.role) if found.role else Own("")


def permitted(permission: str) -> bool:
    """Whether the person has a permission."""
    if role() not in PERMISSIONS.get(permission, frozenset()):
        return False
    return permission not in OF_THE_WHOLE or whose() is None


def among(permissions: Iterable[str]) -> frozenset[str]:
    """Those of some permissions that the person has, asked once for all of them."""
    mine, wanted = role(), frozenset(permissions)
    found = frozenset(each for each in wanted if mine in PERMISSIONS.get(each, frozenset()))
    return found - OF_THE_WHOLE if found & OF_THE_WHOLE and whose() is not None else found


def hidden() -> frozenset[str]:
    """The kinds of fields that the person may not see."""
    mine = among(FIELDS)
    return frozenset(kind for permission, kind in FIELDS.items() if permission not in mine)


def sight() -> Sight:
    """What the person may see of the data."""
    return Sight(whose(), hidden())


def require(permission: str) -> None:
    """Let the page go on, or raise ForbiddenError."""
    if not permitted(permission):
        raise ForbiddenError(permission)

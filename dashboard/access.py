"""Who may see what: roles -> permissions, and the gate that every page passes first.

Sign-in does not exist yet: whoever reaches the app is the local role, and the server listens on this
machine only.
"""

from collections.abc import Mapping

import streamlit as st

LOCAL = "local"
PERMISSIONS: Mapping[str, frozenset[str]] = {
    LOCAL: frozenset(
        {
            "view overview",
            "view growth",
            "view plan mix",
            "view renewals",
            "edit renewals",
            "view churn",
            "view retention",
            "view customers",
            "view invoices",
            "view receivables",
            "write notes on receivables",
            "view reconciliation",
            "edit findings",
            "view data health",
            "view exchange rates",
            "edit exchange rates",
            "download",
            "change subscriptions",
            "cancel subscriptions",
            "give discounts",
            "change billing details",
            "collect invoices",
            "credit invoices",
            "send card links",
            "view actions",
            "finish actions",
        }
    ),
}


class ForbiddenError(Exception):
    """The person may not do this; the message names the permission."""


def role() -> str:
    """The role of the person whose session this is."""
    return str(st.session_state.get("_role", LOCAL))


def person() -> str:
    """Who writes notes and changes things: the name under which they are kept."""
    return str(st.session_state.get("_person", LOCAL))


def permitted(permission: str) -> bool:
    """Whether the person has a permission."""
    return permission in PERMISSIONS.get(role(), frozenset())


def require(permission: str) -> None:
    """Let the page go on, or raise ForbiddenError."""
    if not permitted(permission):
        raise ForbiddenError(permission)

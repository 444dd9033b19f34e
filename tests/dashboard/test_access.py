"""Roles and permissions: the table in the docs is the one that holds, on pages and in actions."""

from pathlib import Path

import pytest
import streamlit as st

from dashboard import access, desk
from dashboard.actions.base import ActionError
from dashboard.actions.handlers import HANDLERS
from dashboard.navigation import ENTRIES
from data.sign_in_settings import ROLES

DOCS = Path(__file__).resolve().parents[2] / "docs" / "access.md"


def test_the_docs_have_the_table_that_holds() -> None:
    assert access.documentation() in DOCS.read_text()


def test_every_page_and_action_needs_a_permission_that_exists() -> None:
    named = {entry.permission for entry in ENTRIES} | {handler.permission for handler in HANDLERS.values()}
    assert named <= set(access.PERMISSIONS)


def test_viewers_only_look() -> None:
    given = {name for name, roles in access.PERMISSIONS.items() if "viewer" in roles}
    assert all(name.startswith("view ") for name in given)


@pytest.mark.parametrize("role", [*ROLES, "", "root"])
def test_a_role_has_what_the_table_gives_and_nothing_else(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(st.session_state, "_role", role)
    for name, roles in access.PERMISSIONS.items():
        assert access.permitted(name) is (role in roles)
    assert access.among(access.PERMISSIONS) == {name for name in access.PERMISSIONS if access.permitted(name)}
    assert not access.permitted("rule the world")


def test_what_needs_a_permission_is_refused_where_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(st.session_state, "_role", "viewer")
    with pytest.raises(ActionError, match="send card links"):
        desk.card_link("cus_1", "key")
    with pytest.raises(ActionError, match="finish actions"):
        desk.resume()

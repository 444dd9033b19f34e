"""Every page is in the menu once, and passes the gate before it does anything else."""

import ast
from pathlib import Path

import pytest

from dashboard import access, navigation

SCRIPTS = sorted(navigation.PAGES.glob("[!_]*.py"))


def test_the_menu_is_the_folder() -> None:
    assert sorted(entry.file for entry in navigation.ENTRIES) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.stem))
def test_the_first_call_of_a_page_is_its_own_gate(script: Path) -> None:
    calls = (
        statement.value
        for statement in ast.parse(script.read_text()).body
        if isinstance(statement, ast.Assign | ast.Expr) and isinstance(statement.value, ast.Call)
    )
    first = next(call for call in calls if ast.unparse(call.func) not in ("tuple", "Column", "timedelta"))
    assert ast.unparse(first.func) == "widgets.begin"
    assert ast.literal_eval(first.args[0]) == script.stem


def test_the_local_role_may_see_every_page() -> None:
    assert all(access.permitted(entry.permission) for entry in navigation.ENTRIES)


def test_what_is_not_permitted_is_named() -> None:
    with pytest.raises(access.ForbiddenError, match="rule the world"):
        access.require("rule the world")

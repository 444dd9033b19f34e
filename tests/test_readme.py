"""What the README promises is what there is."""

import re
from pathlib import Path

from dashboard.__main__ import COMMANDS
from dashboard.exports import documentation
from data.config import Settings

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()
OTHER = {"POST", "PYTHON", "ARGS", "SELECT", "COMMAND", "NAME", "DIR", "FILE"}


def test_exports_are_documented_as_they_are() -> None:
    assert documentation() in README


def test_every_command_is_listed() -> None:
    table = README[README.index("## Commands") :]
    assert all(f"| `{name}" in table for name in COMMANDS)


def test_every_setting_it_names_exists() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})", README)) - OTHER
    assert named <= {name.upper() for name in Settings.model_fields}


def test_the_two_commands_come_first() -> None:
    first = README.split("\n## ")[0]
    assert first.index("make run") < first.index("make test") < 200

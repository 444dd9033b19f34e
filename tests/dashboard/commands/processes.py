"""The command line as a person uses it: real processes with an environment of their own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from data.config import PROJECT, Settings

SETTINGS = frozenset(name.upper() for name in Settings.model_fields)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """This process's environment without its settings, files under a folder, and the settings given.

    A business that begins has no examples unless it is asked for.
    """
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    common = {"VAR_FOLDER": str(folder), "EXAMPLES": "0", "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    return kept | common | settings


def dashboard(arguments: Sequence[str], folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m dashboard` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        cwd=PROJECT,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

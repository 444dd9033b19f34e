"""The import rules of the house hold, and each of them would notice a breach."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("data", "dashboard", "pages")
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
BREACHES = {
    "pages stand on dashboard, dashboard on data, never upward": (
        "data/money.py",
        "import dashboard.exports",
    ),
    "pages ask dashboard, not data": ("pages/churn.py", "import data.money"),
    "only the gateway speaks to stripe": ("data/money.py", "import stripe"),
    "only data speaks SQL": ("dashboard/formatting.py", "import sqlalchemy"),
    "data and the pure parts of dashboard know no streamlit": ("dashboard/formatting.py", "import streamlit"),
    "only actions reach the gateway": ("dashboard/cache.py", "import data.gateway"),
    "metrics and charts do no I/O": ("dashboard/metrics/churn.py", "import data.database"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's verdict on a tree."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house without its furniture."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_rule_has_its_breach() -> None:
    assert {rule["name"] for rule in RULES} == set(BREACHES)


@pytest.mark.slow
def test_the_rules_hold(tree: Path) -> None:
    verdict = lint(tree)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.slow
@pytest.mark.parametrize("rule", BREACHES)
def test_a_breach_is_noticed(tree: Path, rule: str) -> None:
    file, line = BREACHES[rule]
    text = (tree / file).read_text()
    (tree / file).write_text(f"{text}\n{line}\n")
    try:
        verdict = lint(tree)
    finally:
        (tree / file).write_text(text)
    assert verdict.returncode == 1
    assert f"{rule} BROKEN" in verdict.stdout.replace("\n", " ")


def test_no_text_becomes_html() -> None:
    """Streamlit shows texts as texts unless it is told otherwise, and nothing tells it so."""
    ways = re.compile(
        r"unsafe_allow_html|unsafe_allow_javascript|st\.html\(|components\.(v1|html|v2)|allow_dangerous"
    )
    found = [
        file
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if ways.search(file.read_text())
    ]
    assert found == []


def test_uploads_are_limited() -> None:
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert server["maxUploadSize"] <= 10  # megabytes
    assert "max_size 12MB" in (ROOT / "deploy" / "Caddyfile").read_text()
    assert server.get("enableXsrfProtection", True)
    assert server.get("enableCORS", True)

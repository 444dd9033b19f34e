"""The doctor finds what is wrong and says what to do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data.config import PROJECT
from data.doctor import Finding, findings
from data.key_rights import WRITES
from data.refresh import refresh
from tests.small_business import fault, small_business


def found(
    folder: Path, faults: tuple[dict[str, Any], ...] = (), *, arrived: bool = False, **settings: Any
) -> dict[str, Finding]:
    """Findings by check, on a small business whose data has arrived or not."""
    with small_business(folder, **settings) as chosen:
        if arrived:
            refresh(chosen)
        for wrong in faults:
            fault(chosen, **wrong)
        return {finding.check: finding for finding in findings(chosen)}


def test_all_in_order(tmp_path: Path) -> None:
    checks = found(tmp_path, arrived=True, stripe_webhook_secrets="whsec_one, whsec_two")
    wrong = [finding for finding in checks.values() if finding.state != "ok"]
    assert [finding.check for finding in wrong] in ([], ["clock"])  # the sandbox's clock stands still
    assert "2 set" in checks["webhook secret"].found
    assert checks["write"].found == f"may change {', '.join(WRITES)}"


def test_the_guide_names_every_right_that_is_checked() -> None:
    guide = (PROJECT / "docs" / "threat-model.md").read_text().partition("| to do | write |")[2]
    assert [name for name in WRITES if name.replace("_", " ") not in guide] == []


@pytest.mark.parametrize(
    ("settings", "faults", "check", "state", "words"),
    [
        (
            {},
            ({"path": "/v1/invoices", "status": 403},),
            "read invoices",
            "failed",
            "read access to invoices",
        ),
        ({}, ({"path": "/v1/quotes", "status": 404},), "read quotes", "warning", "left out"),
        (
            {},
            ({"path": "/v1/customers/", "status": 403, "method": "POST"},),
            "write",
            "ok",
            "write access: billing details",
        ),
        ({}, ({"status": 401},), "read invoices", "failed", "STRIPE_API_KEY"),
        ({"stripe_webhook_secrets": "sk_test_1"}, (), "webhook secret", "failed", "webhook page"),
        ({}, (), "webhook secret", "warning", "STRIPE_WEBHOOK_SECRETS"),
        (
            {"application_accounts_sql": "select 1 as nothing"},
            (),
            "application database",
            "failed",
            "setting",
        ),
        ({"application_database_url": "sqlite:////nowhere/x.db"}, (), "application database", "failed", ""),
        ({"database_url": "postgresql://u:pw@127.0.0.1:9/x"}, (), "database", "failed", "DATABASE_URL"),
    ],
)
def test_what_is_wrong_is_found(
    tmp_path: Path,
    settings: dict[str, Any],
    faults: tuple[dict[str, Any], ...],
    check: str,
    state: str,
    words: str,
) -> None:
    finding = found(tmp_path, faults, **settings)[check]
    assert finding.state == state
    assert words in finding.remedy
    assert "pw@" not in finding.found + finding.remedy


def test_missing_migrations(tmp_path: Path) -> None:
    database = tmp_path / "empty.db"
    with closing(sqlite3.connect(database)):
        checks = found(tmp_path, database_url=f"sqlite:///{database}")
    assert checks["migrations"].state == "failed"
    assert "dashboard migrate" in checks["migrations"].remedy

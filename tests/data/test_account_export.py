"""An account written to files, loaded and written again is the same account."""

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from data.account_export import export_account
from data.gateway import Gateway, Unauthorized
from data.limiter import unlimited
from data.sandbox.account import load
from data.sandbox.store import Store
from tests.sandbox_server import API_KEY, running

FROZEN_AT = 1_795_302_000  # 2026-11-21T23:00:00Z

RESPELT = ("events.jsonl", "subscription_schedules.jsonl")
"""What the sandbox keeps with fewer or other words than it was given."""


def copied(source: Path, folder: Path, frozen_at: int | None = None) -> list[Any]:
    """Load an account into a sandbox and export it from there."""
    store = Store(None)
    load(store, source, frozen_at)
    with running(store) as base, Gateway(API_KEY, base, limiter=unlimited()) as gateway:
        return export_account(gateway, folder)


def by_id(path: Path) -> dict[str, Any]:
    return {obj["id"]: obj for obj in map(orjson.loads, path.read_bytes().splitlines())}


def test_the_copy_of_a_copy_is_the_copy(stripe_account: Path, tmp_path: Path) -> None:
    written = copied(stripe_account, tmp_path / "first", FROZEN_AT)
    copied(tmp_path / "first", tmp_path / "second")
    assert [each for each in written if each.problem] == []
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "second").iterdir())
    for name in files:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name
    about = orjson.loads((tmp_path / "first" / "account.json").read_bytes())
    assert about == {"frozen_at": FROZEN_AT, "api_version": "2026-10-28.endive"}


def test_the_copy_holds_what_the_account_held(stripe_account: Path, tmp_path: Path) -> None:
    copied(stripe_account, tmp_path / "copy", FROZEN_AT)
    for path in stripe_account.glob("*.jsonl"):
        original, copy = by_id(path), by_id(tmp_path / "copy" / path.name)
        assert copy.keys() == original.keys(), path.name
        if path.name not in RESPELT:
            for key, before in original.items():
                assert copy[key].items() >= before.items(), key


def test_what_may_not_be_read_is_named(stripe_account: Path, tmp_path: Path) -> None:
    store = Store(None)
    load(store, stripe_account, FROZEN_AT)
    with running(store) as base, Gateway(API_KEY, base, limiter=unlimited()) as gateway:
        httpx.post(f"{base}/sandbox/faults", json={"path": "/v1/charges", "status": 403})
        written = {each.resource: each for each in export_account(gateway, tmp_path / "copy")}
        with pytest.raises(FileExistsError, match="already holds"):
            export_account(gateway, tmp_path / "copy")
        httpx.post(f"{base}/sandbox/faults", json={"status": 401})
        with pytest.raises(Unauthorized):
            export_account(gateway, tmp_path / "other")
    assert "may not read" in str(written["charges"].problem)
    assert not (tmp_path / "copy" / "charges.jsonl").exists()
    assert written["invoices"].objects == 1364

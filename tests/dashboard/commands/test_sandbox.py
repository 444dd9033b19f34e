"""The sandbox from the command line: what it starts from, and that it goes on from there."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from data.config import PROJECT
from tests.dashboard.commands.processes import dashboard, environment

KEY = ("sk_test_sandbox", "")


@contextmanager
def sandbox(folder: Path, *arguments: str) -> Iterator[str]:
    """A sandbox in a process of its own that ends with the block; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "sandbox", "--port", "0", "--until-parent-ends", *arguments],
        cwd=PROJECT,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdin
        yield str(json.loads(process.stdout.readline())["url"])
        process.stdin.close()


def customers(url: str) -> list[str]:
    """The ids of the newest customers."""
    answer = httpx.get(f"{url}/v1/customers", params={"limit": 100}, auth=KEY)
    return [customer["id"] for customer in answer.json()["data"]]


def test_a_generated_history_goes_on(tmp_path: Path) -> None:
    options = ("--generate", "--customers", "20", "--months", "3")
    with sandbox(tmp_path, *options) as url:
        first = customers(url)
        changed = httpx.post(f"{url}/v1/customers/{first[0]}", data={"name": "Kept"}, auth=KEY)
        assert changed.json()["name"] == "Kept"
    with sandbox(tmp_path, *options) as url:
        assert httpx.get(f"{url}/v1/customers/{first[0]}", auth=KEY).json()["name"] == "Kept"
    with sandbox(tmp_path, *options, "--fresh") as url:
        assert httpx.get(f"{url}/v1/customers/{first[0]}", auth=KEY).json()["name"] != "Kept"
    assert len(first) == 20


def test_an_account_stands_at_the_moment_it_was_frozen(tmp_path: Path, stripe_account: Path) -> None:
    at = "2026-11-21T23:00:00Z"
    with sandbox(tmp_path, "--account", str(stripe_account), "--frozen-at", at) as url:
        assert httpx.get(f"{url}/sandbox/clock").json()["now"] == 1_795_302_000
        assert len(customers(url)) == 100


@pytest.mark.parametrize(
    ("content", "words"), [(None, "holds no account"), ('{"id": "cus_1"\n', "customers.jsonl")]
)
def test_a_bad_export_is_named(tmp_path: Path, content: str | None, words: str) -> None:
    folder = tmp_path / "export"
    if content is not None:
        folder.mkdir()
        (folder / "customers.jsonl").write_text(content)
    done = dashboard(["sandbox", "--account", str(folder), "--port", "0"], tmp_path)
    assert done.returncode == 1
    assert words in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_an_exported_account_is_one_to_start_from(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    with sandbox(tmp_path, "--generate", "--customers", "20", "--months", "3") as url:
        named = {"STRIPE_API_KEY": "sk_test_copy", "STRIPE_API_BASE": url}
        done = dashboard(["export-account", str(folder)], tmp_path, **named)
        assert done.returncode == 0, done.stderr
        assert dashboard(["export-account", str(folder)], tmp_path, **named).returncode == 1
        known = customers(url)
    with sandbox(tmp_path, "--account", str(folder)) as url:
        assert customers(url) == known


def test_a_second_sandbox_on_the_same_state_is_the_first(tmp_path: Path) -> None:
    options = ("--generate", "--customers", "5", "--months", "1")
    with sandbox(tmp_path, *options) as first, sandbox(tmp_path, *options) as second:
        assert second == first
        done = dashboard(["sandbox", "--port", "0"], tmp_path)
        assert done.returncode == 1
        assert "Another sandbox keeps its state" in done.stderr


def test_a_state_that_is_no_state_is_a_sentence_and_may_be_made_afresh(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    file.write_bytes(b"no database at all " * 100)
    done = dashboard(["sandbox", "--port", "0", "--state", str(file)], tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"state in {file} cannot be used" in done.stderr
    with sandbox(tmp_path, "--state", str(file), "--fresh") as url:
        assert customers(url) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    done = dashboard(["sandbox", "--port", "0"], file)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert str(file) in done.stderr

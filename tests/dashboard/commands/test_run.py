"""`run` as a person meets it: one command, pages, Ctrl-C, and everything still there the next day."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from data.config import PROJECT
from tests.dashboard.commands.processes import dashboard, environment

pytestmark = pytest.mark.slow
ADDRESS = re.compile(r"http://localhost:\d+")


@contextmanager
def running(folder: Path, log: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`run` in a process of its own, and the address that it printed."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "run"],
            cwd=PROJECT,
            env=environment(folder, PORT="0"),
            stderr=output,
            text=True,
        )
        try:
            yield process, _address(process, log)
        finally:
            process.kill()
            process.wait()


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        if found := ADDRESS.search(log.read_text()):
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def children(process: "subprocess.Popen[str]") -> list[int]:
    """The ids of a process's children, from Linux's process table."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(pid) for pid in listed.stdout.split() if Path(f"/proc/{pid}/exe").exists()]


def test_run_serves_stops_keeps_and_leaves_no_sandbox_when_it_is_killed(tmp_path: Path) -> None:
    with running(tmp_path, tmp_path / "first.log") as (process, address):
        assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
        assert "Streamlit" in httpx.get(address).text
        helpers = children(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0
        assert not [pid for pid in helpers if Path(f"/proc/{pid}").exists()]
    first = dashboard(["export", "customer_arr"], tmp_path)
    assert first.returncode == 0
    assert len(first.stdout.splitlines()) > 100
    with running(tmp_path, tmp_path / "second.log") as (process, _):
        helpers = children(process)
        assert helpers
        process.kill()
        process.wait()
        end = time.monotonic() + 10
        while time.monotonic() < end and any(Path(f"/proc/{pid}").exists() for pid in helpers):
            time.sleep(0.1)
        assert not [pid for pid in helpers if Path(f"/proc/{pid}").exists()]
    again = dashboard(["export", "customers"], tmp_path)
    assert again.returncode == 0
    assert "Making the sandbox's history" not in (tmp_path / "second.log").read_text()

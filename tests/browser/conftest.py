"""The app in a real browser: one server and one Chromium for all tests of a run."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Error, FloatRect, Locator, sync_playwright

from tests.pages.business import fill

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
INSTALL = "no Chromium here: apt-get install --yes chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip(INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """The address of the app on the small business."""
    url = f"sqlite:///{tmp_path_factory.mktemp('browser') / 'dashboard.db'}"
    fill(url)
    with serving(url) as address:
        yield address


def place_of(locator: Locator) -> FloatRect:
    """Where something is on the screen, scrolled to; asked again while the page draws it anew."""
    for _ in range(50):
        try:
            locator.scroll_into_view_if_needed()
            if (box := locator.bounding_box()) is not None:
                return box
        except Error:
            time.sleep(0.2)
    raise TimeoutError("the page did not come to rest")


@contextmanager
def serving(url: str, **environment: str) -> Iterator[str]:
    """The address of the app on a database, while it lasts; environment: further settings."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, "the server ended before it answered"
        time.sleep(0.2)
    raise TimeoutError("the server did not answer within 30 seconds")

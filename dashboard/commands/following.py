"""The sync as a child process: pages and webhooks do not wait for what it computes."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from typing import IO

from dashboard.commands.console import checked_settings
from data import config, logs
from data.config import Settings
from data.refresh import AGAIN, watch

LOG = logging.getLogger(__name__)
COMMAND = [sys.executable, "-m", "dashboard", "sync", "--watch", "--until-parent-ends"]
LEFT = 5.0  # seconds to end what is under way, once the parent has gone
GIVEN = (
    "stripe_api_key",
    "stripe_api_base",
    "stripe_requests_per_second",
    "stripe_requests_per_second_endpoint",
    "database_url",
    "application_database_url",
)
"""Settings that may be others than those of the environment: of a sandbox that the parent has started."""


def beside(
    settings: Settings, stop: threading.Event, bell: threading.Event, within: float | None = None
) -> None:
    """Until told to stop: a child that syncs, begun when there is first something to do; another if it ends.

    It is begun within so many seconds (None: SYNC_SECONDS). Who stops it sets the bell too.
    """
    child: subprocess.Popen[str] | None = None
    within = settings.sync_seconds if within is None else within
    while not stop.is_set():
        rung = bell.wait(within if child is None else AGAIN)
        bell.clear()
        if stop.is_set():
            break
        if child is not None and child.poll() is not None:
            LOG.warning("The process that syncs has ended (%s); another one begins", child.returncode)
            _end(child)
            child = None
        if child is None:
            child = _begun(settings)
        elif rung and not _told(child, "\n"):
            bell.set()  # it ends just now: the next one is to hear of it
            child.poll()
    if child is not None:
        _end(child)


def _begun(settings: Settings) -> "subprocess.Popen[str] | None":
    """A child that syncs at once and goes on; None where the machine gives none."""
    try:
        child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, text=True, start_new_session=True)
    except OSError as error:
        LOG.warning("The process that syncs cannot be started: %s", error.strerror)
        return None
    _told(child, _line(settings))
    return child


def _line(settings: Settings) -> str:
    """The settings for the child, which are not for its command line or environment."""
    named = [name for name in GIVEN if name in settings.model_fields_set or "url" in name]
    values = {name: getattr(settings, name) for name in named}
    plain = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value
        for name, value in values.items()
        if value is not None
    }
    return json.dumps(plain) + "\n"


def _told(child: "subprocess.Popen[str]", line: str) -> bool:
    """Whether the child still listens."""
    assert child.stdin is not None
    try:
        child.stdin.write(line)
        child.stdin.flush()
    except OSError:
        return False
    return True


def _end(child: "subprocess.Popen[str]") -> None:
    """The child's end: by itself when its standard input closes, or by force."""
    assert child.stdin is not None
    try:
        child.stdin.close()
    except OSError:  # what it was to be told last
        LOG.debug("The process that syncs had gone")
    try:
        child.wait(timeout=LEFT + 1)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def follow(told: IO[str] = sys.stdin) -> None:
    """What the child does: sync at once, at every line and every SYNC_SECONDS, until its input closes."""
    given = json.loads(told.readline() or "{}")
    config.use(config.load(**given))
    settings = checked_settings()
    logs.set_up(settings, serving=True)
    stop, bell = threading.Event(), threading.Event()
    bell.set()
    threading.Thread(target=_listen, args=(told, stop, bell), name="parent", daemon=True).start()
    watch(settings, stop, bell)


def _listen(told: IO[str], stop: threading.Event, bell: threading.Event) -> None:
    for _ in told:
        bell.set()
    stop.set()
    bell.set()
    time.sleep(LEFT)
    os._exit(0)  # what it was doing is as safe as after a kill

"""The sandbox as a child process that lives and dies with the command that started it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from data import config
from data.config import Settings

KEY = "sk_test_embedded_sandbox"
NO_LIMIT = 10_000.0


class SandboxFailedError(Exception):
    """The sandbox did not start; it has said why on standard error."""


def _command(settings: Settings) -> list[str]:
    """A fresh sandbox gets a generated history; one that is there goes on from where it was."""
    command = [sys.executable, "-m", "dashboard", "sandbox", "--port", "0"]
    command += ["--state", str(settings.sandbox_folder / "stripe.db"), "--generate", "--until-parent-ends"]
    if settings.application_database_url:
        command += ["--application", settings.application_database_url.get_secret_value()]
    return command


@contextmanager
def stripe_or_sandbox() -> Iterator[Settings]:
    """The settings to work with: as they are where there is a key, else those of a sandbox started here.

    The sandbox ends when its standard input closes, so it cannot outlive this process, however that ends.
    """
    settings = config.settings()
    if settings.stripe_api_key:
        yield settings
        return
    child = subprocess.Popen(
        _command(settings), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield _pointed_at(settings, _address(child))
    finally:
        config.use(None)
        _end(child)


def _address(child: "subprocess.Popen[str]") -> str:
    line = child.stdout.readline() if child.stdout else ""
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError):
        raise SandboxFailedError("the sandbox did not start: see the lines above") from None


def _pointed_at(settings: Settings, url: str) -> Settings:
    chosen = settings.model_copy(
        update={
            "stripe_api_key": SecretStr(KEY),
            "stripe_api_base": url,
            "stripe_requests_per_second": NO_LIMIT,
            "stripe_requests_per_second_endpoint": NO_LIMIT,
        }
    )
    config.use(chosen)
    return chosen


def _end(child: "subprocess.Popen[str]") -> None:
    for stream in (child.stdin, child.stdout):
        if stream:
            stream.close()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

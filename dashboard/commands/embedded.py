"""The sandbox as a child process that lives and dies with the command that started it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from pydantic import SecretStr

from dashboard.commands.console import err
from data import config
from data.config import Settings

KEY = "sk_test_embedded_sandbox"
NO_LIMIT = 10_000.0
OURS = {
    "sso_acs_url": "https://app.ours.example/saml/{customer}/acs",
    "sso_entity_id": "https://app.ours.example/saml/{customer}",
    "sso_redirect_uri": "https://app.ours.example/oidc/{customer}/callback",
    "custom_domain_target": "domains.ours.example",
}
"""What the company's product says to its customers in examples, where the settings do not."""


class SandboxFailedError(Exception):
    """The sandbox did not start; it has said why on standard error."""


def _command(settings: Settings, waits: int) -> list[str]:
    """A fresh sandbox gets a generated history; one that is there goes on from where it was.

    waits: days before its end at which a fresh one waits for the examples.
    """
    command = [sys.executable, "-m", "dashboard", "sandbox", "--port", "0"]
    command += ["--state", str(settings.sandbox_folder / "stripe.db"), "--generate", "--plain-names"]
    command += ["--until-parent-ends"]
    command += ["--waits", str(waits)] if waits else []
    if settings.application_database_url:
        command += ["--application", settings.application_database_url.get_secret_value()]
    return command


@contextmanager
def stripe_or_sandbox(meanwhile: Callable[[], object] = lambda: None) -> Iterator[Settings]:
    """The settings to work with: as they are where there is a key, else those of a sandbox started here.

    meanwhile: what is to be done while it makes its history. A business that begins here has examples of
    what people do with it. The sandbox ends when its standard input closes, so it cannot outlive this
    process, however that ends.
    """
    settings = config.settings()
    if settings.stripe_api_key:
        yield settings
        return
    examples = import_module("dashboard.examples.beginning") if settings.examples else None
    waits = examples.days(settings) if examples else 0
    child = subprocess.Popen(
        _command(settings, waits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        meanwhile()
        told = _told(child)
        chosen = _pointed_at(settings, str(told["url"]))
        if examples and told.get("waits"):
            with err.status("Making examples of quotes, add-ons and changes"):
                examples.begin(chosen)
        yield chosen
    finally:
        config.use(None)
        _end(child)


def _told(child: "subprocess.Popen[str]") -> dict[str, Any]:
    """What the child says once it answers: its url, and whether its history waits."""
    line = child.stdout.readline() if child.stdout else ""
    try:
        told: dict[str, Any] = json.loads(line)
        return {"url": told["url"], **told}
    except (ValueError, KeyError):
        raise SandboxFailedError("the sandbox did not start: see the lines above") from None


def _pointed_at(settings: Settings, url: str) -> Settings:
    unsaid = {name: value for name, value in OURS.items() if getattr(settings, name) is None}
    chosen = settings.model_copy(
        update={
            **(unsaid if settings.examples else {}),
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

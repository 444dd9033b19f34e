"""python -m dashboard run: the app, its sync, and a sandbox where there is no key."""

import socket
from functools import partial
from importlib import import_module

from dashboard.commands.console import EXIT_SETTINGS, checked_settings, err, fail
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from data import logs
from data.config import Settings
from data.listening import listening_socket

SERVING = "dashboard.commands.serving"
"""Its imports take as long as the sandbox takes to make a history, so they are made meanwhile."""


def run() -> None:
    """Bring the data up to date and serve the pages; Ctrl-C stops everything that was started."""
    settings = checked_settings()
    logs.set_up(settings, serving=True)
    if (refusal := settings.refusal()) is not None:
        fail(refusal, EXIT_SETTINGS)
    meanwhile = partial(import_module, SERVING)
    try:
        with _bound(settings) as listener, stripe_or_sandbox(meanwhile) as chosen:
            import_module(SERVING).serve_pages(chosen, listener)
    except SandboxFailedError as error:
        fail(f"{error}.")
    except KeyboardInterrupt:
        err.print("Stopped")


def _bound(settings: Settings) -> socket.socket:
    """The port is taken first: everything else would be in vain without it."""
    try:
        return listening_socket(settings.host, settings.port)
    except OSError as error:
        fail(f"Port {settings.port} cannot be used: {error.strerror}. Set PORT to another one.")

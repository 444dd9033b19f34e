"""python -m dashboard run: the app, its sync, and a sandbox where there is no key."""

import socket
import threading

from dashboard.commands.console import (
    EXIT_SETTINGS,
    checked_settings,
    err,
    fail,
    problems_table,
    sync_progress,
)
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from dashboard.commands.following import beside
from dashboard.onboarding import checks as addon_checks
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import letters as quote_letters
from dashboard.server import serve
from data import logs, mailing
from data.config import Settings
from data.listening import listening_socket
from data.provisioning import sending
from data.refresh import AGAIN, RefreshError, refresh

BESIDE = {
    "approvals": quote_letters.watch,
    "add-ons": addon_checks.watch,
    "letters": mailing.watch,
    "provisioning": sending.watch,
    "quotes": quote_accepting.watch,
}
"""What is done beside the pages, in threads of their own; the sync is a process."""


def run() -> None:
    """Bring the data up to date and serve the pages; Ctrl-C stops everything that was started."""
    settings = checked_settings()
    logs.set_up(settings, serving=True)
    if (refusal := settings.refusal()) is not None:
        fail(refusal, EXIT_SETTINGS)
    try:
        with _bound(settings) as listener, stripe_or_sandbox() as chosen:
            fresh = _first_refresh(chosen)
            _serve(chosen, listener, None if fresh else min(AGAIN, chosen.sync_seconds))
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


def _first_refresh(settings: Settings) -> bool:
    """Whether the data was brought up to date; a failure is told: pages show what an earlier run left."""
    try:
        with sync_progress() as progress:
            problems = refresh(settings, progress=progress).problems
        if problems:
            err.print(problems_table(problems))
    except RefreshError as error:
        err.print(f"[yellow]{error}[/yellow] The pages show what is there and say how old it is.")
        return False
    return True


def _serve(settings: Settings, listener: socket.socket, within: float | None) -> None:
    """Answer until Ctrl-C; the next sync begins within so many seconds (None: SYNC_SECONDS)."""
    host, port = listener.getsockname()[:2]
    err.print(f"\n  Subscription operations: [bold]http://{_shown(host)}:{port}[/bold]   (Ctrl-C stops it)\n")

    def loop(stop: threading.Event, bell: threading.Event) -> None:
        for name, watch in BESIDE.items():
            threading.Thread(target=watch, args=(settings, stop), name=name, daemon=True).start()
        beside(settings, stop, bell, within)

    serve(listener, loop)


def _shown(host: str) -> str:
    return "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host

"""What `run` does once there is something to read: bring the data up to date and serve the pages."""

import socket
import threading

from dashboard.commands.console import err, problems_table, sync_progress
from dashboard.commands.following import beside
from dashboard.onboarding import checks as addon_checks
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import letters as quote_letters
from dashboard.server import serve
from data import mailing
from data.config import Settings
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


def serve_pages(chosen: Settings, listener: socket.socket) -> None:
    """Bring the data up to date, then answer until Ctrl-C."""
    fresh = _first_refresh(chosen)
    _serve(chosen, listener, None if fresh else min(AGAIN, chosen.sync_seconds))


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

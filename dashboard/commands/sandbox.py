"""python -m dashboard sandbox: a stand-in for Stripe on this machine."""

import json
import os
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.commands.console import checked_settings, err, fail, instant
from data.clock import to_epoch
from data.sandbox.account import MalformedAccountError
from data.sandbox.api.actions.webhook_endpoints import forward
from data.sandbox.api.errors import StripeError
from data.sandbox.api.serving import NotLoopbackError, serve
from data.sandbox.generate import History
from data.sandbox.lifetime import (
    Exported,
    Generated,
    Origin,
    OtherHistoryError,
    begin,
    go_on,
    keep_time,
    match_application,
    opened,
)
from data.sandbox.state_lock import StateInUseError, alone, publish
from data.sandbox.store import Store

Generate = Annotated[bool, typer.Option("--generate", help="Start from a generated history.")]
Account = Annotated[Path | None, typer.Option(help="Start from an export: a folder of JSON lines.")]
FrozenAt = Annotated[
    datetime | None,
    typer.Option(parser=instant, metavar="DATE", help="When the export was made, where it does not say."),
]
State = Annotated[Path | None, typer.Option(help="File of its state; one that is there goes on.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget the state that is there and start anew.")]
Host = Annotated[str, typer.Option(help="Address to listen on; loopback only.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")]
Application = Annotated[
    str | None, typer.Option(help="URL of a company's application database to make to match.")
]
ForwardTo = Annotated[
    str | None, typer.Option(metavar="URL", help="Send every event to this address, on this machine only.")
]
WebhookSecret = Annotated[
    str | None, typer.Option(metavar="WHSEC", help="The secret that signs them; a new one otherwise.")
]
Child = Annotated[bool, typer.Option("--until-parent-ends", hidden=True)]
Plain = Annotated[bool, typer.Option("--plain-names", hidden=True)]
Waits = Annotated[int, typer.Option("--waits", min=0, hidden=True)]


def sandbox(
    *,
    generate: Generate = False,
    account: Account = None,
    frozen_at: FrozenAt = None,
    state: State = None,
    fresh: Fresh = False,
    host: Host = "127.0.0.1",
    port: Port = 12111,
    application: Application = None,
    customers: Annotated[int, typer.Option(min=1, help="Customers to generate.")] = 400,
    months: Annotated[int, typer.Option(min=1, help="Months of history to generate.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 7,
    forward_to: ForwardTo = None,
    webhook_secret: WebhookSecret = None,
    until_parent_ends: Child = False,
    waits: Waits = 0,
    plain_names: Plain = False,
) -> None:
    """Run a stateful stand-in for Stripe that any client of the API can speak to, with a test key.

    A generated one keeps time. POST /sandbox/clock {"to": epoch seconds} moves any of them forward.
    """
    if generate and account:
        fail("Choose --generate or --account, not both.", 2)
    origin = Generated(customers, months, seed, waits, plain_names) if generate else None
    _run(
        state or _default_state(account),
        Exported(account, to_epoch(frozen_at) if frozen_at else None) if account else origin,
        fresh,
        application,
        (forward_to, webhook_secret),
        (host, port, until_parent_ends),
    )


def _default_state(account: Path | None) -> Path:
    name = account.resolve().name if account else "stripe"
    return checked_settings().sandbox_folder / f"{name}.db"


def _run(
    file: Path,
    origin: Origin,
    fresh: bool,
    application: str | None,
    webhook: tuple[str | None, str | None],
    served: tuple[str, int, bool],
) -> None:
    try:
        with alone(file), closing(opened(file, fresh=fresh)) as store:
            with err.status("Making the sandbox's history, or bringing it up to the present"):
                history = begin(store, origin, int(time.time()))
                if application and history is None:
                    match_application(store, application)
            if webhook[0]:
                _tell_webhook(forward(store, webhook[0], webhook[1]))
            _serve(store, file, history, application, *served)
    except StateInUseError as error:
        until_parent_ends = served[2]
        if fresh or not until_parent_ends or error.address is None:
            fail(str(error))
        _stand_in(error.address)
    except (MalformedAccountError, NotLoopbackError, OtherHistoryError, StripeError) as error:
        fail(f"{str(error).rstrip('.')}.")
    except sqlite3.DatabaseError as error:
        fail(f"The sandbox's state in {file} cannot be used: {error}. Delete it, or name another file.")
    except OSError as error:
        fail(_os_words(error, served))


def _os_words(error: OSError, served: tuple[str, int, bool]) -> str:
    if error.filename:
        return f"The sandbox cannot use {error.filename}: {error.strerror}."
    return f"The sandbox cannot listen on {served[0]}:{served[1]}: {error.strerror}. Choose another --port."


def _serve(
    store: Store,
    file: Path,
    history: History | None,
    application: str | None,
    host: str,
    port: int,
    until_parent_ends: bool,
) -> None:
    if until_parent_ends:
        threading.Thread(target=_watch_parent, daemon=True).start()
    stop = threading.Event()
    clock = threading.Thread(target=keep_time, args=(store, stop), name="clock")
    clock.start()

    def ready(url: str) -> None:
        publish(file, url)
        if until_parent_ends:
            _tell_parent(url, waits=history is not None)
        else:
            _tell_person(url)

    def move(store: Store, to: int) -> None:
        waited = history is not None and not history.over
        go_on(store, history, to)
        if waited and history is not None and history.over and application:
            match_application(store, application)

    try:
        serve(store, host, port, ready=ready, move=move)
    finally:
        stop.set()
        clock.join()


def _stand_in(address: str) -> None:
    """The parent gets the sandbox that already runs on its state, and this process only waits."""
    _tell_parent(address)
    sys.stdin.read()


def _tell_parent(url: str, *, waits: bool = False) -> None:
    print(json.dumps({"url": url, "waits": waits}), flush=True)  # noqa: T201 - the parent reads this line


def _tell_person(url: str) -> None:
    err.print(f"The sandbox answers at [bold]{url}[/bold]; Ctrl-C stops it. To use it:")
    err.print(f"STRIPE_API_KEY=sk_test_sandbox STRIPE_API_BASE={url} python -m dashboard sync")


def _tell_webhook(endpoint: dict[str, Any]) -> None:
    err.print(f"Events go to [bold]{endpoint['url']}[/bold]; to check their signatures:")
    err.print(f"STRIPE_WEBHOOK_SECRETS={endpoint['secret']}")


def _watch_parent() -> None:
    """End when standard input closes: the process that started this one is gone."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)

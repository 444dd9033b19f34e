"""python -m dashboard sandbox: a stand-in for Stripe on this machine."""

import json
import os
import signal
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.console import checked_settings, err, fail, instant
from data.clock import to_epoch
from data.sandbox.account import MalformedAccountError, load
from data.sandbox.api.serving import NotLoopbackError, serve
from data.sandbox.company import build
from data.sandbox.engine import advance
from data.sandbox.generate import generate
from data.sandbox.store import Store

Generate = Annotated[bool, typer.Option("--generate", help="Start from a generated history.")]
Account = Annotated[
    Path | None, typer.Option(help="Start from an export: a folder of JSON lines per resource.")
]
FrozenAt = Annotated[
    datetime | None,
    typer.Option(
        parser=instant, metavar="DATE", help="With --account: when it was exported, if it does not say."
    ),
]
State = Annotated[Path | None, typer.Option(help="File of the sandbox's state; one that is there goes on.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget the state that is there and start anew.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")]
Application = Annotated[
    str | None, typer.Option(help="Also make a company's application database at this URL.")
]
Child = Annotated[bool, typer.Option("--until-parent-ends", hidden=True)]


def sandbox(
    *,
    generate_history: Generate = False,
    account: Account = None,
    frozen_at: FrozenAt = None,
    state: State = None,
    fresh: Fresh = False,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback only.")] = "127.0.0.1",
    port: Port = 12111,
    application: Application = None,
    customers: Annotated[int, typer.Option(min=1, help="Customers to generate.")] = 400,
    months: Annotated[int, typer.Option(min=1, help="Months of history to generate.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 7,
    until_parent_ends: Child = False,
) -> None:
    """Run a stateful stand-in for Stripe that any client of the API can speak to, with a test key."""
    if generate_history and account:
        fail("Choose --generate or --account, not both.", 2)
    file = state or checked_settings().sandbox_folder / (
        f"{account.resolve().name}.db" if account else "stripe.db"
    )
    store = _opened(file, fresh)
    try:
        _fill(store, account, frozen_at, (customers, months, seed) if generate_history else None, application)
        _serve(store, host, port, until_parent_ends)
    except (MalformedAccountError, NotLoopbackError) as error:
        fail(f"{error}.")
    except OSError as error:
        fail(f"The sandbox cannot listen on {host}:{port}: {error.strerror}. Choose another --port.")
    finally:
        store.close()


def _opened(file: Path, fresh: bool) -> Store:
    """The state in a file, or an empty one: what was left half made is made anew."""
    store = Store(file)
    if store.meta("origin") is not None and not fresh:
        return store
    store.close()
    for part in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        part.unlink(missing_ok=True)
    return Store(file)


def _fill(
    store: Store,
    account: Path | None,
    frozen_at: datetime | None,
    generated: tuple[int, int, int] | None,
    application: str | None,
) -> None:
    """Give an empty store its history, and a generated one the time that has passed since."""
    if store.meta("origin") is None:
        with err.status("Making the sandbox's history"):
            if account:
                load(store, account, to_epoch(frozen_at) if frozen_at else None)
                store.set_meta("origin", "account")
            elif generated:
                customers, months, seed = generated
                generate(store, customers=customers, months=months, seed=seed, until=int(time.time()))
                store.set_meta("origin", "generated")
            else:
                store.set_now(int(time.time()))
                store.set_meta("origin", "empty")
        if application:
            with err.status("Making the company's application database"):
                build(store, application, now=store.now)
    elif account and store.meta("origin") != "account":
        fail("This --state already holds another history: name a new file for --state, or add --fresh.")
    elif store.meta("origin") == "generated":
        with err.status("Bringing the sandbox up to the present"):
            advance(store, int(time.time()))


def _serve(store: Store, host: str, port: int, until_parent_ends: bool) -> None:
    if until_parent_ends:
        threading.Thread(target=_watch_parent, daemon=True).start()
    serve(store, host, port, ready=_tell_parent if until_parent_ends else _tell_person)


def _tell_parent(url: str) -> None:
    print(json.dumps({"url": url}), flush=True)  # noqa: T201 - the parent reads this line


def _tell_person(url: str) -> None:
    err.print(f"The sandbox answers at [bold]{url}[/bold]; Ctrl-C stops it. To use it:")
    err.print(f"STRIPE_API_KEY=sk_test_sandbox STRIPE_API_BASE={url} python -m dashboard sync")


def _watch_parent() -> None:
    """End when standard input closes: the process that started this one is gone."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)

"""Both sources brought up to date: Stripe's sync, then the copy of the application database."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from data import application, clock, findings, logs
from data.application import ApplicationError, Copied
from data.config import Settings
from data.gateway import GatewayError
from data.sources import (
    DatabaseFailedError,
    application_mapping,
    open_application,
    open_database,
    open_gateway,
)
from data.sync import OtherAccountError, Progress, SyncReport, SyncRunningError, sync
from data.sync.runs import publish, save_resource

APPLICATION = "application database"
"""The name under which the state of its copy is kept, beside those of Stripe's resources."""
APPLICATION_EVERY = 3600.0
"""Seconds between two copies of the application database while the app runs."""
GATHERED = 0.5
"""Seconds from the bell to the sync: webhooks come in bursts."""
AGAIN = 15.0
"""Seconds until a refresh that failed is tried again, unless SYNC_SECONDS are fewer."""

_log = logging.getLogger(__name__)


class RefreshError(Exception):
    """The data could not be brought up to date; the message is a sentence for a person."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did; `copied` is None where there is no application database or it failed."""

    synced: SyncReport
    copied: Copied | None
    problems: dict[str, str]  # by resource, in words


def refresh(
    settings: Settings, *, full: bool = False, progress: Progress | None = None, with_application: bool = True
) -> Refreshed:
    """Migrate, sync Stripe, copy the application database, write down what disagrees. Raises RefreshError.

    A failure of the application database is a problem in what is returned, not an error: the rest goes on.
    What disagrees is looked for after each copy, and between two as often as it is quick to find.
    """
    try:
        with open_database(settings) as engine:
            synced = _synced(engine, settings, full, progress)
            copied, trouble = _copied(engine, settings, synced.data_at) if with_application else (None, None)
            if (with_application and not trouble) or findings.is_due(engine):
                findings.record(engine, synced.data_at or clock.now())
    except DatabaseFailedError as error:
        raise RefreshError(str(error)) from error
    except SyncRunningError as error:
        raise RefreshError(str(error)) from None
    except RefreshError:
        raise
    except Exception as error:  # a fault of ours must not end the process that goes on with the next refresh
        _log.exception("The data could not be brought up to date")
        told = f"The app failed while it read ({type(error).__name__}). The log has the details."
        raise RefreshError(told) from error
    _log_what_was_done(synced)
    problems = synced.problems | ({APPLICATION: trouble} if trouble else {})
    return Refreshed(synced, copied, problems)


def _log_what_was_done(synced: SyncReport) -> None:
    quiet = synced.kind == "events" and not synced.objects and not synced.problems
    done = {"objects": synced.objects, "events": synced.events, "requests": synced.requests}
    fields = {"kind": synced.kind, "version": synced.version, "seconds": round(synced.seconds, 3), **done}
    _log.log(logging.DEBUG if quiet else logging.INFO, "Brought up to date", extra=fields)


def _synced(engine: Engine, settings: Settings, full: bool, progress: Progress | None) -> SyncReport:
    with stripe_in_words(), open_gateway(settings) as gateway:
        return sync(engine, gateway, full=full, progress=progress)


@contextmanager
def stripe_in_words() -> Iterator[None]:
    """Raises RefreshError for whatever keeps the block from reading Stripe."""
    try:
        yield
    except (GatewayError, OtherAccountError, SyncRunningError) as error:
        raise RefreshError(str(error)) from None


def _copied(engine: Engine, settings: Settings, at: datetime | None) -> tuple[Copied | None, str | None]:
    """The copy's counts, or None and why; a data version says that it changed."""
    with open_application(settings) as source:
        if source is None:
            return None, None
        try:
            copied = application.copy(engine, source, application_mapping(settings), at or clock.now())
        except ApplicationError as error:
            _note(engine, at, str(error))
            return None, str(error)
    _note(engine, at, None)
    return copied, None


def _note(engine: Engine, at: datetime | None, error: str | None) -> None:
    read_at = at or clock.now()
    with engine.begin() as connection:
        save_resource(connection, APPLICATION, "failed" if error else "ok", error, None if error else read_at)
        publish(connection, read_at, "application", changed=True)


def watch(settings: Settings, stop: threading.Event, bell: threading.Event | None = None) -> None:
    """Refresh every SYNC_SECONDS, and soon after the bell, until told to stop.

    Failures are logged and tried again. Who stops it sets the bell too, so that nobody waits.
    """
    bell = bell or threading.Event()
    copied, pause = time.monotonic(), float(settings.sync_seconds)
    while not stop.is_set():
        bell.wait(pause)
        if stop.wait(GATHERED if bell.is_set() else 0):
            return
        bell.clear()
        copy_due = time.monotonic() - copied >= APPLICATION_EVERY
        pause = float(settings.sync_seconds)
        with logs.about(sync=logs.request_id()):
            try:
                refresh(settings, with_application=copy_due)
                copied = time.monotonic() if copy_due else copied
            except RefreshError as error:
                _log.warning("%s", error)
                pause = min(pause, AGAIN)

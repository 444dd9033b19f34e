"""A process of its own that carries an action out and is killed at a point of it."""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboard.actions import running
from dashboard.actions.base import Actor, Command
from data import actions
from data.gateway import Gateway
from data.limiter import Limiter
from tests.sandbox_server import API_KEY

PREPARED, BEGUN, SENT, NOTED = "prepared", "begun", "sent", "noted"
"""After the note, before the first request, after an answer, and after the note of that."""
_PLACES = {PREPARED: "prepare", BEGUN: "begin", SENT: "answered", NOTED: "answered"}
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


def kill(point: str, step: int, url: str, stripe: str, command: Command, at: datetime | None = None) -> None:
    """Kill a process that carries the command out, at that point of that step; at: it counts from then."""
    process = _processes.Process(target=_die, args=(point, step, url, stripe, command, at))
    process.start()
    process.join(60)
    assert process.exitcode == 9, f"it was not killed at {point} {step}"


def _die(point: str, step: int, url: str, stripe: str, command: Command, at: datetime | None) -> None:
    place = _PLACES[point]
    setattr(actions, place, _dying(getattr(actions, place), step, late=point != SENT))
    actor = Actor("ada", "finance", lambda _: True)
    quick = Limiter(10_000, 10_000)
    with Gateway(API_KEY, stripe, limiter=quick) as gateway:
        shown = running.preview(gateway, actor, command)
        shown = replace(shown, at=at or shown.at)
        running.execute(url, gateway, actor, command, shown, "asked by phone")


def _dying(original: Callable[..., Any], step: int, *, late: bool) -> Callable[..., Any]:
    """The function, by which the process dies at its n-th call, before or after it."""
    left = step

    def called(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0 and not late:
            os._exit(9)
        result = original(*given, **named)
        if left < 0:
            os._exit(9)
        return result

    return called

"""The command that drops a planned change: the subscription goes on with what it has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.of_subscription import CHANGE, OfSubscription, handler, running, unbilled
from data.actions import Step
from data.gateway import Gateway

Json = dict[str, Any]


@dataclass(frozen=True)
class DropPlannedChange(OfSubscription):
    """Release the schedule that governs a subscription."""


def _can_drop(command: DropPlannedChange, obj: Json) -> str | None:
    return running(command, obj) or (None if obj["schedule"] else "No change is planned for it.")


def _preview(command: DropPlannedChange, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    return unbilled(obj, at, ("Planned change", "By a schedule", "None: it goes on with what it has now"))


def _steps(command: DropPlannedChange, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", f"/v1/subscription_schedules/{obj['schedule']}/release", {})]


HANDLERS: dict[type, Handler[Any]] = {
    DropPlannedChange: handler(
        "Drop planned change",
        CHANGE,
        guard=_can_drop,
        preview=_preview,
        steps=_steps,
        achieved=lambda _, obj: obj["schedule"] is None,
    ),
}
"""What the command needs and does."""

"""Seats in use by day over the last 120 days: those seen in the week up to that day, with a slow drift."""

from datetime import date, timedelta
from random import Random
from typing import Any

from data.sandbox.company.workspaces import Workspace

DAYS = 120


def usage_of(workspace: Workspace, random: Random, until: date) -> list[dict[str, Any]]:
    """The rows of `seat_usage`, oldest first, up to the day before `until`.

    A day without use has no row, but the newest day always has one, so the latest figure is the present one.
    """
    newest = until - timedelta(days=1)
    start = max(until - timedelta(days=DAYS), workspace.opened_at.date())
    slope = random.uniform(-0.15, 0.15)
    rows = []
    for number in range((newest - start).days + 1):
        day = start + timedelta(days=number)
        level = workspace.load * (1 - slope * (until - day).days / DAYS) * random.uniform(0.97, 1.03)
        used = 0 if _is_over(workspace, day) else round((workspace.seats_purchased or 0) * level)
        if used or day == newest:
            rows.append({"workspace_id": workspace.workspace_id, "usage_date": day, "seats_active": used})
    return rows


def _is_over(workspace: Workspace, day: date) -> bool:
    return workspace.last_day is not None and day > workspace.last_day

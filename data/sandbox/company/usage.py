"""Seats in use by day over the last 120 days: working weeks, a slow drift, and days when nobody came."""

from datetime import date, timedelta
from random import Random
from typing import Any

from data.sandbox.company.workspaces import Workspace

DAYS = 120
WEEKEND = 0.35
"""What is left of a working day's use on a Saturday or Sunday."""


def usage_of(workspace: Workspace, random: Random, until: date) -> list[dict[str, Any]]:
    """The rows of `seat_usage`, oldest first, up to the day before `until`; a day without use has no row.

    The newest days of a workspace in use are always there, so that its latest figure is the present one.
    """
    end = min(until - timedelta(days=1), workspace.last_day or until)
    start = max(until - timedelta(days=DAYS), workspace.opened_at.date())
    slope = random.uniform(-0.15, 0.15)
    seats = workspace.seats_purchased or 0
    rows = []
    for number in range((end - start).days + 1):
        day = start + timedelta(days=number)
        left = (until - day).days
        level = workspace.load * (1 - slope * left / DAYS) * random.uniform(0.97, 1.03)
        used = round(seats * level * (WEEKEND if day.weekday() >= 5 and left > 2 else 1))
        if used > 0:
            rows.append({"workspace_id": workspace.workspace_id, "usage_date": day, "seats_active": used})
    return rows

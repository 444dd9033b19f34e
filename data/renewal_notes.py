"""What people add to renewals: notes, a row each that is never changed, and forecasts as they were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert

from data.clock import now
from data.tables.renewals import CATEGORIES, renewal_forecast, renewal_note
from data.writing import writing


@dataclass(frozen=True)
class Note:
    """All that stands beside a renewal after an edit; None is nothing."""

    subscription_id: str
    due_on: date
    owner: str | None = None
    category: str | None = None
    next_step: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.category is not None and self.category not in CATEGORIES:
            raise ValueError(f"there is no forecast category {self.category}")


def write(url: str, notes: Sequence[Note], person: str) -> None:
    """Add notes by a person, all or none. Raises NotChangedError."""
    at = now()
    rows = [{**vars(note), "written_at": at, "written_by": person} for note in notes]
    with writing(url, "renewals") as connection:
        connection.execute(insert(renewal_note), rows)


def keep_forecast(url: str, rows: Sequence[Mapping[str, Any]], person: str) -> None:
    """Keep a forecast as it is now; rows have the figures of renewal_forecast. Raises NotChangedError."""
    at = now()
    with writing(url, "renewal forecast") as connection:
        connection.execute(
            insert(renewal_forecast), [{**row, "made_at": at, "made_by": person} for row in rows]
        )

"""What every card of plan mix looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from dashboard.figures import Figures, figures
from dashboard.filters import Facts
from dashboard.metrics import plans
from dashboard.metrics.selection import Selection
from data import clock


@dataclass(frozen=True)
class View:
    """The page's facts, its selection and the month it compares with, or ""."""

    known: Facts
    selection: Selection
    against: str

    @cached_property
    def of(self) -> Figures:
        """The figures of the selection."""
        return figures(self.known.snapshot, self.selection)

    @cached_property
    def colours(self) -> dict[str, int]:
        """Each plan's place in the palette."""
        return plans.colours(self.known.products)

    @property
    def month(self) -> str:
        """The current month."""
        return self.known.current

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.selection.currency

    @property
    def key(self) -> tuple[object, ...]:
        """What to keep things made of this view by."""
        return (*self.of.key, self.against)

    def end_of(self, month: str) -> datetime:
        """The last instant of a month; of the current one: now."""
        now = self.known.snapshot.now
        end = clock.month_start(clock.next_month(month)) - timedelta(microseconds=1)
        return min(now, end)

    def sums(self, name: str, *given: Any, amounts: Sequence[str], month: str) -> pd.DataFrame:
        """A frame of sums by product and interval, whole, in the selection's currency and audiences."""
        snapshot = self.known.snapshot
        chosen = snapshot.narrowed(name, self.selection)
        frame = snapshot.frame(name, *given, **chosen)
        return self.of.turned(frame, amounts, month) if self.selection.converted else frame

"""What is new to the reader: movements, trials, cancellations and restatements since an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, looks, widgets
from dashboard.charts.growth import NAMES
from dashboard.columns import Column
from dashboard.figures import Figures
from dashboard.grids import grid
from dashboard.metrics import churn, overview

SINCE = {"visit": "Since my last visit", "1": "24 hours", "7": "7 days", "30": "30 days"}
TITLES = {"leaving": "Asked to cancel", "trial": "Trials began", "restated": "Restated since"}
LINES = (
    Column("what", "What"),
    Column("customers", "Customers", "count"),
    Column("delta_arr", "MRR", "moved"),
)
MOVED = (
    Column("customer", "Customer"),
    Column("day", "Day", "day"),
    Column("delta_arr", "MRR", "moved"),
    Column("account_manager", "Account manager"),
)
LEAVING = (
    Column("customer", "Customer"),
    Column("requested_at", "Asked for on", "day"),
    Column("ends_at", "Ends on", "day"),
    Column("arr", "MRR", "monthly"),
    Column("feedback", "Feedback", "word"),
    Column("comment", "Comment", "long"),
    Column("account_manager", "Account manager"),
)
TRIALS = (
    Column("customer", "Customer"),
    Column("started_at", "Began on", "day"),
    Column("ends_at", "Ends on", "day"),
    Column("account_manager", "Account manager"),
)
RESTATED = (
    Column("customer", "Customer"),
    Column("day", "Day", "day"),
    Column("what", "Movement"),
    Column("delta_arr", "MRR", "moved"),
    Column("known_at", "Known since", "day"),
    Column("reason", "Why", "long"),
)
SHAPES = {"leaving": LEAVING, "trial": TRIALS, "restated": RESTATED}
MOST = 500


@dataclass(frozen=True)
class News:
    """What happened in a selection since an instant, by kind and by customer."""

    of: Figures
    since: datetime

    @property
    def now(self) -> datetime:
        """The instant of the data."""
        return self.of.snapshot.now

    def lines(self) -> pd.DataFrame:
        """A row for each kind of which there was any: kind, what, customers, delta_arr."""
        totals = self.of.rows("moved_since_totals", self.since, self.now, amounts=["delta_arr"])
        moved = overview.changes(totals, self.of.selection.currency)
        moved = moved.assign(what=moved["kind"].map(NAMES)).astype({"delta_arr": "Int64"})
        amounts = {"leaving": -self.leaving()["arr"].sum(), "restated": self.restated()["delta_arr"].sum()}
        counts = {kind: self.customers(kind)["customer_id"].nunique() for kind in SHAPES}
        more = [(kind, number, amounts.get(kind), TITLES[kind]) for kind, number in counts.items() if number]
        extra = pd.DataFrame(more, columns=["kind", "customers", "delta_arr", "what"])
        return pd.concat([moved, extra.astype({"delta_arr": "Int64"})], ignore_index=True)

    def customers(self, kind: str) -> pd.DataFrame:
        """The customers behind a line: customer_id, name and the columns that its list shows."""
        if kind in SHAPES:
            return {"leaving": self.leaving, "trial": self.trials, "restated": self.restated}[kind]()
        rows = self.of.rows("moved_since", self.since, self.now, amounts=["delta_arr"])
        return rows.loc[rows["kind"] == kind].reset_index(drop=True)

    def leaving(self) -> pd.DataFrame:
        """Who asked to cancel since then and is still subscribed."""
        rows = churn.scheduled(self.of.rows("scheduled_churn", self.now), self.of.selection)
        rows = rows.loc[rows["requested_at"] > self.since].reset_index(drop=True)
        return rows.rename(columns={"customer_name": "name"})

    def trials(self) -> pd.DataFrame:
        """Whose trial began since then, whatever the plan."""
        rows = self.of.rows("trials_since", self.since, self.now, amounts=[])
        return rows.loc[rows["currency"] == self.of.selection.currency].reset_index(drop=True)

    def restated(self) -> pd.DataFrame:
        """Movements of months that were over which became known, or were taken back, since then."""
        rows = self.of.selection.cells(self.of.rows("restated", self.since, amounts=["delta_arr"]))
        named = rows.rename(columns={"customer_name": "name"}).reset_index(drop=True)
        return named.assign(what=named["kind"].map(NAMES))


def card(of: Figures) -> tuple[News, str] | None:
    """Draw what changed since the reader last looked; the kind that was picked."""
    place, snapshot = None, of.snapshot
    with widgets.card("What is new", "Select a line to see who is behind it."):
        news = News(of, _since(of))
        lines = snapshot.kept("news", (*of.key, news.since), news.lines)
        if lines.empty:
            st.markdown("Nothing has changed since.")
        else:
            place = grid(lines, LINES, of.selection.currency, "overview_new", select=True)
        if st.button("Take all as seen", type="tertiary", icon=":material/done_all:", key="seen"):
            looks.seen_all(snapshot)
            st.rerun()
    return None if place is None else (news, str(lines["kind"].iloc[place]))


def _since(of: Figures) -> datetime:
    """From when on things are new: the reader's last visit, or a length of time that they chose."""
    before = looks.since(of.snapshot)
    chosen = filters.choice("New since", SINCE, "since")
    if chosen != "visit":
        return of.snapshot.now - timedelta(days=int(chosen))
    if before is None:
        st.caption("This is your first visit, so this is what the last 7 days brought.")
        return of.snapshot.now - timedelta(days=7)
    st.caption(formatting.markdown(f"Since {formatting.moment(before)}."))
    return before


def behind(news: News, kind: str) -> None:
    """The customers behind a line of what is new."""
    rows = widgets.people(news.customers(kind))
    title = f"{TITLES.get(kind) or NAMES[kind]}, since {formatting.moment(news.since)}"
    currency = news.of.selection.currency
    shape = SHAPES.get(kind, MOVED)
    widgets.customers(rows, shape, currency, f"overview_{kind}", title, widgets.limited(rows, "row", MOST))

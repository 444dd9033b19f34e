"""The parts that pages are made of: the head, key figures, a chart with its table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import access, cache, filters, formatting, navigation, states
from dashboard.charts.template import CONFIG
from dashboard.columns import Column
from dashboard.drawn import drawn
from dashboard.grids import grid, names_of
from dashboard.metrics.text import known
from dashboard.store import finished, once
from data import clock

REFRESH_SECONDS = 30
WAITING_SECONDS = 3  # until the first sync is done
CURRENCIES = (
    Column("currency", "Currency", "code"),
    Column("subscribers", "Subscribers", "count"),
    Column("arr", "MRR", "own_monthly"),
    Column("arr", "ARR", "own"),
)


def begin(file: str, question: str) -> cache.Snapshot:
    """The head of a page: the gate, title, question, age of the data. Stops when there is no data."""
    entry = navigation.entry(file)
    access.require(entry.permission)
    st.title(entry.title, anchor=False)
    st.markdown(question)
    snapshot = cache.snapshot()
    st.fragment(_freshness, run_every=REFRESH_SECONDS if snapshot else WAITING_SECONDS)(
        snapshot.status.version if snapshot else None, [snapshot.status if snapshot else None]
    )
    if snapshot is None:
        states.never_synced()
        st.stop()
    if (whose := snapshot.sight.whose) is not None:
        manager = states.plain(whose.manager)
        st.caption(f":material/person_pin: Only the customers of {manager}: all figures are theirs.")
    return snapshot


def _freshness(drawn: int | None, read: list[cache.DataStatus | None]) -> None:
    """The age of the data, kept current; a newer version redraws the page.

    read: the status that the page itself has just read, for the first time that this is drawn.
    """
    try:
        status = read.pop() if read else cache.status()
    except cache.UnavailableError:
        st.caption(":material/cloud_off: The database does not answer; these are the last figures read.")
        return
    if (status.version if status else None) != drawn:
        st.rerun(scope="app")
    if status:
        told = finished(status, "told", lambda: formatting.markdown(" ".join(("", *_told(status)))))
        st.caption(f"{formatting.markdown(_since(status))}{told}")


def latest(snapshot: cache.Snapshot) -> cache.DataStatus:
    """The status as it is now, or, where the database does not answer, as it was when the page was drawn."""
    try:
        return cache.status() or snapshot.status
    except cache.UnavailableError:
        return snapshot.status


def _since(status: cache.DataStatus) -> str:
    """How old the data is, by the clock."""
    checked = status.last_success_at or status.committed_at
    since = f", checked with Stripe {formatting.age(checked, clock.now())}" if checked else ""
    return f"Data as of {formatting.moment(status.data_at)}{since}."


def _told(status: cache.DataStatus) -> Iterator[str]:
    """What stands in the way of the data, a sentence each."""
    if status.last_error:
        yield f"The last sync failed: {status.last_error.rstrip('.')}."
    fine = (status.resources["state"] == "ok").to_numpy(dtype=bool)
    noted = status.resources["error"].notna().to_numpy(dtype=bool)
    for what, which in (("Not read", ~fine), ("Read only in part", fine & noted)):
        if names := [str(name).replace("_", " ") for name in status.resources.loc[which, "resource"]]:
            yield f"{what}: {', '.join(names)}."


@contextmanager
def card(title: str, note: str) -> Iterator[str]:
    """A bordered part of a page with a heading and a line that says what is in it; gives both as one text."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.subheader(formatting.markdown(title), anchor=False)
        st.caption(formatting.markdown(note))
        yield f"{title}. {note}"


def measure(options: Mapping[str, str]) -> str:
    """What a chart measures, chosen above it and kept in the address."""
    return str(filters.choice("Measure", options, "measure"))


def chart(
    figure: go.Figure,
    table: pd.DataFrame,
    shape: Sequence[Column],
    currency: str,
    key: str,
    *,
    alt: str,
    select: bool = False,
    partial: str | None = None,
) -> int | None:
    """A chart, with the table behind it and its files one tab away.

    select: gives the place of the row that was picked last, by a click on a point of the chart whose
    customdata begins with a place (`charts.template.points`), or in the table; None when nothing is. A filter
    that changes the rows drops it.
    """
    picture, numbers = st.tabs(["Chart", "Table"], key=f"{key}_tabs")
    with picture:
        point = _clicked(figure, table, shape, key, alt) if select else None
        if not select:
            st.plotly_chart(drawn(figure), config=CONFIG, key=f"{key}_chart", alt=alt)
    with numbers:
        row = grid(table, shape, currency, key, select=select, partial=partial)
    return _last_picked(key, point, row)


def _clicked(
    figure: go.Figure, table: pd.DataFrame, shape: Sequence[Column], key: str, alt: str
) -> int | None:
    """A chart whose points can be clicked; the place in the table of the one that was."""
    state: Any = st.plotly_chart(
        drawn(figure),
        config=CONFIG,
        key=f"{key}_chart_{names_of(table, shape)}",
        alt=alt,
        on_select="rerun",
        selection_mode="points",
    )
    for point in state["selection"]["points"]:
        data = point.get("customdata")
        if isinstance(data, list | tuple) and data and str(data[0]).isdigit() and int(data[0]) < len(table):
            return int(data[0])
    return None


def _last_picked(key: str, point: int | None, row: int | None) -> int | None:
    """Of a point and a row the one that changed last; what was picked is kept to see the change."""
    before = st.session_state.get(f"_{key}_picked", (None, None, None))
    if point == row or None in (point, row):
        picked = row if point is None else point
    elif point != before[0]:
        picked = point
    elif row != before[1]:
        picked = row
    else:
        picked = before[2]
    st.session_state[f"_{key}_picked"] = (point, row, picked)
    return picked


def customers(
    rows: pd.DataFrame,
    shape: Sequence[Column],
    currency: str,
    key: str,
    title: str,
    note: str,
    *,
    name: str = "name",
) -> None:
    """A card with a list of customers, where selecting a row opens the customer's page.

    rows have customer_id and, in the column `name`, a name; shape begins with Column("customer", "Customer").
    """
    with card(title, f"{note} Select a row to open the customer."):
        told = rows if "customer" in rows.columns else people(rows, name)
        place = grid(told, shape, currency, key, select=True)
    if place is not None:
        navigation.open_customer(str(told["customer_id"].iloc[place]))


def limited(rows: pd.DataFrame, noun: str, limit: int = 500) -> str:
    """How many rows there are, and whether the list stops at its limit."""
    if len(rows) >= limit:
        return f"The largest {formatting.plural(limit, noun)}."
    return f"{formatting.plural(len(rows), noun)}, the largest first."


def people(frame: pd.DataFrame, name: str = "name") -> pd.DataFrame:
    """The frame with customer, a name or else an id, and stripe, its page in Stripe's dashboard."""
    return once(_people, frame, name)


def _people(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    pairs = zip(frame[name], frame["customer_id"], strict=True)
    return frame.assign(
        customer=[known(given) or str(customer) for given, customer in pairs],
        stripe=[cache.customer_url(str(customer)) for customer in frame["customer_id"]],
    )


def currencies(table: pd.DataFrame, chosen: str) -> None:
    """The other currencies, each in its own money; amounts are never added up."""
    others = once(_others, table, chosen)
    if others.empty:
        return
    with card("Other currencies", "Not in the figures above: different currencies are never added up."):
        grid(others, CURRENCIES, chosen, "currencies")


def _others(table: pd.DataFrame, chosen: str) -> pd.DataFrame:
    return table.loc[table["currency"] != chosen]

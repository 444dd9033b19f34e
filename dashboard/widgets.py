"""The parts that pages are made of: the head, key figures, a chart with its table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import access, cache, formatting, navigation, states
from dashboard.charts.template import CONFIG
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics.text import known
from data import clock

REFRESH_SECONDS = 30
WAITING_SECONDS = 3  # until the first sync is done


def begin(file: str, question: str) -> cache.Snapshot:
    """The head of a page: the gate, title, question, age of the data. Stops when there is no data."""
    entry = navigation.entry(file)
    access.require(entry.permission)
    st.title(entry.title, anchor=False)
    st.markdown(question)
    snapshot = cache.snapshot()
    st.fragment(_freshness, run_every=REFRESH_SECONDS if snapshot else WAITING_SECONDS)(
        snapshot.status.version if snapshot else None
    )
    if snapshot is None:
        states.never_synced()
        st.stop()
    return snapshot


def _freshness(drawn: int | None) -> None:
    """The age of the data, kept current; a newer version redraws the page."""
    try:
        status = cache.status()
    except cache.UnavailableError:
        st.caption(":material/cloud_off: The database does not answer; these are the last figures read.")
        return
    if (status.version if status else None) != drawn:
        st.rerun(scope="app")
    if status:
        st.caption(formatting.markdown(" ".join(_told(status))))


def latest(snapshot: cache.Snapshot) -> cache.DataStatus:
    """The status as it is now, or, where the database does not answer, as it was when the page was drawn."""
    try:
        return cache.status() or snapshot.status
    except cache.UnavailableError:
        return snapshot.status


def _told(status: cache.DataStatus) -> Iterator[str]:
    """How old the data is, and what stands in its way, a sentence each."""
    checked = status.last_success_at or status.committed_at
    since = f", checked with Stripe {formatting.age(checked, clock.now())}" if checked else ""
    yield f"Data as of {formatting.moment(status.data_at)}{since}."
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
    """What a chart measures, chosen above it and kept in the URL."""
    first = next(iter(options))
    chosen = st.segmented_control(
        "Measure",
        list(options),
        default=first,
        required=True,
        format_func=options.__getitem__,
        key="measure",
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen or first


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
    """A chart, with the table behind it and download one tab away; the place of a row selected there."""
    picture, numbers = st.tabs(["Chart", "Table"], key=f"{key}_tabs")
    with picture:
        st.plotly_chart(figure, config=CONFIG, key=f"{key}_chart", alt=alt)
    with numbers:
        return grid(table, shape, currency, key, select=select, partial=partial)


def limited(rows: pd.DataFrame, noun: str, limit: int = 500) -> str:
    """How many rows there are, and whether the list stops at its limit."""
    if len(rows) >= limit:
        return f"The largest {formatting.plural(limit, noun)}."
    return f"{formatting.plural(len(rows), noun)}, the largest first."


def people(frame: pd.DataFrame, name: str = "name") -> pd.DataFrame:
    """The frame with customer, a name or else an id, and stripe, its page in Stripe's dashboard."""
    pairs = zip(frame[name], frame["customer_id"], strict=True)
    return frame.assign(
        customer=[known(given) or str(customer) for given, customer in pairs],
        stripe=[cache.customer_url(str(customer)) for customer in frame["customer_id"]],
    )


def currencies(table: pd.DataFrame, chosen: str) -> None:
    """The other currencies, each in its own money; amounts are never added up."""
    others = table.loc[table["currency"] != chosen]
    if others.empty:
        return
    with card("Other currencies", "Not in the figures above: different currencies are never added up."):
        told = pd.DataFrame(
            {
                "Currency": [str(code).upper() for code in others["currency"]],
                "Subscribers": [formatting.count(number) for number in others["subscribers"]],
                "MRR": [
                    formatting.mrr(*pair) for pair in zip(others["arr"], others["currency"], strict=True)
                ],
                "ARR": [
                    formatting.amount(*pair) for pair in zip(others["arr"], others["currency"], strict=True)
                ],
            }
        )
        st.table(told, hide_index=True, border="horizontal")

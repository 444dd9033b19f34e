"""What is behind a figure, in a dialog: the rows in it, the rows left out and why, adding up."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.metrics import explain as explained
from dashboard.metrics import plans
from dashboard.metrics.explain import EXPLAINED, Explanation
from dashboard.metrics.selection import Selection
from dashboard.metrics.text import known

ARR = ("arr", "arr_start", "arr_end", "arr_kept")
LABELS = {
    "arr": "MRR",
    "arr_start": "MRR at start",
    "arr_end": "MRR at end",
    "arr_kept": "MRR kept",
    "delta_arr": "MRR",
}
PLACES = (
    Column("customer", "Customer"),
    Column("day", "Day", "day"),
    Column("kind", "Movement", "word"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    *(Column(name, LABELS[name], "monthly") for name in ARR),
    Column("delta_arr", "MRR", "moved"),
    Column("lost", "Lost", "count"),
    Column("rows", "Rows", "count", help="Above 1: so many rows too small to be named, in one."),
)
REASON = Column("reason", "Left out because", "long")
REASONS = (REASON, Column("rows", "Rows", "count"))


@dataclass(frozen=True)
class Asked:
    """What a page's figures are of: the data, the selection, and the month they speak of."""

    snapshot: Snapshot
    selection: Selection
    month: str


def explanation(name: str, asked: Asked) -> Explanation:
    """One of EXPLAINED for a month of a selection, from the rows of its frame."""
    chosen = EXPLAINED[name]
    snapshot, selection = asked.snapshot, asked.selection
    given, named = chosen.arguments(asked.month, snapshot.now, selection)
    if selection.audiences is not None and snapshot.takes(chosen.frame, "audiences"):
        named["audiences"] = selection.audiences
    rows = snapshot.frame(chosen.frame, *given, **named)
    if selection.converted:
        amounts = [column for column in rows.columns if column in (*ARR, "delta_arr")]
        rows = figures(snapshot, selection).turned(rows, amounts, asked.month)
    return explained.explain(name, rows, selection)


def button(label: str, what: str | Callable[[], Explanation], asked: Asked) -> None:
    """A button that opens the dialog of a figure."""
    if st.button("Explain", key=f"explain_{label}", type="tertiary", icon=":material/calculate:"):
        _dialog(label, what, asked)


def _dialog(label: str, what: str | Callable[[], Explanation], asked: Asked) -> None:
    @st.dialog(f"What makes up {label}", width="large")
    def opened() -> None:
        made = explanation(what, asked) if isinstance(what, str) else what()
        _draw(made, asked)

    opened()


def _draw(made: Explanation, asked: Asked) -> None:
    """The figure, its rows, those left out by reason and by name."""
    currency = asked.selection.currency
    st.markdown(
        formatting.markdown(
            f"{made.definition.name}, {formatting.month(asked.month)}: {_told(made, currency)}."
        )
    )
    st.caption(formatting.markdown(made.definition.formula))
    included, excluded, reasons = st.tabs(["Included", "Left out", "Left out, by reason"])
    with included:
        _rows(made.included, asked, "explain_included")
    with excluded:
        _rows(made.excluded, asked, "explain_excluded")
    with reasons:
        grid(made.reasons, REASONS, currency, "explain_reasons")


def _told(made: Explanation, currency: str) -> str:
    """The figure as its unit has it."""
    figure = made.figure
    if isinstance(figure, int):
        if made.definition.unit == "amount a month":
            return formatting.mrr(figure, currency)
        return formatting.count(figure)
    return formatting.percent(figure.number)


def _rows(rows: pd.DataFrame, asked: Asked, key: str) -> None:
    """Rows of the frame behind a figure, with names instead of ids."""
    if rows.empty:
        st.markdown("No rows.")
        return
    told = _named(rows, asked)
    shape = [column for column in (*PLACES, REASON) if column.name in told.columns]
    grid(told, shape, asked.selection.currency, key)


def _named(rows: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    rest = [f"{formatting.count(number)} more rows" for number in rows["rows"]]
    names = zip(rows["customer_name"], rows["customer_id"], rest, strict=True)
    rows = rows.assign(customer=[known(name) or known(code) or more for name, code, more in names])
    if "product_id" in rows.columns:
        rows = plans.with_plan(rows, asked.snapshot.frame("products"))
    return rows

"""What every figure shares: quiet axes and a legend on top; the page's theme adds the text colours."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from math import ceil, floor, log10

import plotly.graph_objects as go

from dashboard import formatting
from data import clock, money

HEIGHT = 340
PARTIAL = 0.45
WEEKS = 120  # days; a longer axis names months
TIGHT = {"l": 8, "r": 8, "t": 8, "b": 8}
GRID = "rgba(128,140,155,0.22)"
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "responsive": True}

FEW = 5
"""Below so many an axis of whole numbers has a line for each, and none for a half."""
NAMES_AXIS = {"gridcolor": "rgba(0,0,0,0)", "zeroline": False, "tickmode": "linear", "dtick": 1}
LENGTH_AXIS = {
    "showgrid": True,
    "gridcolor": GRID,
    "zeroline": True,
    "zerolinecolor": GRID,
    "nticks": 5,
    "tickangle": 0,
}
VALUE_AXIS: dict[str, object] = {
    "gridcolor": GRID,
    "zeroline": True,
    "zerolinecolor": GRID,
    "fixedrange": True,
    "automargin": True,
    "nticks": 6,
}
LAYOUT: dict[str, object] = {
    "height": HEIGHT,
    "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
    "bargap": 0.28,
    "dragmode": False,
    "hovermode": "x unified",
    "legend": {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        "traceorder": "normal",
    },
    "xaxis": {"showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True, "automargin": True},
    "yaxis": VALUE_AXIS,
}
"""What every figure begins with: one template for light and dark, since the page's theme colours the text."""


def figure(traces: Sequence[go.Bar], **layout: object) -> go.Figure:
    """A figure of these traces in the shared layout; what is given is added to it."""
    merged = {name: _added(LAYOUT.get(name), value) for name, value in layout.items()}
    return go.Figure(data=list(traces), layout={**LAYOUT, **merged})


def _added(shared: object, given: object) -> object:
    return {**shared, **given} if isinstance(shared, dict) and isinstance(given, dict) else given


def count_axis(most: int) -> dict[str, object]:
    """An axis of whole numbers, of which the largest column has `most`."""
    return {"tickformat": ",d", **({"dtick": 1} if most < FEW else {})}


def months(codes: Sequence[str]) -> list[datetime]:
    """Months as the instants a date axis needs."""
    return [clock.month_start(code) for code in codes]


def month_axis(codes: Sequence[str]) -> dict[str, object]:
    """A date axis that names every month of a year, and of more than a year as many as there is room for.

    The year stands under its January and under the first month, unless those two are side by side.
    """
    known = sorted(set(codes))
    axis = {"type": "date", "hoverformat": "%b %Y", "tickangle": 0, "tickfont": {"size": 11}}
    if not 0 < len(known) <= 13:
        return {**axis, "tickformat": "%b\n%Y"}
    starts = months(known)
    told = {0, *(place for place, start in enumerate(starts) if start.month == 1)}
    if 1 in told:
        told.remove(0)
    names = [
        f"{start:%b}<br>{start:%Y}" if place in told else f"{start:%b}" for place, start in enumerate(starts)
    ]
    return {**axis, "tickmode": "array", "tickvals": starts, "ticktext": names}


def day_axis(first: date, last: date) -> dict[str, object]:
    """A date axis from one day to another: of some weeks their days, of longer times the months."""
    names = "%-d %b" if (last - first).days <= WEEKS else "%b\n%Y"
    return {"type": "date", "tickformat": names, "hoverformat": "%-d %b %Y", "tickangle": 0, "nticks": 7}


def opacity(codes: Sequence[str], partial: str | None) -> list[float]:
    """Full for whole months, lighter for the partial one."""
    return [PARTIAL if code == partial else 1.0 for code in codes]


def mark_partial(drawn: go.Figure, codes: Sequence[str], partial: str | None) -> go.Figure:
    """Label the partial month above its bar."""
    if partial in codes and partial is not None:
        drawn.add_annotation(
            x=clock.month_start(partial), y=1, xref="x", yref="paper", yanchor="bottom", showarrow=False,
            text="so far", font={"size": 12}, opacity=0.75,
        )  # fmt: skip
    return drawn


def money_axis(currency: str, values: Iterable[float] = (), steps: int = 5) -> dict[str, object]:
    """An axis of amounts in the currency's main unit, shortened by thousands and millions.

    values are the ends of what is drawn, in the main unit: where one is below zero the axis is written out
    here, in about so many steps, since Plotly puts the currency before the minus.
    """
    known = [0.0, *values]
    low, high = min(known), max(known)
    if low >= 0:
        return {"tickprefix": formatting.sign(currency), "exponentformat": "B", "minexponent": 2}
    marks = _marks(low, high, steps)
    return {"tickmode": "array", "tickvals": marks, "ticktext": [_short(mark, currency) for mark in marks]}


def _marks(low: float, high: float, most: int) -> list[float]:
    """Round values from low to high, both within, at most about so many."""
    rough = (high - low) / most
    tens = 10.0 ** floor(log10(rough))
    step = next(size * tens for size in (1, 2, 5, 10) if size * tens >= rough * (1 - 1e-9))
    return [round(count * step, 6) for count in range(floor(low / step), ceil(high / step) + 1)]


def _short(value: float, currency: str) -> str:
    """An amount in the main unit as an axis has it: "−$4k"."""
    size = abs(value)
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if size >= unit or unit == 1.0:
            return f"{'−' if value < 0 else ''}{formatting.sign(currency)}{size / unit:g}{letter}"
    raise AssertionError("every amount has a unit")


def ends(columns: Iterable[Sequence[float]]) -> list[float]:
    """How low and how high columns stacked either side of nothing reach, one sequence a trace."""
    stacks = [[value for value in stack if value == value] for stack in zip(*columns, strict=True)]
    return [
        reach
        for stack in stacks
        for reach in (sum(each for each in stack if each < 0), sum(each for each in stack if each > 0))
    ]


def major(minor: Sequence[float], currency: str) -> list[float]:
    """Minor units as plot positions in the main unit."""
    scale = 10 ** money.decimals(currency)
    return [float(value) / scale for value in minor]


TOLD = "%{customdata[1]}"
"""The hover text of points made by `points`, for a hovertemplate."""


def points(places: Iterable[int], told: Iterable[str]) -> list[tuple[int, str]]:
    """customdata of a trace: each point's place in the table behind the chart, and what it says of itself.

    A click on such a point selects its row of the table (`widgets.chart(..., select=True)`).
    """
    return [(int(place), text) for place, text in zip(places, told, strict=True)]


def room(values: Sequence[float]) -> list[float]:
    """A range that leaves room for the labels beside horizontal bars, on either side that has any."""
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    return [low - 0.22 * span if low < 0 else 0.0, high + 0.22 * span if high > 0 else 0.0]


def row_height(rows: int) -> int:
    """Height in pixels of a chart of horizontal bars, one a row."""
    return max(150, 44 + 34 * rows)


def lengths(
    bars: Sequence[go.Bar], values: Sequence[float], axis: Mapping[str, object], **layout: object
) -> go.Figure:
    """A figure of horizontal bars, a name beside each and room for its label."""
    return figure(
        bars,
        height=row_height(len(bars[0].y)),
        margin=TIGHT,
        showlegend=False,
        xaxis={**LENGTH_AXIS, **axis, "range": room(values)},
        yaxis=NAMES_AXIS,
        **layout,
    )

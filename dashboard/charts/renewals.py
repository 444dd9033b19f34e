"""Renewals as pictures: what falls due by month, monthly and yearly apart, and why it may fail."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

RISKS = {False: ("No risk seen", palette.GAIN), True: ("At risk", palette.LOSS)}
MONTHS = ["month", "term", "at_risk", "subscriptions", "arr"]
GAP = 0.3  # of a row's height
WIDTH = 22 * 86_400_000  # of a month's column, in milliseconds: a row with few months keeps it


def by_month(frame: pd.DataFrame, codes: Sequence[str], terms: Sequence[str], currency: str) -> go.Figure:
    """ARR due by month: a row of columns per term, each with its own scale, at risk on top."""
    cells = {
        (month, term, bool(risk)): (place, arr, number)
        for place, (month, term, risk, number, arr) in enumerate(frame[MONTHS].itertuples(index=False))
    }
    traces = [
        _columns(
            {month: cells[month, term, at_risk] for month in codes if (month, term, at_risk) in cells},
            row, shade, currency,
        )
        for row, term in enumerate(terms)
        for at_risk, shade in RISKS.items()
    ]  # fmt: skip
    axes = {f"yaxis{row + 1}": _axis(row, len(terms), currency) for row in range(len(terms))}
    return template.figure(
        traces,
        barmode="stack",
        height=90 + 140 * len(terms),
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        legend={"x": 1, "xanchor": "right"},
        xaxis={**template.month_axis(codes), **_whole(codes), "anchor": f"y{max(len(terms), 1)}"},
        annotations=[_title(row, len(terms), term) for row, term in enumerate(terms)],
        **axes,
    )


def _whole(codes: Sequence[str]) -> dict[str, object]:
    """A range of all the months, also where the first or last has no column."""
    first, last = template.months([codes[0], codes[-1]])
    return {"range": [first - timedelta(days=16), last + timedelta(days=16)]}


def _columns(
    cells: Mapping[str, tuple[int, int, int]], row: int, shade: tuple[str, str], currency: str
) -> go.Bar:
    """The columns of one row and shade; a cell is its place in the table, its ARR and how many it has."""
    name, colour = shade
    texts = [
        f"{formatting.amount(arr, currency)} in {formatting.plural(number, 'renewal')}"
        for _, arr, number in cells.values()
    ]
    return go.Bar(
        name=name,
        legendgroup=name,
        showlegend=row == 0,
        x=template.months(list(cells)),
        y=template.major([arr for _, arr, _ in cells.values()], currency),
        yaxis=f"y{row + 1}",
        width=WIDTH,
        customdata=template.points([place for place, _, _ in cells.values()], texts),
        hovertemplate=template.TOLD,
        marker={"color": colour, "line": {"width": 0}},
    )


def _axis(row: int, rows: int, currency: str) -> dict[str, object]:
    """The scale of one row, the first on top, with room above it for its title."""
    bottom = (rows - row - 1) / rows
    domain = [bottom, bottom + (1 - GAP) / rows if row else 1]
    return {**template.VALUE_AXIS, **template.money_axis(currency), "nticks": 4, "domain": domain}


def _title(row: int, rows: int, term: str) -> dict[str, object]:
    top = 1 - row / rows - (GAP / rows if row else 0)
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper", "yanchor": "bottom"}
    return {"text": term, "showarrow": False, "font": {"size": 13}, **place}


def by_risk(frame: pd.DataFrame, currency: str) -> go.Figure:
    """ARR due by reason for risk; a renewal with two reasons is in both."""
    rows = frame.iloc[::-1]
    values = template.major(list(rows["arr"]), currency)
    bar = go.Bar(
        orientation="h",
        y=list(rows["risk"]),
        x=values,
        text=[formatting.short(arr, currency) for arr in rows["arr"]],
        textposition="outside",
        cliponaxis=False,
        customdata=template.points(
            reversed(range(len(frame))),
            (formatting.plural(number, "renewal") for number in rows["subscriptions"]),
        ),
        hovertemplate="%{y}: %{text} in %{customdata[1]}<extra></extra>",
        marker={"color": palette.LOSS, "line": {"width": 0}},
    )
    return template.lengths([bar], values, template.money_axis(currency), hovermode="closest")


OUTCOMES = {
    "Renewed": palette.GAIN,
    "Renewed lower": palette.MOVEMENTS["contraction"],
    "Lost": palette.MOVEMENTS["churn"],
    "Open": palette.NEUTRAL,
}


def outcomes(frame: pd.DataFrame, currency: str, partial: str | None) -> go.Figure:
    """ARR that fell due by month, by what became of it; the place of a point is its row of the frame."""
    months = sorted(set(frame["month"]))
    traces = [_outcome(frame, name, colour, currency, partial) for name, colour in OUTCOMES.items()]
    drawn = template.figure(
        [trace for trace in traces if len(trace.x)],
        barmode="stack",
        xaxis=template.month_axis(months),
        yaxis=template.money_axis(currency),
    )
    return template.mark_partial(drawn, months, partial)


def _outcome(frame: pd.DataFrame, name: str, colour: str, currency: str, partial: str | None) -> go.Bar:
    places = [place for place, outcome in enumerate(frame["outcome"]) if outcome == name]
    rows = frame.iloc[places]
    texts = [
        f"{formatting.amount(arr, currency)} in {formatting.plural(number, 'renewal')}"
        for arr, number in zip(rows["before"], rows["renewals"], strict=True)
    ]
    return go.Bar(
        name=name,
        x=template.months(list(rows["month"])),
        y=template.major(list(rows["before"]), currency),
        width=WIDTH,
        customdata=template.points(places, texts),
        hovertemplate=template.TOLD,
        marker={
            "color": colour,
            "opacity": template.opacity(list(rows["month"]), partial),
            "line": {"width": 0},
        },
    )


def forecast(frame: pd.DataFrame, currency: str) -> go.Figure:
    """By month the ARR due as a pale column, and what of it is expected, with its range."""
    x = template.months(list(frame["month"]))
    due = go.Bar(
        name="Due",
        x=x,
        y=template.major(list(frame["arr"]), currency),
        width=WIDTH,
        customdata=template.points(
            range(len(frame)), (formatting.amount(arr, currency) for arr in frame["arr"])
        ),
        hovertemplate=template.TOLD,
        marker={"color": palette.NEUTRAL, "opacity": 0.35, "line": {"width": 0}},
    )
    texts = [
        f"{formatting.amount(middle, currency)}, from {formatting.amount(low, currency)} "
        f"to {formatting.amount(high, currency)}"
        for middle, low, high in frame[["expected", "low", "high"]].itertuples(index=False)
    ]
    expected = go.Scatter(
        name="Expected, with its range",
        mode="markers",
        x=x,
        y=template.major(list(frame["expected"]), currency),
        error_y={
            "type": "data",
            "symmetric": False,
            "array": template.major(list(frame["high"] - frame["expected"]), currency),
            "arrayminus": template.major(list(frame["expected"] - frame["low"]), currency),
            "thickness": 2,
            "width": 5,
        },
        customdata=template.points(range(len(frame)), texts),
        hovertemplate=template.TOLD,
        marker={"color": palette.GAIN, "size": 9},
    )
    return template.figure(
        [due, expected],
        xaxis=template.month_axis(list(frame["month"])),
        yaxis={**template.money_axis(currency), "rangemode": "tozero"},
    )

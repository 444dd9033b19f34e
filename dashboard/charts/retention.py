"""What stays, as pictures: the triangle of cohorts, revenue kept over time and by group, survival by plan."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

SHADES = ((0.0, "#e8f1f9"), (0.5, "#8fbde3"), (1.0, "#1f5f9e"))
DARK, LIGHT, TURN = "#16263a", "#ffffff", 0.78
"""The cells, what is written on them, and from which part of the scale on in light letters."""
EVERYBODY = "#5b6b7f"
FEW = 20  # customers; a curve of fewer is drawn when its name in the legend is clicked
MOST_LABELLED = 16  # ages across; beyond, a number would not fit its cell
KEPT = (("nrr", "Net", palette.GAIN), ("grr", "Gross", palette.LOSS))


def triangle(cohorts: pd.DataFrame, share: str) -> go.Figure:
    """Cohorts down, months since across; a cell is the share that remains, of customers or of MRR.

    Cells of the month that is not over have a dashed edge. Invisible points on the cells take the clicks.
    """
    names = list(dict.fromkeys(cohorts["cohort"]))
    ages = int(cohorts["age"].max()) + 1
    rows: dict[str, list[float | None]] = {name: [None] * ages for name in names}
    for cohort, age, value in zip(cohorts["cohort"], cohorts["age"], cohorts[share], strict=True):
        rows[cohort][int(age)] = None if formatting.is_missing(value) else float(value)
    heat = go.Heatmap(
        z=list(rows.values()),
        x=list(range(ages)),
        y=[formatting.month(name) for name in names],
        colorscale=[list(shade) for shade in SHADES],
        zmin=0,
        zmax=1,
        showscale=False,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )
    drawn = template.figure(
        [heat, _targets(cohorts, share, written=ages <= MOST_LABELLED)],
        height=max(220, 70 + 26 * len(names)),
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        showlegend=False,
        hovermode="closest",
        xaxis={"side": "top", "dtick": 1 if ages <= MOST_LABELLED else 3, "range": [-0.5, ages - 0.5]},
        yaxis={**template.NAMES_AXIS, "range": [len(names) - 0.5, -0.5], "type": "category"},
    )
    for cohort, age in cohorts.loc[cohorts["partial"], ["cohort", "age"]].to_numpy().tolist():
        place = names.index(cohort)
        drawn.add_shape(
            type="rect", x0=age - 0.46, x1=age + 0.46, y0=place - 0.46, y1=place + 0.46,
            line={"width": 1.2, "dash": "dot", "color": "rgba(128,140,155,0.95)"},
        )  # fmt: skip
    return drawn


def _targets(cohorts: pd.DataFrame, share: str, *, written: bool) -> go.Scatter:
    """What is clicked on the cells, and written on them where there is room."""
    values = [0.0 if formatting.is_missing(value) else float(value) for value in cohorts[share]]
    told = [
        f"{formatting.month(cohort)}, {formatting.month(month)}: {formatting.percent(value)}"
        f"{', so far' if partial else ''}"
        for cohort, month, value, partial in zip(
            cohorts["cohort"], cohorts["month"], cohorts[share], cohorts["partial"], strict=True
        )
    ]
    return go.Scatter(
        x=[int(age) for age in cohorts["age"]],
        y=[formatting.month(cohort) for cohort in cohorts["cohort"]],
        mode="markers+text" if written else "markers",
        text=[f"{value * 100:.0f}" for value in values] if written else None,
        textfont={"size": 10, "color": [LIGHT if value >= TURN else DARK for value in values]},
        marker={"size": 20, "symbol": "square", "opacity": 0, "color": palette.NEUTRAL},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=template.points(cohorts.index, told),
        hovertemplate=template.TOLD + "<extra></extra>",
    )


def kept(frame: pd.DataFrame, partial: str | None) -> go.Figure:
    """Net and gross revenue retention of the periods that end with each month."""
    codes = list(frame["month"])
    traces = [
        go.Scatter(
            name=name,
            x=template.months(codes),
            y=[None if formatting.is_missing(value) else float(value) for value in frame[column]],
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 7, "opacity": template.opacity(codes, partial)},
            customdata=template.points(frame.index, [formatting.percent(value) for value in frame[column]]),
            hovertemplate=template.TOLD,
            unselected={"marker": {"opacity": 1}},
        )
        for column, name, colour in KEPT
    ]
    drawn = template.figure(traces, xaxis=template.month_axis(codes), yaxis={"tickformat": ".0%"})
    drawn.add_hline(y=1, line={"width": 1, "dash": "dot", "color": "rgba(128,140,155,0.8)"})
    return template.mark_partial(drawn, codes, partial)


def groups(frame: pd.DataFrame) -> go.Figure:
    """Net and gross revenue retention of each group, a pair of bars."""
    rows = frame.iloc[::-1]
    traces = [
        go.Bar(
            name=name,
            orientation="h",
            y=list(rows["group"]),
            x=[0.0 if formatting.is_missing(value) else float(value) for value in rows[column]],
            text=[formatting.percent(value, 0) for value in rows[column]],
            textposition="outside",
            cliponaxis=False,
            customdata=template.points(
                rows.index,
                [
                    f"{group}: {formatting.percent(value)}"
                    for group, value in zip(rows["group"], rows[column], strict=True)
                ],
            ),
            hovertemplate=template.TOLD,
            marker={"color": colour, "line": {"width": 0}},
            unselected={"marker": {"opacity": 1}},
        )
        for column, name, colour in reversed(KEPT)
    ]
    longest = max([1.0, *(float(value) for value in frame["nrr"].dropna())])
    return template.figure(
        traces,
        height=max(180, 60 + 48 * len(rows)),
        barmode="group",
        hovermode="closest",
        bargap=0.25,
        legend={"traceorder": "reversed"},
        xaxis={**template.LENGTH_AXIS, "tickformat": ".0%", "range": [0, longest * 1.15]},
        yaxis=template.NAMES_AXIS,
    )


def survival(curves: pd.DataFrame, colours: Mapping[str, int]) -> go.Figure:
    """Kaplan-Meier curves as steps, each with its 95% band; a name without a colour is all plans."""
    traces: list[go.Scatter] = []
    for plan, rows in curves.groupby("plan", sort=False):
        colour = palette.plan(colours[str(plan)]) if str(plan) in colours else EVERYBODY
        shown = True if int(rows["at_risk"].max()) >= FEW or len(traces) < 2 else "legendonly"
        pair = (_band(rows, str(plan), colour), _curve(rows, str(plan), colour))
        traces += [trace.update(visible=shown) for trace in pair]
    longest = float(curves["days"].max()) if len(curves) else 365.0
    axis = {
        "tickvals": [90, 182, 365, 548, 730, 1095],
        "ticktext": ["3 m", "6 m", "1 y", "18 m", "2 y", "3 y"],
    }
    return template.figure(
        traces,
        hovermode="closest",
        xaxis={
            **axis,
            "range": [0, longest * 1.02],
            "title": {"text": "since the first day", "font": {"size": 11}},
        },
        yaxis={"tickformat": ".0%", "range": [0, 1.02]},
    )


def _curve(rows: pd.DataFrame, plan: str, colour: str) -> go.Scatter:
    told = [
        f"{plan}: {formatting.percent(share)} after {formatting.plural(int(days), 'day')}, "
        f"{formatting.plural(int(at_risk), 'customer')} known for so long"
        for days, share, at_risk in zip(rows["days"], rows["share"], rows["at_risk"], strict=True)
    ]
    return go.Scatter(
        name=plan,
        legendgroup=plan,
        x=[int(days) for days in rows["days"]],
        y=[float(share) for share in rows["share"]],
        mode="lines",
        line={"shape": "hv", "color": colour, "width": 2.5},
        customdata=template.points(rows.index, told),
        hovertemplate=template.TOLD + "<extra></extra>",
    )


def _band(rows: pd.DataFrame, plan: str, colour: str) -> go.Scatter:
    """The band as one outline in steps: along the upper edge, and back along the lower."""
    known = rows.dropna(subset=["low", "high"])
    days = [int(each) for each in known["days"]]
    steps = [
        day
        for each, after in zip(days, [*days[1:], None], strict=True)
        for day in (each, after)
        if day is not None
    ]

    def edge(column: str) -> list[float]:
        values = [float(each) for each in known[column]]
        return [value for value in values for _ in (0, 1)][: len(steps)]

    return go.Scatter(
        name=plan,
        legendgroup=plan,
        x=steps + steps[::-1],
        y=edge("high") + edge("low")[::-1],
        fill="toself",
        mode="lines",
        line={"width": 0, "color": colour},
        fillcolor=_clear(colour),
        hoverinfo="skip",
        showlegend=False,
    )


def _clear(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"


def mean(curve: pd.DataFrame) -> go.Figure:
    """Customers and MRR kept by age, all cohorts together."""
    traces = [
        go.Scatter(
            name=name,
            x=[int(age) for age in curve["age"]],
            y=[None if formatting.is_missing(value) else float(value) for value in curve[column]],
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 6},
            cliponaxis=False,
            customdata=template.points(curve.index, [formatting.percent(value) for value in curve[column]]),
            hovertemplate=template.TOLD,
        )
        for column, name, colour in (
            ("arr_share", "MRR", palette.GAIN),
            ("customers_share", "Customers", palette.LOSS),
        )
    ]
    axis = {"title": {"text": "months since they were won", "font": {"size": 11}}, "rangemode": "tozero"}
    return template.figure(traces, xaxis=axis, yaxis={"tickformat": ".0%", "rangemode": "tozero"})

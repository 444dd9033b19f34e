"""Parts of plan mix as pictures: flows between plans, shares over time, add-ons, conversions, discounts."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

FAINT = 0.35
WAYS = {"rate_30": "Within 30 days", "rate_90": "Within 90 days", "rate": "So far"}


def flows(frame: pd.DataFrame, measure: str, currency: str, colours: Mapping[str, int]) -> go.Figure:
    """From plan to plan, left to right: as wide as the run rate (`arr`) or the `customers` that moved."""
    sources, targets = (list(dict.fromkeys(frame[side])) for side in ("source", "target"))
    is_money = measure == "arr"
    values = (
        template.major([arr / 12 for arr in frame["arr"]], currency)
        if is_money
        else [float(number) for number in frame["customers"]]
    )
    told = [
        f"{formatting.plural(int(customers), 'customer')}, {formatting.mrr(int(arr), currency)}"
        for customers, arr in zip(frame["customers"], frame["arr"], strict=True)
    ]
    sankey = go.Sankey(
        node={
            "label": _labels(frame, measure, currency, "source")
            + _labels(frame, measure, currency, "target"),
            "color": [palette.plan(colours.get(plan)) for plan in (*sources, *targets)],
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        link={
            "source": [sources.index(plan) for plan in frame["source"]],
            "target": [len(sources) + targets.index(plan) for plan in frame["target"]],
            "value": values,
            "color": [_faint(palette.plan(colours.get(plan))) for plan in frame["source"]],
            "customdata": told,
            "hovertemplate": "%{source.label} → %{target.label}: %{customdata}<extra></extra>",
        },
        textfont={"size": 13, "shadow": "none"},
        valueformat=",.0f",
    )
    height = max(220, 70 * max(len(sources), len(targets)))
    return template.figure([sankey], height=height, margin={"l": 8, "r": 8, "t": 12, "b": 12})


def _labels(frame: pd.DataFrame, measure: str, currency: str, side: str) -> list[str]:
    """Each plan of a side with what leaves or reaches it."""
    sums = frame.groupby(side, sort=False)[measure].sum().astype("int64").to_dict()
    if measure == "arr":
        return [f"{plan}, {formatting.mrr_short(total, currency)}" for plan, total in sums.items()]
    return [f"{plan}, {formatting.count(total)}" for plan, total in sums.items()]


def _faint(colour: str) -> str:
    """A colour like "#1f5fa8", mostly transparent."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{FAINT})"


def shares(
    frame: pd.DataFrame, column: str, names: Mapping[str, str], shades: Sequence[str], partial: str | None
) -> go.Figure:
    """Columns of 100% by month, a part for each value of a column, with a name and a shade each."""
    codes = list(dict.fromkeys(frame["month"]))
    traces = [
        _share(frame, column, value, names.get(value, value), shades[place % len(shades)], partial)
        for place, value in enumerate(dict.fromkeys(frame[column]))
    ]
    drawn = template.figure(
        traces,
        barmode="stack",
        xaxis=template.month_axis(codes),
        yaxis={"tickformat": ".0%", "range": [0, 1], "nticks": 5},
    )
    return template.mark_partial(drawn, codes, partial)


def _share(
    frame: pd.DataFrame, column: str, value: str, name: str, shade: str, partial: str | None
) -> go.Bar:
    mine = (frame[column] == value).to_numpy()
    rows, places = frame.loc[mine], mine.nonzero()[0]
    return go.Bar(
        name=name,
        x=template.months(list(rows["month"])),
        y=[None if pd.isna(share) else float(share) for share in rows["share"]],
        customdata=template.points(places, (formatting.percent(share) for share in rows["share"])),
        hovertemplate=template.TOLD,
        marker={
            "color": shade,
            "opacity": template.opacity(list(rows["month"]), partial),
            "line": {"width": 0},
        },
    )


def attached(frame: pd.DataFrame, colours: Mapping[str, int]) -> go.Figure:
    """The attach rate of each add-on by month."""
    codes = list(dict.fromkeys(frame["month"]))
    lines = [
        _rate_line(rows, "rate", str(addon), palette.plan(colours.get(str(addon))))
        for addon, rows in frame.groupby("addon", sort=False)
    ]
    return template.figure(
        lines,
        xaxis=template.month_axis(codes),
        yaxis={"tickformat": ".0%", "rangemode": "tozero", "nticks": 5},
    )


def free_to_paid(frame: pd.DataFrame) -> go.Figure:
    """The share of each month's free accounts that paid within 30 and 90 days, and so far."""
    codes = list(frame["month"])
    shades = (palette.MOVEMENTS["reactivation"], palette.MOVEMENTS["new"], palette.NEUTRAL)
    lines = [
        _rate_line(frame, column, name, shade)
        for (column, name), shade in zip(WAYS.items(), shades, strict=True)
    ]
    return template.figure(
        lines,
        xaxis=template.month_axis(codes),
        yaxis={"tickformat": ".0%", "rangemode": "tozero", "nticks": 5},
    )


def _rate_line(rows: pd.DataFrame, column: str, name: str, shade: str) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=template.months(list(rows["month"])),
        y=[None if pd.isna(rate) else float(rate) for rate in rows[column]],
        customdata=template.points(rows.index, (formatting.percent(rate) for rate in rows[column])),
        hovertemplate=template.TOLD,
        cliponaxis=False,
        mode="lines+markers",
        line={"color": shade, "width": 2},
        marker={"size": 5},
    )


def discounts(frame: pd.DataFrame, colours: Mapping[str, int]) -> go.Figure:
    """How much of each plan's list value coupons take off; plans without a discount are left out."""
    rows = frame.loc[frame["off"] != 0].iloc[::-1]
    depths = [float(depth) for depth in rows["depth"]]
    bar = go.Bar(
        orientation="h",
        y=list(rows["plan"]),
        x=depths,
        customdata=template.points(rows.index, (formatting.percent(depth) for depth in rows["depth"])),
        text=[formatting.percent(depth) for depth in rows["depth"]],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{y}}: {template.TOLD}<extra></extra>",
        marker={"color": [palette.plan(colours.get(plan)) for plan in rows["plan"]], "line": {"width": 0}},
    )
    return template.lengths([bar], depths, {"tickformat": ".1%"}, hovermode="closest")

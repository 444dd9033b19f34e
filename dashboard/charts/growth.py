"""Growth as pictures: MRR with its movements, the waterfall, what movements add up to."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template

NAMES = {
    "start": "MRR at start",
    "new": "New",
    "reactivation": "Won back",
    "expansion": "Expansion",
    "contraction": "Contraction",
    "churn": "Churn",
    "transfer": "Between plans",
    "exchange_impact": "Exchange rates",
    "end": "MRR at end",
}
COLOURS = {**palette.MOVEMENTS, "exchange_impact": "#8f80d8"}
BALANCE = "#5b6b7f"
TALL = 430
GAP = (0.0, 0.40, 0.50, 1.0)  # where the lower and the upper part of a figure begin and end


def with_movements(
    months: pd.DataFrame, kinds: Sequence[str], currency: str, partial: str | None
) -> go.Figure:
    """MRR at the end of each month above, what moved it below; the months in line."""
    codes = list(months["month"])
    drawn = template.figure(
        [_balance(months, currency), *(_bars(months, kind, currency, partial) for kind in kinds)],
        height=TALL,
        barmode="relative",
        xaxis={**template.month_axis(codes), "anchor": "y2"},
        yaxis={**template.money_axis(currency), "domain": GAP[2:], "rangemode": "tozero", "nticks": 5},
    )
    moved = template.money_axis(currency, template.ends(bar.y for bar in drawn.data[1:]))
    drawn.update_layout(yaxis2={**template.VALUE_AXIS, **moved, "domain": GAP[:2], "nticks": 5})
    return template.mark_partial(drawn, codes, partial)


def _balance(months: pd.DataFrame, currency: str) -> go.Scatter:
    return go.Scatter(
        name="MRR",
        x=template.months(list(months["month"])),
        y=template.major([arr / 12 for arr in months["end"]], currency),
        customdata=template.points(
            range(len(months)), (formatting.mrr(arr, currency) for arr in months["end"])
        ),
        hovertemplate=template.TOLD,
        mode="lines+markers",
        line={"color": BALANCE, "width": 2.5},
        marker={"size": 6},
        fill="tozeroy",
        fillcolor="rgba(91,107,127,0.10)",
        showlegend=False,
    )


def _bars(months: pd.DataFrame, kind: str, currency: str, partial: str | None, axis: str = "y2") -> go.Bar:
    codes = list(months["month"])
    return go.Bar(
        name=NAMES[kind],
        x=template.months(codes),
        y=template.major([arr / 12 for arr in months[kind]], currency),
        yaxis=axis,
        customdata=template.points(
            range(len(months)), (formatting.mrr(arr, currency) for arr in months[kind])
        ),
        hovertemplate=template.TOLD,
        marker={
            "color": COLOURS[kind],
            "opacity": template.opacity(codes, partial),
            "line": {"width": 0},
        },
    )


def by_month(months: pd.DataFrame, kinds: Sequence[str], currency: str, partial: str | None) -> go.Figure:
    """Gains above the line, losses below it, and what is left as a line, by month."""
    codes = list(months["month"])
    bars = [_bars(months, kind, currency, partial, "y") for kind in kinds]
    drawn = template.figure(
        [*bars, _net(months, currency)],
        barmode="relative",
        xaxis=template.month_axis(codes),
        yaxis=template.money_axis(currency, template.ends(bar.y for bar in bars)),
    )
    return template.mark_partial(drawn, codes, partial)


def _net(months: pd.DataFrame, currency: str) -> go.Scatter:
    return go.Scatter(
        name="Net new",
        x=template.months(list(months["month"])),
        y=template.major([arr / 12 for arr in months["net_new"]], currency),
        customdata=template.points(
            range(len(months)), (formatting.mrr(arr, currency) for arr in months["net_new"])
        ),
        hovertemplate=template.TOLD,
        mode="lines+markers",
        line={"color": BALANCE, "width": 1.5, "dash": "dot"},
        marker={"size": 9, "symbol": "diamond", "color": "#ffffff", "line": {"color": "#2b3542", "width": 2}},
    )


def waterfall(steps: pd.DataFrame, currency: str) -> go.Figure:
    """From the balance at the start to that at the end, a step for each kind of movement."""
    last = len(steps) - 1
    values = template.major([arr / 12 for arr in steps["arr"]], currency)
    tops = _tops(values)
    bars = go.Bar(
        x=[NAMES[step] for step in steps["step"]],
        y=[abs(value) for value in values],
        base=[top - abs(value) for top, value in zip(tops, values, strict=True)],
        customdata=template.points(
            range(len(steps)), (formatting.mrr(arr, currency) for arr in steps["arr"])
        ),
        text=[_label(arr, currency, place in (0, last)) for place, arr in enumerate(steps["arr"])],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"%{{x}}: {template.TOLD}<extra></extra>",
        marker={"color": [COLOURS.get(step, BALANCE) for step in steps["step"]], "line": {"width": 0}},
    )
    return template.figure(
        [bars],
        hovermode="closest",
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        xaxis={"tickangle": 0, "tickfont": {"size": 11}},
        yaxis={**template.money_axis(currency), "range": [0, 1.1 * max([*tops, 1.0])]},
    )


def _tops(values: Sequence[float]) -> list[float]:
    """The upper edge of each step: the first and the last stand on the ground."""
    tops, level = [], 0.0
    for place, value in enumerate(values):
        if place in (0, len(values) - 1):
            level = value
            tops.append(value)
        else:
            tops.append(max(level, level + value))
            level += value
    return tops


def _label(arr: int, currency: str, is_balance: bool) -> str:
    told = formatting.mrr_short(arr, currency)
    return f"+{told}" if arr > 0 and not is_balance else told


def added_up(months: pd.DataFrame, kinds: Sequence[str], currency: str) -> go.Figure:
    """What each kind of movement has come to since the first month, and all of them together."""
    codes = list(months["month"])
    lines = [_line(months, kind, NAMES[kind], COLOURS[kind], 2.0, currency) for kind in kinds]
    lines.append(_line(months, "net_new", "Net new", BALANCE, 3.0, currency))
    return template.figure(
        lines,
        xaxis=template.month_axis(codes),
        yaxis=template.money_axis(currency, (value for line in lines for value in line.y)),
    )


def _line(
    months: pd.DataFrame, column: str, name: str, colour: str, width: float, currency: str
) -> go.Scatter:
    told = (formatting.mrr(arr, currency) for arr in months[column])
    return go.Scatter(
        name=name,
        x=template.months(list(months["month"])),
        y=template.major([arr / 12 for arr in months[column]], currency),
        customdata=template.points(range(len(months)), told),
        hovertemplate=template.TOLD,
        mode="lines+markers",
        line={"color": colour, "width": width},
        marker={"size": 5},
    )


def differences(rows: pd.DataFrame, currency: str) -> go.Figure:
    """What another definition counts more, to the right, or less, to the left; one bar each."""
    rows = rows.iloc[::-1]
    values = template.major([arr / 12 for arr in rows["arr"]], currency)
    bar = go.Bar(
        orientation="h",
        y=list(rows["name"]),
        x=values,
        text=[_label(arr, currency, False) for arr in rows["arr"]],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
        marker={
            "color": [palette.GAIN if value >= 0 else palette.LOSS for value in values],
            "line": {"width": 0},
        },
    )
    low, high = min([0.0, *values]), max([0.0, *values])
    spare = 0.45 * ((high - low) or 1.0)  # room for a label beside a long name on a narrow screen
    drawn = template.lengths([bar], values, template.money_axis(currency, values, 2), hovermode="closest")
    return drawn.update_xaxes(range=[low - spare if low < 0 else 0.0, high + spare if high > 0 else 0.0])

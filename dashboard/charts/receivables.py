"""Receivables as pictures: what is open by age, how it grew or shrank, what became of failed payments."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template
from dashboard.metrics.receivables import AGES, OUTCOMES

SHADES = dict(zip(AGES, palette.AGES, strict=True))


def by_age(frame: pd.DataFrame, currency: str) -> go.Figure:
    """What is open by age, a column each with its amount above it."""
    bar = go.Bar(
        x=[str(label).replace(" ", "<br>", 1) for label in frame["label"]],  # fits a narrow screen
        y=template.major(list(frame["open"]), currency),
        text=[formatting.short(amount, currency) if amount else "" for amount in frame["open"]],
        textposition="outside",
        cliponaxis=False,
        customdata=template.points(range(len(frame)), _told(frame, currency)),
        hovertemplate=f"{template.TOLD}<extra></extra>",
        marker={"color": [SHADES[name] for name in frame["age"]], "line": {"width": 0}},
    )
    most = max(template.major(list(frame["open"]), currency), default=0.0)
    return template.figure(
        [bar],
        showlegend=False,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        xaxis={"type": "category", "tickangle": 0},
        yaxis={**template.money_axis(currency), "range": [0, most * 1.12 or 1], "nticks": 5},
    )


def _told(frame: pd.DataFrame, currency: str) -> list[str]:
    rows = frame[["label", "open", "invoices", "customers"]].itertuples(index=False)
    return [
        f"{label}: {formatting.amount(amount, currency)} in {formatting.plural(invoices, 'invoice')} of "
        f"{formatting.plural(customers, 'customer')}"
        for label, amount, invoices, customers in rows
    ]


def over_time(frame: pd.DataFrame, currency: str, months: Sequence[str], partial: str | None) -> go.Figure:
    """What was open at the end of each month, by age; the current month as of now."""
    bars = [
        go.Bar(
            name=label,
            x=template.months(months),
            y=template.major(list(frame[name]), currency),
            customdata=template.points(
                range(len(frame)), [formatting.amount(amount, currency) for amount in frame[name]]
            ),
            hovertemplate=template.TOLD,
            marker={
                "color": SHADES[name],
                "opacity": template.opacity(months, partial),
                "line": {"width": 0},
            },
        )
        for name, label in AGES.items()
    ]
    drawn = template.figure(
        bars,
        barmode="stack",
        xaxis=template.month_axis(months),
        yaxis=template.money_axis(currency),
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
    )
    return template.mark_partial(drawn, months, partial)


def recovery(frame: pd.DataFrame, currency: str, partial: str | None) -> go.Figure:
    """What became of the invoices of each month whose payment failed at first."""
    months = [str(code) for code in frame["month"]]
    bars = [
        go.Bar(
            name=label,
            x=template.months(months),
            y=template.major(list(frame[name]), currency),
            customdata=template.points(
                range(len(frame)), [formatting.amount(amount, currency) for amount in frame[name]]
            ),
            hovertemplate=template.TOLD,
            marker={
                "color": palette.FATES[name],
                "opacity": template.opacity(months, partial),
                "line": {"width": 0},
            },
        )
        for name, label in OUTCOMES.items()
        if frame[name].any()
    ]
    drawn = template.figure(
        bars,
        barmode="stack",
        height=300,
        xaxis=template.month_axis(months),
        yaxis=template.money_axis(currency),
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
    )
    return template.mark_partial(drawn, months, partial)


def deferred(frame: pd.DataFrame, currency: str) -> go.Figure:
    """What will be recognised in each month, and what is then left."""
    months = [str(code) for code in frame["month"]]
    shown = {
        name: {
            "x": template.months(months),
            "y": template.major(list(frame[name]), currency),
            "customdata": template.points(
                range(len(frame)), [formatting.amount(amount, currency) for amount in frame[name]]
            ),
            "hovertemplate": template.TOLD,
        }
        for name in ("revenue", "deferred")
    }
    bar = go.Bar(name="Recognised", **shown["revenue"], marker={"color": palette.GAIN, "line": {"width": 0}})
    rest = go.Scatter(
        name="Left at its end", **shown["deferred"], mode="lines+markers", line={"color": palette.NEUTRAL}
    )
    return template.figure(
        [bar, rest],
        height=300,
        xaxis=template.month_axis(months),
        yaxis=template.money_axis(currency),
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
    )

"""The pipeline as pictures: open quotes by state, days in each state, discounts by owner or size."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template


def by_state(frame: pd.DataFrame, measure: str, currency: str) -> go.Figure:
    """A bar for each state, the first on top; measure is quotes, total or arr."""
    ordered = frame.iloc[::-1]
    is_money = measure != "quotes"
    values = (
        template.major(list(ordered[measure]), currency) if is_money else [float(n) for n in ordered[measure]]
    )
    texts = [
        formatting.short(int(n), currency) if is_money else formatting.count(n) for n in ordered[measure]
    ]
    told = [
        f"{formatting.plural(number, 'quote')}, {formatting.amount(total, currency)}, the oldest "
        f"{formatting.plural(oldest, 'day')} there"
        for number, total, oldest in ordered[["quotes", "total", "oldest"]].itertuples(index=False)
    ]
    whole = template.count_axis(int(max(values, default=0)))
    axis: dict[str, object] = template.money_axis(currency) if is_money else whole
    return _bars(ordered, "stands", values, texts, told, axis, palette.GAIN)


def time_in_state(frame: pd.DataFrame) -> go.Figure:
    """The median of the days in each state, the first on top."""
    ordered = frame.loc[frame["median"].notna()].iloc[::-1]
    values = [float(days) for days in ordered["median"]]
    told = [
        f"{formatting.plural(number, 'stay')}, the longest {longest:.1f} days"
        for number, longest in ordered[["stays", "longest"]].itertuples(index=False)
    ]
    texts = [f"{days:.1f}" for days in values]
    return _bars(ordered, "stands", values, texts, told, {"tickformat": ",.1~f"}, palette.NEUTRAL)


def discounts(frame: pd.DataFrame, currency: str) -> go.Figure:
    """The discount of each group, the first on top."""
    ordered = frame.loc[frame["off"].notna()].iloc[::-1]
    values = [float(off) for off in ordered["off"]]
    told = [
        f"{formatting.plural(number, 'quote')}, {formatting.amount(total, currency)}"
        for number, total in ordered[["quotes", "total"]].itertuples(index=False)
    ]
    texts = [formatting.percent(off) for off in values]
    return _bars(ordered, "group", values, texts, told, {"tickformat": ".0%"}, palette.LOSS)


def _bars(
    frame: pd.DataFrame,
    name: str,
    values: Sequence[float],
    texts: Sequence[str],
    told: Sequence[str],
    axis: dict[str, object],
    colour: str,
) -> go.Figure:
    bar = go.Bar(
        orientation="h",
        y=list(frame[name]),
        x=list(values),
        text=list(texts),
        textposition="outside",
        cliponaxis=False,
        customdata=template.points([int(place) for place in frame.index], told),
        hovertemplate="%{y}: %{customdata[1]}<extra></extra>",
        marker={"color": colour, "line": {"width": 0}},
    )
    return template.lengths([bar], list(values), axis, hovermode="closest")

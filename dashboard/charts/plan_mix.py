"""Plan mix as pictures: over time, changes by plan, capacity."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template


def over_time(
    frame: pd.DataFrame, measure: str, currency: str, colours: Mapping[str, int], partial: str | None
) -> go.Figure:
    """Stacked columns by month and plan, of `arr` (drawn as MRR) or `customers`."""
    is_money = measure == "arr"
    traces = [
        _plan_bar(rows, str(plan), currency if is_money else None, colours, partial)
        for plan, rows in frame.groupby("plan", sort=False)
    ]
    codes = list(dict.fromkeys(frame["month"]))
    drawn = template.figure(
        traces,
        barmode="stack",
        xaxis=template.month_axis(codes),
        yaxis=template.money_axis(currency) if is_money else {"tickformat": ",d"},
    )
    return template.mark_partial(drawn, codes, partial)


def _plan_bar(
    rows: pd.DataFrame, plan: str, currency: str | None, colours: Mapping[str, int], partial: str | None
) -> go.Bar:
    codes = list(rows["month"])
    if currency:
        values = template.major([arr / 12 for arr in rows["arr"]], currency)
        told = [formatting.mrr(arr, currency) for arr in rows["arr"]]
    else:
        values = [float(number) for number in rows["customers"]]
        told = [formatting.plural(number, "customer") for number in rows["customers"]]
    return go.Bar(
        name=plan,
        x=template.months(codes),
        y=values,
        customdata=template.points(rows.index, told),
        hovertemplate=template.TOLD,
        marker={
            "color": palette.plan(colours.get(plan)),
            "opacity": template.opacity(codes, partial),
            "line": {"width": 0},
        },
    )


def changes(frame: pd.DataFrame, currency: str) -> go.Figure:
    """MRR gained and lost by plan against the chosen month: bars either side of nothing."""
    rows = frame.iloc[::-1]
    values = template.major([change / 12 for change in rows["arr_change"]], currency)
    bar = go.Bar(
        orientation="h",
        y=list(rows["plan"]),
        x=values,
        text=[_change(change, currency) for change in rows["arr_change"]],
        textposition="outside",
        hovertemplate="%{y}: %{text}<extra></extra>",
        marker={
            "color": [palette.GAIN if value >= 0 else palette.LOSS for value in values],
            "line": {"width": 0},
        },
        cliponaxis=False,
    )
    return template.lengths([bar], values, template.money_axis(currency, values, 2), hovermode="closest")


def _change(arr: int, currency: str) -> str:
    told = formatting.mrr_short(arr, currency)
    return f"+{told}" if arr > 0 else told


def capacity(frame: pd.DataFrame, colours: Mapping[str, int]) -> go.Figure:
    """Units bought (pale) and used (solid) by plan, with the share in use beside them."""
    rows = frame.iloc[::-1]
    shades = [palette.plan(colours.get(plan)) for plan in rows["plan"]]
    bought = _capacity_bar(rows, "capacity", "Bought", shades, 0.3, 0.62)
    shares = [formatting.percent(share, 0) for share in rows["share_used"]]
    bought.update(text=shares, textposition="outside", cliponaxis=False)
    used = _capacity_bar(rows, "used", "Used", shades, 1.0, 0.3)
    longest = [float(value) for value in [*rows["capacity"].dropna(), *rows["used"].dropna()]]
    axis = {"tickformat": "~s"}
    return template.lengths([bought, used], longest, axis, barmode="overlay", hovermode="y unified")


def _capacity_bar(
    rows: pd.DataFrame, column: str, name: str, shades: list[str], opacity: float, width: float
) -> go.Bar:
    return go.Bar(
        name=name,
        orientation="h",
        y=list(rows["plan"]),
        x=[None if pd.isna(value) else int(value) for value in rows[column]],
        customdata=[formatting.count(value) for value in rows[column]],
        hovertemplate="%{customdata}",
        width=width,
        marker={"color": shades, "opacity": opacity, "line": {"width": 0}},
    )

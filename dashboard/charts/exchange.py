"""Exchange rates as a picture: MRR in one currency, by the currency that it is billed in."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formatting
from dashboard.charts import palette, template


def by_currency(frame: pd.DataFrame, currencies: Sequence[str], to: str, partial: str | None) -> go.Figure:
    """Stacked columns by month and currency of origin; without a rate, a month has no part of it."""
    codes = sorted(set(frame["month"]))
    rated = frame.loc[frame["arr"].notna()]
    traces = [
        _columns(rated.loc[rated["currency"] == currency], currency, to, partial, place)
        for place, currency in enumerate(currencies)
        if (rated["currency"] == currency).any()
    ]
    drawn = template.figure(
        traces, barmode="stack", xaxis=template.month_axis(codes), yaxis=template.money_axis(to)
    )
    return template.mark_partial(drawn, codes, partial)


def _columns(rows: pd.DataFrame, currency: str, to: str, partial: str | None, place: int) -> go.Bar:
    codes = list(rows["month"])
    told = [formatting.mrr(arr, to) for arr in rows["arr"]]
    if currency != to:
        own = [formatting.mrr(arr, currency) for arr in rows["own"]]
        told = [f"{here} from {there}" for here, there in zip(told, own, strict=True)]
    return go.Bar(
        name=currency.upper(),
        x=template.months(codes),
        y=template.major([arr / 12 for arr in rows["arr"]], to),
        customdata=told,
        hovertemplate="%{customdata}",
        marker={
            "color": palette.CURRENCIES[place % len(palette.CURRENCIES)],
            "opacity": template.opacity(codes, partial),
            "line": {"width": 0},
        },
    )

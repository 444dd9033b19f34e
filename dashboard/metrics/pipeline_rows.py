"""What is behind the figures of the pipeline: the quotes in them, and those left out with the reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from dashboard.metrics import pipeline
from dashboard.metrics.definitions import Metric
from dashboard.metrics.explain import Explanation, Figure
from dashboard.metrics.pipeline import DECIDED, OPEN, SENT

Reasons = Callable[[pd.DataFrame, Sequence[str]], "pd.Series[str]"]


def _open(rows: pd.DataFrame, months: Sequence[str]) -> "pd.Series[str]":
    return rows["stands"].mask(rows["state"].isin(OPEN), "")


def _priced(rows: pd.DataFrame, months: Sequence[str]) -> "pd.Series[str]":
    return _open(rows, months).mask(rows["state"].isin(OPEN) & rows["total"].isna(), "Cannot be priced yet")


def _decided(rows: pd.DataFrame, months: Sequence[str]) -> "pd.Series[str]":
    known = rows["quote_id"].isin(pipeline.decided(rows, months)["quote_id"])
    return rows["stands"].mask(rows["state"].isin(DECIDED), "Decided in another month").mask(known, "")


def _soon(rows: pd.DataFrame, months: Sequence[str]) -> "pd.Series[str]":
    return rows["stands"].mask(rows["state"] == SENT, "Does not expire within 14 days").mask(rows["soon"], "")


REASONS: Mapping[str, Reasons] = {
    pipeline.open_quotes.name: _open,
    pipeline.open_value.name: _priced,
    pipeline.win_rate.name: _decided,
    pipeline.expiring.name: _soon,
}
"""By the figure's name why a quote is not in it; "" for one that is."""


def behind(
    definition: Metric[..., Any],
    rows: pd.DataFrame,
    elsewhere: pd.DataFrame,
    months: Sequence[str],
    today: date,
    currency: str,
) -> Explanation:
    """Of the rows of `pipeline.told` in one currency, and of those that are in others (elsewhere)."""
    reasons = REASONS[definition.name](rows, months)
    within, without = rows.loc[reasons == ""], rows.loc[reasons != ""]
    figures: Mapping[str, Callable[[], Figure]] = {
        pipeline.open_quotes.name: lambda: pipeline.open_quotes(within),
        pipeline.open_value.name: lambda: pipeline.open_value(within),
        pipeline.win_rate.name: lambda: pipeline.win_rate(within, months),
        pipeline.expiring.name: lambda: pipeline.expiring(within, today),
    }
    left_out = pd.concat(
        [
            _shaped(without, currency).assign(reason=reasons.loc[without.index]),
            _shaped(elsewhere, None).assign(reason="Another currency"),
        ],
        ignore_index=True,
    )
    included = _shaped(within, currency).reset_index(drop=True)
    return Explanation(definition, figures[definition.name](), included, left_out)


def _shaped(rows: pd.DataFrame, currency: str | None) -> pd.DataFrame:
    """customer_id, customer_name, day (since when it stands so), part (its state), currency, amount, rows."""
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "customer_name": rows["name"],
            "day": rows["since"],
            "part": rows["stands"],
            "currency": rows["currency"] if currency is None else currency,
            "amount": rows["total"],
            "rows": 1,
        }
    )

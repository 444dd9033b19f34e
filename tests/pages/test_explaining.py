"""Explain: every figure is told in its own unit, with its rows, as the key figure shows it."""

from collections.abc import Callable
from typing import Any

import pytest

from dashboard import cache, explaining, formatting
from dashboard.explaining import Asked, explanation, figure_told
from dashboard.metrics.explain import EXPLAINED
from dashboard.metrics.plans import products_of
from dashboard.metrics.selection import Selection
from data import config
from tests.pages.conftest import App


@pytest.fixture
def asked(business: str, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """October of the small business, in dollars."""
    monkeypatch.setenv("DATABASE_URL", business)
    config.use(None)
    snapshot = cache.snapshot()
    assert snapshot is not None
    return Asked(snapshot, Selection("usd", ("2026-10",)), "2026-10")


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_figure_is_told_with_its_rows(asked: Asked, name: str) -> None:
    made = explanation(name, asked)
    assert figure_told(made, "usd")
    assert explaining._sums(made, asked)
    for rows in (made.included, made.excluded):
        named = explaining._named(rows, asked)
        assert all(named["customer"])
    if len(made.excluded):
        told, shape = explaining._reasons(made)
        assert told["rows"].sum() == made.excluded["rows"].sum()
        assert {"reason", "rows"} <= {column.name for column in shape}


SHOWN: dict[str, tuple[str, Callable[[Any], str]]] = {
    "MRR": ("arr", lambda arr: formatting.mrr_short(arr, "usd")),
    "ARR": ("annual", lambda arr: formatting.short(arr, "usd")),
    "Subscribers": ("subscribers", formatting.count),
    "MRR per subscriber": ("arpa", lambda rate: formatting.mrr_short(round(rate.value * 12), "usd")),
    "NRR, 12 months": ("nrr_12_months", lambda rate: formatting.percent(rate.value)),
    "GRR, 12 months": ("grr_12_months", lambda rate: formatting.percent(rate.value)),
    "Customer churn": ("customer_churn", lambda rate: formatting.percent(rate.value)),
    "Quick ratio": (
        "quick_ratio",
        lambda rate: formatting.DASH if rate.value is None else f"{rate.number:.1f}",
    ),
    "Scheduled churn": ("scheduled_churn", lambda arr: formatting.mrr_short(arr, "usd")),
    "Renewals, 90 days": ("renewals_due", lambda arr: formatting.short(arr, "usd")),
}
"""Key figures of the overview, with their explanation and how they are shown."""
OF_A_MONTH = ("nrr_12_months", "grr_12_months", "customer_churn", "quick_ratio")


@pytest.mark.parametrize("filters", [{}, {"plan": "Professional"}, {"interval": "Yearly"}])
def test_explanations_are_what_the_key_figures_show(
    asked: Asked, open_app: App, filters: dict[str, str]
) -> None:
    app = open_app("overview", currency="USD", **filters)
    shown = {metric.label: metric.value.replace("\\", "") for metric in app.metric}
    catalogue = asked.snapshot.frame("products")
    chosen = Selection(
        "usd",
        ("2026-10", "2026-11"),
        products_of(catalogue, [filters["plan"]]) if "plan" in filters else None,
        frozenset({"1year"}) if "interval" in filters else None,
    )
    for label, (name, told) in SHOWN.items():
        month = "2026-10" if name in OF_A_MONTH else "2026-11"
        assert told(explanation(name, Asked(asked.snapshot, chosen, month)).figure) == shown[label], label

"""Explain: every figure is told in its own unit, with its rows, as the key figure shows it."""

import pytest

from dashboard import cache, explaining
from dashboard.explaining import Asked, explanation, figure_told
from dashboard.metrics.explain import EXPLAINED
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


def test_amounts_are_told_as_the_key_figures_show_them(asked: Asked, open_app: App) -> None:
    now = Asked(asked.snapshot, Selection("usd", ("2026-11",)), "2026-11")
    shown = {metric.label: metric.value for metric in open_app("overview", currency="USD").metric}
    told = {name: figure_told(explanation(name, now), "usd") for name in ("arpa", "subscribers")}
    assert told["subscribers"] == shown["Subscribers"]
    average = shown["MRR per subscriber"].strip("\\$").replace(",", "")
    assert float(told["arpa"].strip("$").replace(",", "")) == pytest.approx(float(average), abs=1)

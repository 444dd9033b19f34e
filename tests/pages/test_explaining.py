"""Explain: every figure is told in its own unit, with its rows, as the key figure shows it."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from dashboard import cache, explaining, formatting
from dashboard.cache import Snapshot
from dashboard.explaining import Asked, explanation, figure_told
from dashboard.figures import figures
from dashboard.metrics import movements
from dashboard.metrics.explain import EXPLAINED
from dashboard.metrics.plans import products_of
from dashboard.metrics.rates.monthly import RATES
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection
from data import config
from data.database import open_engine
from data.tables import currencies
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


def test_what_rows_add_up_to_is_said_in_the_unit_of_the_figure(asked: Asked) -> None:
    for name in ("annual", "renewals_due"):
        made = explanation(name, asked)
        assert f"ARR {figure_told(made, 'usd')}" in explaining._amounts(made, "usd")
        assert {column.label for column in explaining.shape_of(made) if column.name == "arr"} == {"ARR"}
    churned = explanation("net_mrr_churn", asked)
    sums = churned.included.groupby("kind")["delta_arr"].sum()
    told = explaining._amounts(churned, "usd")
    assert {"start", "expansion"} <= set(sums.index)
    assert told[0].startswith("Start ")
    assert sorted(told) == sorted(
        f"{formatting.word(kind)} {formatting.mrr(int(arr), 'usd')}" for kind, arr in sums.items()
    )
    lost = explanation("customer_churn", asked)
    assert f"Lost {lost.included['lost'].sum()}" in explaining._amounts(lost, "usd")


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


@pytest.fixture
def rated(business: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """The small business with a rate for each of its currencies, which changes every month."""
    file = tmp_path / "rated.db"
    file.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    rows = [
        {
            "date": date(2025, 6, 1) + timedelta(days=20 * number),
            "from_currency": code,
            "to_currency": "usd",
            "rate": f"{rate + number / 97:.5f}",
        }
        for code, rate in (("eur", 1.05), ("gbp", 1.21), ("jpy", 0.0061))
        for number in range(27)
    ]
    with engine.begin() as connection:
        connection.execute(insert(currencies.exchange_rate), rows)
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    config.use(None)
    found = cache.snapshot()
    assert found is not None
    return found


@pytest.mark.parametrize("plan", [None, "Professional"])
def test_rates_of_all_currencies_in_one_start_where_the_month_before_ended(
    rated: Snapshot, plan: str | None
) -> None:
    chosen = products_of(rated.frame("products"), [plan]) if plan else None
    selection = Selection("usd", ("2026-10",), chosen, converted=True)
    of = figures(rated, selection)
    ends = movements.balances(of.month_end, selection)
    assert movements.bridge(of.month_end, of.movements, selection)["start"].tolist() == [ends["2026-09"]]
    asked = Asked(rated, selection, "2026-10")
    for name in ("gross_mrr_churn", "net_mrr_churn", "quick_ratio"):
        found, rate = explanation(name, asked).figure, RATES[name].months(of.facts, selection)[0]
        assert isinstance(found, Rate)
        assert (found.value, found.reason) == (rate.value, rate.reason)


@pytest.mark.parametrize(
    ("page", "label", "row"),
    [
        ("plan_mix", "Yearly share", "Yearly"),
        ("plan_mix", "Free accounts", "Accounts on"),
        ("retention", "Kept after 12 months", "Won in"),
        ("retention", "Half-life, days", "subscribed"),
    ],
)
def test_figures_of_people_open_their_rows(open_app: App, page: str, label: str, row: str) -> None:
    app = open_app(page)
    app.button(key=f"explain_{label}").click().run()
    assert not app.exception
    cells = [str(cell) for table in app.dataframe for cell in table.value.to_numpy().ravel()]
    assert any(row in cell for cell in cells)

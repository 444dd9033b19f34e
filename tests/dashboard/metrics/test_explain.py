"""What is behind a figure adds up to it exactly, however few rows are named, and says what is left out."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.metrics import plan_mix
from dashboard.metrics.explain import EXPLAINED, Explanation, explain
from dashboard.metrics.kinds import KINDS
from dashboard.metrics.rates.monthly import RATES, Facts
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection
from data import frames
from data.history import Life
from data.ledger import refresh
from data.tables import ledger, operations
from tests.data.lives import MIRROR, clear, day, item, life, price, store
from tests.data.strategies import NOW, small_lives

LEDGER = [table for table in ledger.metadata.sorted_tables if table in vars(ledger).values()]
KEPT = ("grr_1_month", "grr_12_months", "nrr_1_month", "nrr_12_months")
some = st.none() | st.frozensets(st.sampled_from(("prod_a", "prod_b")), min_size=1)


def told(
    engine: Engine,
    name: str,
    month: str,
    selection: Selection,
    now: str = "2026-04-15T12:00",
    limit: int = 500,
) -> Explanation:
    chosen = EXPLAINED[name]
    given_, named = chosen.arguments(month, day(now), selection)
    rows = getattr(frames, chosen.frame)(engine, *given_, limit=limit, **named)
    return explain(name, rows, selection)


def rates_of(engine: Engine, month: str, selection: Selection) -> dict[str, Any]:
    """The exact rates of a month, from the rollups."""
    facts = Facts(
        frames.month_end(engine),
        frames.month_end_subscribers(engine),
        frames.movements(engine),
        frames.transitions(engine),
        frames.retention(engine, month),
    )
    chosen = Selection(selection.currency, (month,), selection.products)
    return {name: RATES[name].months(facts, chosen)[0] for name in (*KEPT, "customer_churn")}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=small_lives(), products=some, month=st.sampled_from(("2026-03", "2026-04")), limit=st.integers(0, 3)
)
def test_rows_add_up_to_the_figure(
    engine: Engine, lives: list[Life], products: frozenset[str] | None, month: str, limit: int
) -> None:
    with engine.begin() as connection:
        clear(connection, (*MIRROR, *LEDGER, operations.sync_state))
        store(connection, *lives)
        refresh(connection, None, NOW)
    selection = Selection("usd", (month,), products)
    held = told(engine, "arr", month, selection, limit=limit)
    assert held.figure == plan_mix.run_rate(frames.month_end(engine), selection, month)
    moved = frames.movements(engine)
    for kind, metric in KINDS.items():
        assert told(engine, kind, month, selection, limit=limit).figure == metric(moved, selection, month)
    for name, rate in rates_of(engine, month, selection).items():
        found = told(engine, name, month, selection, limit=limit).figure
        assert isinstance(found, Rate)
        assert (found.value, found.reason) == (rate.value, rate.reason)


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Two that pay, one in trial, one metered, one that left in March, one that came back in April."""
    paused = {"status": "canceled", "ended": "2026-02-10"}
    with engine.begin() as connection:
        store(
            connection,
            life(item(price(30_00))),
            life(item(price(10_00, currency="eur")), id="sub_2", customer_id="cus_2", currency="eur"),
            life(
                item(price(), name="si_3"),
                id="sub_3",
                customer_id="cus_3",
                status="trialing",
                start="2026-04-10",
                trial_start="2026-04-10",
                trial_end="2026-05-10",
            ),
            life(item(price(5, usage_type="metered"), None), id="sub_4", customer_id="cus_4"),
            life(item(price()), id="sub_5", customer_id="cus_5", status="canceled", ended="2026-03-10"),
            life(item(price()), id="sub_6", customer_id="cus_6", **paused),
            life(item(price()), id="sub_7", customer_id="cus_6", start="2026-04-02"),
        )
        refresh(connection, None, day("2026-04-15"))
    return engine


def test_what_does_not_count_says_why(company: Engine) -> None:
    found = told(company, "arr", "2026-04", Selection("usd", ("2026-04",)))
    assert found.figure == 480_00
    assert found.included[["customer_id", "arr"]].to_numpy().tolist() == [
        ["cus_1", 360_00],
        ["cus_6", 120_00],
    ]
    assert found.excluded.set_index("customer_id")["reason"].to_dict() == {
        "cus_2": "In another currency: EUR.",
        "cus_3": "In trial: zero until the trial ends.",
        "cus_4": "A metered or one-off price: not counted.",
    }
    assert found.reasons["rows"].tolist() == [1, 1, 1]


def test_movements_of_another_kind_and_currency(company: Engine) -> None:
    usd = Selection("usd", ("2026-03",))
    lost = told(company, "churn", "2026-03", usd)
    assert (lost.figure, lost.included["customer_id"].tolist()) == (-120_00, ["cus_5"])
    january = told(company, "churn", "2026-01", usd)
    assert january.reasons.to_numpy().tolist() == [
        ["Another kind of movement: new.", 3],
        ["In another currency: EUR.", 1],
    ]


def test_who_was_won_does_not_enter_retention(company: Engine) -> None:
    found = told(company, "nrr_1_month", "2026-04", Selection("usd", ("2026-04",)))
    assert isinstance(found.figure, Rate)
    assert found.figure.value == 1
    assert set(found.excluded["reason"]) == {"Won or won back in the period.", "In another currency: EUR."}
    churned = told(company, "customer_churn", "2026-03", Selection("usd", ("2026-03",)))
    assert isinstance(churned.figure, Rate)
    assert (churned.figure.numerator, churned.figure.denominator) == (1, 2)


def test_who_held_something_else_does_not_enter_either(company: Engine) -> None:
    chosen = Selection("usd", ("2026-03",), frozenset({"prod_b"}))
    found = told(company, "grr_1_month", "2026-03", chosen)
    assert isinstance(found.figure, Rate)
    assert found.figure.reason == "nobody was subscribed at the start of the period"
    assert "Held nothing of what is selected at the start of the period." in set(found.excluded["reason"])

"""What is behind a figure adds up to it exactly, however few rows are named, and says what is left out."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.exports import export
from dashboard.metrics import churn, growth, plan_mix, renewals
from dashboard.metrics.explain import EXPLAINED, Explanation, explain
from dashboard.metrics.kinds import KINDS
from dashboard.metrics.rates.monthly import RATES, Facts
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection
from data import frames
from data.database import upsert
from data.history import Life
from data.ledger import refresh
from data.tables import application, ledger, operations
from tests.data.lives import MIRROR, clear, day, item, life, price, row, store
from tests.data.strategies import NOW, small_lives

LEDGER = [table for table in ledger.metadata.sorted_tables if table in vars(ledger).values()]
KEPT = ("grr_1_month", "grr_12_months", "nrr_1_month", "nrr_12_months")
some = st.none() | st.frozensets(st.sampled_from(("prod_a", "prod_b")), min_size=1)
terms = st.none() | st.just(frozenset({"1month"}))


def told(
    engine: Engine,
    name: str,
    month: str,
    selection: Selection,
    now: str = "2026-04-15T12:00",
    limit: int | None = None,
) -> Explanation:
    chosen = EXPLAINED[name]
    given_, named = chosen.arguments(month, day(now), selection)
    if limit is not None and chosen.frame.startswith("behind"):
        named["limit"] = limit
    rows = getattr(frames, chosen.frame)(engine, *given_, audiences=selection.audiences, **named)
    return explain(name, rows, selection)


def figures(engine: Engine, month: str, selection: Selection, now: datetime = NOW) -> dict[str, Any]:
    """Every figure that can be explained, as the pages compute it."""
    whose = selection.audiences
    ends, moved = frames.month_end(engine, whose), frames.movements(engine, whose)
    held = frames.month_end_subscribers(engine, whose)
    facts = Facts(
        ends, held, moved, frames.transitions(engine, whose), frames.retention(engine, month, whose)
    )
    rates = {name: RATES[name].months(facts, selection)[0] for name in RATES if name in EXPLAINED}
    grown = growth.monthly(ends, moved, selection)
    start, net = (int(grown[name].iloc[0]) for name in ("start", "net_new"))
    leaving = churn.scheduled(frames.scheduled_churn(engine, now, audiences=whose), selection)
    due = frames.renewals(engine, now, renewals.end_of(now, 90), audiences=whose)
    flow = churn.flow(held, facts.transitions, selection)
    return rates | {
        "arr": plan_mix.run_rate(ends, selection, month),
        "annual": plan_mix.run_rate(ends, selection, month),
        "yearly_share": plan_mix.yearly_share(ends, selection, month),
        "subscribers": plan_mix.subscribers(held, selection, month),
        **{kind: metric(moved, selection, month) for kind, metric in KINDS.items()},
        "net_new": growth.net_new(grown, month),
        "growth": growth.growth(start, net),
        "customers_lost": churn.lost(flow, month),
        "scheduled_churn": churn.scheduled_arr(leaving),
        "renewals_due": renewals.long_due(renewals.due(due, selection)),
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, Rate) and not isinstance(other, Rate):
        return one.number == (None if other is None else pytest.approx(other))
    if isinstance(one, Rate):
        return (one.value, one.reason) == (other.value, other.reason)
    return bool(one == other)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=small_lives(),
    products=some,
    intervals=terms,
    whose=st.none() | st.sampled_from(["cus_1", "cus_2"]),
    month=st.sampled_from(("2026-03", "2026-04")),
    limit=st.integers(0, 9),
)
def test_rows_add_up_to_the_figure(
    sqlite_engine: Engine,
    lives: list[Life],
    products: Any,
    intervals: Any,
    whose: Any,
    month: str,
    limit: int,
) -> None:
    engine = sqlite_engine
    with engine.begin() as connection:
        clear(connection, (*MIRROR, *LEDGER, application.account, operations.sync_state))
        managers = [{"account_id": name, "stripe_customer_id": name} for name in ("cus_1", "cus_2")]
        rows = [
            row(application.account, observed_at=NOW, account_manager=f"of {each['account_id']}", **each)
            for each in managers
        ]
        upsert(connection, application.account, rows)
        store(connection, *lives)
        refresh(connection, None, NOW)
    known = frames.audiences(engine)
    chosen = tuple(known.loc[known["account_manager"] == f"of {whose}", "id"].astype(int)) if whose else None
    selection = Selection("usd", (month,), products, intervals, chosen)
    expected = figures(engine, month, selection)
    assert expected.keys() == EXPLAINED.keys()
    for name, figure in expected.items():
        found = told(engine, name, month, selection, limit=limit)
        assert same(found.figure, figure), name
        assert found.reasons["rows"].sum() == found.excluded["rows"].sum()


def test_figures_are_those_of_the_exports(engine: Engine) -> None:
    lives = (
        life(item(price(), 3)),
        life(item(price(20_00)), id="sub_2", customer_id="cus_2", start="2026-02-10"),
        life(item(price(5_00)), id="sub_3", customer_id="cus_3", status="canceled", ended="2026-03-20"),
    )
    with engine.begin() as connection:
        store(connection, *lives)
        refresh(connection, None, NOW)
    selection = Selection("usd", ("2026-03",))
    tables = {
        name: json.loads(export(engine, name, "json", NOW)) for name in ("rates", "month_end", "movements")
    }
    march = {name: [row for row in rows if row["month"] == "2026-03"] for name, rows in tables.items()}
    exported = {row["metric"]: row["value"] for row in march["rates"]}
    for name in EXPLAINED.keys() & exported.keys():
        figure = told(engine, name, "2026-03", selection).figure
        assert isinstance(figure, Rate)
        assert figure.number == (exported[name] if exported[name] is None else pytest.approx(exported[name]))
    (ends,) = march["month_end"]
    assert told(engine, "arr", "2026-03", selection).figure == ends["arr"]
    assert told(engine, "subscribers", "2026-03", selection).figure == ends["subscribers"]
    assert {row["kind"]: row["arr"] for row in march["movements"]} == {"churn": -60_00}
    assert told(engine, "churn", "2026-03", selection).figure == -60_00


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
    assert found.included["customer_name"].tolist() == ["Customers with the same MRR at both ends"]
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


def test_customers_of_another_audience_are_left_out_by_that_reason(company: Engine) -> None:
    chosen = Selection("usd", ("2026-04",), audiences=(999,))
    found = told(company, "arr", "2026-04", chosen)
    assert (found.figure, len(found.included)) == (0, 0)
    elsewhere = found.excluded[found.excluded["counted"]]
    assert set(elsewhere["reason"]) == {
        "Of another country, segment or account manager than those selected.",
        "In another currency: EUR.",
    }


@pytest.mark.parametrize("limit", [500, 0])
def test_what_does_not_count_says_what_it_would_be_worth(company: Engine, limit: int) -> None:
    rows = frames.behind_arr(company, "2026-04", NOW, limit=limit)
    trial = rows[rows["evidence"] == "trial"]
    assert trial["worth"].tolist() == [120_00]
    assert rows.loc[rows["counted"], "worth"].isna().all()
    assert rows.loc[rows["evidence"] == "metered", "worth"].isna().all()


def test_lifetime_value_names_who_left_in_each_month(company: Engine) -> None:
    found = told(company, "ltv", "2026-04", Selection("usd", ("2026-04",)))
    assert isinstance(found.figure, Rate)
    assert found.figure.reason == "customer churn is known for 2 of the six previous full months"
    lost = found.included[found.included["lost"].fillna(0) > 0]
    assert lost[["part", "customer_id"]].to_numpy().tolist() == [["2026-02", "cus_6"], ["2026-03", "cus_5"]]

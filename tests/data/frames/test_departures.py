"""Who left: those lost are those of the flow, whatever the filter; why, in which search they are found."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.metrics import churn
from dashboard.metrics.selection import Selection
from data import frames
from data.clock import month_of, months_between
from data.frames.departures import departed, departed_once, departures
from data.history import Life
from data.ledger import refresh
from data.tables import history, ledger, mirror, operations
from tests.data.frames.conftest import ACCOUNTS, Fill, account
from tests.data.lives import MIRROR, clear, day, item, life, price, row, store
from tests.data.strategies import FIRST, NOW, small_lives

LEDGER = [
    table
    for table in ledger.metadata.sorted_tables
    if table in [*vars(ledger).values(), *vars(history).values()]
]
MONTHS = months_between(month_of(FIRST), month_of(NOW))
some = st.none() | st.sampled_from([["prod_a"], ["prod_b"], ["prod_a", "prod_c"]])


def lost(frame: pd.DataFrame, *hows: str) -> dict[str, int]:
    """Customers by month of some hows."""
    chosen = frame[frame["how"].isin(hows)]
    return {str(month): int(count) for month, count in chosen.groupby("month")["customers"].sum().items()}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=small_lives(),
    products=some,
    intervals=st.none() | st.sampled_from([["1month"], ["1year", "1week"]]),
    currency=st.sampled_from(["usd", "eur"]),
)
def test_who_left_adds_up_to_the_flow(
    engine: Engine, lives: list[Life], products: Any, intervals: Any, currency: str
) -> None:
    with engine.begin() as connection:
        clear(connection, (*MIRROR, *LEDGER, operations.sync_state))
        store(connection, *lives)
        refresh(connection, None, NOW)
    narrowed = {"products": products, "intervals": intervals}
    selection = Selection(
        currency, tuple(MONTHS), *(None if given is None else frozenset(given) for given in narrowed.values())
    )
    flow = churn.flow(frames.month_end_subscribers(engine), frames.transitions(engine), selection)

    found = departures(engine, MONTHS, currencies=[currency], **narrowed)

    by_month = flow[flow["lost"] > 0].set_index("month")["lost"].to_dict()
    assert lost(found, "left", "other_currency") == by_month
    if selection.is_whole:
        inside = flow[flow["joined_and_left"] > 0].set_index("month")["joined_and_left"].to_dict()
        assert lost(found, "joined_and_left") == inside
    moved = selection.cells(frames.movements(engine))
    churned = -int(moved.loc[moved["kind"] == "churn", "delta_arr"].sum())
    assert int(found["churn"].sum()) == churned
    named = departed(engine, MONTHS, currencies=[currency], **narrowed)
    assert len(named) == int(found["customers"].sum())
    assert int(named["arr"].sum()) == int(found["arr"].sum())
    whole = departed_once(engine, MONTHS, currencies=[currency], **narrowed)
    assert whole["customers"].tolist() == [named["customer_id"].nunique()]


def ended(number: int, **why: Any) -> dict[str, Any]:
    """A canceled subscription of a customer, and why."""
    names = {name: f"cancellation_{name}" for name in ("reason", "feedback", "comment")}
    told = {names[name]: value for name, value in why.items()}
    about = {"id": f"sub_{number}", "customer_id": f"cus_{number}", "status": "canceled", "currency": "usd"}
    return about | {"start_at": day("2026-01-01"), "ended_at": day("2026-05-03T10:00")} | told


def gone(number: int, **more: Any) -> Life:
    """A subscription that ended on 3 May."""
    given = {"status": "canceled", "ended": "2026-05-03T10:00"} | more
    return life(item(price()), id=f"sub_{number}", customer_id=f"cus_{number}", **given)


def rows(frame: pd.DataFrame, *columns: str) -> list[list[Any]]:
    return frame[list(columns)].astype(object).where(frame[list(columns)].notna(), None).to_numpy().tolist()


def test_each_way_of_leaving_has_its_name(fill: Fill) -> None:
    engine = fill(
        gone(1),
        gone(2, start="2026-05-02"),
        gone(3),
        life(item(price()), id="sub_3b", customer_id="cus_3", start="2026-05-20"),
        gone(4),
        life(item(price(currency="eur")), id="sub_4b", customer_id="cus_4", currency="eur"),
        gone(5, start="2026-05-02"),
        life(
            item(price(product="prod_b")),
            id="sub_5b",
            customer_id="cus_5",
            status="canceled",
            ended="2026-05-02",
        ),
    )
    everything = departed(engine, ["2026-05"], currencies=["usd"])
    assert sorted(rows(everything, "customer_id", "how", "arr")) == [
        ["cus_1", "left", 120_00],
        ["cus_2", "joined_and_left", 120_00],
        ["cus_3", "came_back", 120_00],
        ["cus_4", "other_currency", 120_00],
        ["cus_5", "left", 120_00],
    ]
    chosen = departed(engine, ["2026-05"], products=["prod_a"], currencies=["usd"])
    assert rows(chosen[chosen["customer_id"] == "cus_5"], "how", "held") == [
        ["changed_plan", "prod_a:1month"]
    ]
    together = departed(engine, ["2026-05"])
    assert "other_currency" not in set(together["how"])
    assert departed(engine, []).empty


def test_why_and_how_long(fill: Fill) -> None:
    given = [
        ended(1, reason="payment_failed"),
        ended(2, reason="cancellation_requested", feedback="too_expensive", comment="100% of our budget"),
        ended(3),
    ]
    unpaid = life(item(price()), id="sub_4", customer_id="cus_4", status="unpaid", start="2026-01-01")
    engine = fill(gone(1), gone(2), gone(3), unpaid, rows={mirror.subscription: given})
    found = departures(engine, ["2026-05"], bounds=(100_00, 200_00))
    assert sorted(rows(found, "cohort", "size", "reason", "feedback", "customers", "arr"), key=str) == sorted(
        [
            ["2026-01", 1, "payment_failed", None, 1, 120_00],
            ["2026-01", 1, "cancellation_requested", "too_expensive", 1, 120_00],
            ["2026-01", 1, None, None, 1, 120_00],
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("search", "customers"),
    [
        ("too expensive", ["cus_2"]),
        ("100%", ["cus_2"]),
        ("OF CUS_1", ["cus_1"]),
        ("@example", ["cus_1", "cus_2"]),
        ("budget name", ["cus_2"]),
        ("%", ["cus_2"]),
        ("nothing", []),
    ],
)
def test_search(fill: Fill, search: str, customers: list[str]) -> None:
    why = ended(2, reason="cancellation_requested", feedback="too_expensive", comment="100% of our budget")
    engine = fill(gone(1), gone(2), rows={mirror.subscription: [ended(1), why]})
    assert departed(engine, ["2026-05"], search=search)["customer_id"].tolist() == customers


def test_audiences_narrow_who_is_listed(fill: Fill) -> None:
    engine = fill(gone(1), gone(2), rows={ACCOUNTS: [account("a", "cus_2", country="DE")]})
    audiences = frames.audiences(engine)
    german = [int(each) for each in audiences.loc[audiences["country"] == "DE", "id"]]
    assert departed(engine, ["2026-05"], audiences=german)["customer_id"].tolist() == ["cus_2"]
    assert int(departures(engine, ["2026-05"], audiences=german)["customers"].sum()) == 1
    assert departures(engine, ["2026-05"], audiences=[]).empty


def test_nothing_is_an_empty_frame_with_columns(engine: Engine) -> None:
    assert [*departures(engine, [])][:4] == ["month", "currency", "how", "cohort"]
    assert str(departed(engine, ["2026-05"])["arr"].dtype) == "Int64"
    assert row(mirror.product)["observed_at"] == day("2026-01-01")

"""Subscribers by size add up to the rollups; cohorts by name add up to theirs."""

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from data import frames
from data.clock import month_of
from data.frames.cohort_customers import cohort_customers
from data.frames.sizes import audience_sizes, subscribers_by_size
from data.history import Life
from data.ledger import refresh
from data.tables import mirror, operations
from tests.data.frames.conftest import ACCOUNTS, Fill, account
from tests.data.frames.test_departures import LEDGER
from tests.data.lives import MIRROR, clear, item, life, price, store
from tests.data.strategies import NOW, small_lives

UNTIL = month_of(NOW)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=small_lives())
def test_sizes_and_names_add_up_to_the_rollups(engine: Engine, lives: list[Life]) -> None:
    with engine.begin() as connection:
        clear(connection, (*MIRROR, *LEDGER, operations.sync_state))
        store(connection, *lives)
        refresh(connection, None, NOW)
    counted = frames.month_end_subscribers(engine).groupby(["month", "currency"])["subscribers"].sum()
    found = subscribers_by_size(engine, UNTIL).groupby(["month", "currency"])["subscribers"].sum()
    assert found.to_dict() == counted.to_dict()

    kept = frames.cohort_subscribers(engine)
    for cohort, month, currency in (
        kept[["cohort", "month", "currency"]].drop_duplicates().to_numpy().tolist()
    ):
        rows = kept[(kept["cohort"] == cohort) & (kept["month"] == month) & (kept["currency"] == currency)]
        named = cohort_customers(engine, cohort, month, currencies=[currency])
        assert int((named["arr"] > 0).sum()) == int(rows["subscribers"].sum())


def test_a_customer_changes_its_size(fill: Fill) -> None:
    engine = fill(
        life(item(price(10_00)), start="2026-02-10"),
        life(item(price(40_00)), id="sub_2", start="2026-04-02", status="canceled", ended="2026-05-03"),
        life(item(price(2_000_00)), id="sub_3", customer_id="cus_3", start="2026-05-02"),
        life(item(price(150_000, currency="kwd")), id="sub_4", customer_id="cus_4", currency="kwd"),
    )
    assert set(subscribers_by_size(engine, "2026-06", currencies=["kwd"])["size"]) == {1}
    frame = subscribers_by_size(engine, "2026-06", currencies=["usd"])
    assert frame[["month", "size", "subscribers"]].to_numpy().tolist() == [
        ["2026-02", 0, 1],
        ["2026-03", 0, 1],
        ["2026-04", 1, 1],
        ["2026-05", 0, 1],
        ["2026-05", 3, 1],
        ["2026-06", 0, 1],
        ["2026-06", 3, 1],
    ]
    assert subscribers_by_size(engine, "2026-06", currencies=["eur"]).empty


@pytest.mark.parametrize(("products", "arr"), [(None, 120_00), (["prod_a"], 120_00), (["prod_b"], None)])
def test_the_customers_of_a_cohort(fill: Fill, products: list[str] | None, arr: int | None) -> None:
    engine = fill(
        life(item(price(10_00)), start="2026-02-10"),
        life(item(price(10_00)), id="sub_2", customer_id="cus_2", start="2026-03-01"),
    )
    frame = cohort_customers(engine, "2026-02", "2026-06", products=products)
    assert frame[["customer_id", "arr_first", "arr"]].to_numpy().tolist() == (
        [] if arr is None else [["cus_1", arr, arr]]
    )


def test_audiences_by_their_subscribers(fill: Fill) -> None:
    engine = fill(
        life(item(price()), start="2026-02-10"),
        life(item(price()), id="sub_2", customer_id="cus_2"),
        rows={ACCOUNTS: [account("a", "cus_2", country="DE")], mirror.product: []},
    )
    sizes = audience_sizes(engine, "2026-06").merge(
        frames.audiences(engine), left_on="audience_id", right_on="id"
    )
    assert {
        str(country): count for country, count in zip(sizes["country"], sizes["subscribers"], strict=True)
    } == {
        "<NA>": 1,
        "DE": 1,
    }

"""What customers hold at an instant."""

from data import frames
from data.tables import mirror
from tests.data.frames.conftest import ACCOUNTS, Fill, account
from tests.data.lives import day, discount, item, life, percent, price


def small_company(fill: Fill) -> None:
    fill(
        life(item(price(20_00)), item(price(5_00, product="prod_b"), 1, "si_2")),
        life(item(price(99_00, "year")), id="sub_2", customer_id="cus_2", start="2026-02-01"),
        life(
            item(price(30_00, currency="eur")),
            id="sub_3",
            customer_id="cus_3",
            status="canceled",
            ended="2026-05-01",
        ),
        rows={
            mirror.product: [{"id": "prod_a", "name": "Professional"}],
            ACCOUNTS: [account("a", "cus_1", account_manager="Ada")],
        },
    )


def test_who_holds_what_largest_first(fill: Fill) -> None:
    engine = fill()
    small_company(fill)
    held = frames.customers_held(engine, day("2026-06-15"))
    assert held[["customer_id", "product_id", "interval", "arr"]].to_numpy().tolist() == [
        ["cus_1", "prod_a", "1month", 240_00],
        ["cus_2", "prod_a", "1year", 99_00],
        ["cus_1", "prod_b", "1month", 60_00],
    ]
    assert held.loc[0, "account_manager"] == "Ada"
    assert held["account_manager"].isna().tolist() == [False, True, False]
    assert held.loc[1, "name"] == "Name of cus_2"


def test_filters_and_limit(fill: Fill) -> None:
    engine = fill()
    small_company(fill)
    at = day("2026-04-01")
    assert len(frames.customers_held(engine, at)) == 4
    assert len(frames.customers_held(engine, at, limit=1)) == 1
    assert frames.customers_held(engine, at, products=["prod_b"])["customer_id"].tolist() == ["cus_1"]
    assert frames.customers_held(engine, at, intervals=["1year"])["customer_id"].tolist() == ["cus_2"]
    assert frames.customers_held(engine, at, currencies=["eur"])["customer_id"].tolist() == ["cus_3"]
    assert frames.customers_held(engine, at, currencies=[]).empty


def test_an_instant_has_its_own_figures(fill: Fill) -> None:
    reduced = life(item(price()), discounts=[discount(percent("25"), "2026-01-01", "2026-04-01")])
    engine = fill(reduced)
    for at, arr in (("2026-03-31T23:59", 90_00), ("2026-04-01", 120_00), ("2026-12-31", 120_00)):
        assert frames.arr_now(engine, day(at)).to_dict("records") == [
            {"currency": "usd", "arr": arr, "subscribers": 1}
        ]
    assert frames.arr_now(engine, day("2025-12-31")).empty


def test_plan_mix_and_customer_arr(fill: Fill) -> None:
    engine = fill()
    small_company(fill)
    at = day("2026-04-01")
    assert frames.plan_mix(engine, at).to_numpy().tolist() == [
        ["Professional", "1month", "eur", 1, 360_00],
        ["Professional", "1month", "usd", 1, 240_00],
        ["Professional", "1year", "usd", 1, 99_00],
        ["prod_b", "1month", "usd", 1, 60_00],
    ]
    assert frames.customer_arr(engine, at).to_numpy().tolist() == [
        ["cus_1", "usd", 300_00],
        ["cus_2", "usd", 99_00],
        ["cus_3", "eur", 360_00],
    ]

"""Plan mix: sums that stay exact, customers counted once, comparisons that lose no row."""

import pandas as pd
import pytest

from dashboard.metrics import plan_mix, plans
from dashboard.metrics.selection import Selection

PRODUCTS = pd.DataFrame(
    {
        "product_id": ["prod_free", "prod_pro", "prod_pro_2024", "prod_biz", "prod_sso"],
        "name": ["Free", "Professional", "Professional (2024)", "Business", "Single sign-on"],
        "plan": ["Free", "Professional", "Professional", "Business", "Single sign-on"],
        "kind": ["plan", "plan", "plan", "plan", "addon"],
        "rank": pd.array([0, 1, 1, 2, None], dtype="Int64"),
        "colour_index": [0, 1, 1, 2, 3],
    }
)
BALANCES = [
    ("2026-10", "usd", "prod_pro", "1month", 12_000),
    ("2026-10", "usd", "prod_biz", "1year", 60_000),
    ("2026-11", "usd", "prod_pro", "1month", 24_000),
    ("2026-11", "usd", "prod_pro_2024", "1month", 6_000),
    ("2026-11", "usd", "prod_sso", "1month", 1_200),
    ("2026-11", "usd", "prod_gone", "1year", 600),
    ("2026-11", "eur", "prod_pro", "1month", 999),
]
HOLDINGS = [
    ("2026-10", "usd", "prod_pro:1month", 1),
    ("2026-10", "usd", "prod_biz:1year", 1),
    ("2026-11", "usd", "prod_pro:1month|prod_pro_2024:1month", 1),
    ("2026-11", "usd", "prod_pro:1month|prod_sso:1month", 1),
    ("2026-11", "usd", "prod_gone:1year", 1),
    ("2026-11", "eur", "prod_pro:1month", 4),
]
MONTHS = ("2026-10", "2026-11")
WHOLE = Selection("usd", MONTHS)


@pytest.fixture
def balances() -> pd.DataFrame:
    frame = pd.DataFrame(BALANCES, columns=["month", "currency", "product_id", "interval", "arr"])
    return frame.convert_dtypes()


@pytest.fixture
def holdings() -> pd.DataFrame:
    frame = pd.DataFrame(HOLDINGS, columns=["month", "currency", "portfolio", "subscribers"])
    return frame.convert_dtypes()


def test_totals_of_one_currency(balances: pd.DataFrame, holdings: pd.DataFrame) -> None:
    assert plan_mix.run_rate(balances, WHOLE, "2026-11") == 31_800
    assert plan_mix.subscribers(holdings, WHOLE, "2026-11") == 3
    assert plan_mix.arr_per_subscriber(balances, holdings, WHOLE, "2026-11") == 10_600
    assert plan_mix.arr_per_subscriber(balances, holdings, WHOLE, "2020-01") is None
    assert plan_mix.yearly_share(balances, WHOLE, "2026-10") == pytest.approx(60 / 72)
    assert plan_mix.yearly_share(balances, WHOLE, "2020-01") is None


def test_a_customer_of_two_products_of_a_plan_is_one_customer(
    balances: pd.DataFrame, holdings: pd.DataFrame
) -> None:
    told = plan_mix.by_plan(balances, holdings, PRODUCTS, WHOLE, "2026-11")
    assert told["plan"].tolist() == ["Professional", "Single sign-on", "prod_gone"]
    assert told["customers"].tolist() == [2, 1, 1]
    assert told["arr"].tolist() == [30_000, 1_200, 600]
    assert told["share"].sum() == pytest.approx(1)


def test_mix_by_plan_and_interval(balances: pd.DataFrame, holdings: pd.DataFrame) -> None:
    cells = plan_mix.mix(balances, holdings, PRODUCTS, WHOLE.only(intervals=["1month"]), "2026-11")
    assert cells[["plan", "interval", "customers", "arr"]].to_numpy().tolist() == [
        ["Professional", "1month", 2, 30_000],
        ["Single sign-on", "1month", 1, 1_200],
    ]


def test_comparing_keeps_what_came_and_what_went(balances: pd.DataFrame, holdings: pd.DataFrame) -> None:
    now, before = (
        plan_mix.by_plan(balances, holdings, PRODUCTS, WHOLE, month) for month in ("2026-11", "2026-10")
    )
    told = plan_mix.compare(now, before, ["plan"]).set_index("plan")
    assert told.loc["Business", ["customers", "customers_change", "arr", "arr_change"]].tolist() == [
        0,
        -1,
        0,
        -60_000,
    ]
    assert told.loc["Professional", "arr_change"] == 18_000
    assert told["arr_change"].sum() == 31_800 - 72_000
    assert told["share_change"].sum() == pytest.approx(0)


def test_over_time_has_every_month_of_every_plan(balances: pd.DataFrame, holdings: pd.DataFrame) -> None:
    told = plan_mix.over_time(balances, holdings, PRODUCTS, WHOLE)
    assert told["plan"].drop_duplicates().tolist() == [
        "Professional",
        "Business",
        "Single sign-on",
        "prod_gone",
    ]
    assert (told.groupby("plan")["month"].apply(tuple) == MONTHS).all()
    assert told.groupby("month")["arr"].sum().to_dict() == {"2026-10": 72_000, "2026-11": 31_800}
    assert plan_mix.over_time(balances, holdings, PRODUCTS, Selection("gbp", MONTHS)).empty


def test_currencies_stay_apart(balances: pd.DataFrame, holdings: pd.DataFrame) -> None:
    told = plan_mix.by_currency(balances, holdings, "2026-11")
    assert told.to_numpy().tolist() == [["usd", 3, 31_800], ["eur", 4, 999]]


def test_capacity_that_is_not_known_stays_a_gap() -> None:
    accounts = pd.DataFrame(
        {
            "plan": ["Business", "free", None],
            "accounts": [2, 7, 1],
            "capacity": pd.array([100, None, 0], dtype="Int64"),
            "used": pd.array([60, 3, 0], dtype="Int64"),
        }
    )
    told = plan_mix.capacity(accounts)
    assert told["share_used"].tolist() == [0.6, pd.NA, pd.NA]
    assert plan_mix.free_accounts(accounts) == 7
    assert plan_mix.free_accounts(accounts.head(1)) == 0
    assert plan_mix.free_accounts(accounts.head(0)) is None
    assert plan_mix.is_free(accounts).tolist() == [False, True, False]


def test_a_plan_is_its_products_in_any_case_and_order() -> None:
    assert plans.products_of(PRODUCTS, ["Professional"]) == {"prod_pro", "prod_pro_2024"}
    assert plans.products_of(PRODUCTS, ["prod_gone"]) == {"prod_gone"}
    assert plans.order(PRODUCTS, {"prod_sso", "prod_biz", "prod_x"}) == [
        "Business",
        "Single sign-on",
        "prod_x",
    ]
    assert plans.colours(PRODUCTS)["Professional"] == 1
    assert plans.by_any_case({"Business": 2}, ["business", "other"]) == {"business": 2}


def test_without_any_product_a_plan_goes_by_its_id(balances: pd.DataFrame) -> None:
    plain = plans.with_plan(balances, PRODUCTS.iloc[:0].convert_dtypes())
    assert plain["plan"].tolist() == balances["product_id"].tolist()

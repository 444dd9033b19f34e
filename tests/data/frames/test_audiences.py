"""Audiences: whose figures, by what is known of customers today."""

from sqlalchemy import Engine

from data import frames
from data.database import upsert
from data.ledger import follow_accounts
from data.tables import mirror
from tests.data.frames.conftest import ACCOUNTS, Fill, account
from tests.data.lives import day, item, life, price, row

COUNTS = (
    "month_end_subscribers",
    "movement_customers",
    "transitions",
    "subscriber_flow",
    "cohort_subscribers",
)


def company(fill: Fill) -> Engine:
    """Ann has cus_1 with two currencies, Ben cus_2, who left in March; of cus_3 Stripe knows the country."""
    return fill(
        life(item(price())),
        life(item(price(currency="eur"), 2), id="sub_2", start="2026-02-10"),
        life(item(price()), id="sub_3", customer_id="cus_2", status="canceled", ended="2026-03-05"),
        life(item(price(interval="year")), id="sub_4", customer_id="cus_3"),
        rows={
            mirror.customer: [{"id": "cus_3", "country": "FR"}, {"id": "cus_1", "country": "AT"}],
            ACCOUNTS: [
                account("a", "cus_1", account_manager="Ann", country="DE", segment="Enterprise"),
                account("b", "cus_2", account_manager="Ben"),
                account("c", "cus_2", account_manager="Zoe", segment=""),
            ],
        },
    )


def ids(engine: Engine, **known: str) -> tuple[int, ...]:
    """The audiences with these attributes."""
    found = frames.audiences(engine)
    for name, value in known.items():
        found = found[found[name] == value]
    return tuple(found["id"].tolist())


def test_the_accounts_say_it_and_stripe_where_they_do_not(fill: Fill) -> None:
    found = frames.audiences(company(fill)).drop(columns="id").fillna("not known")
    assert sorted(found.to_numpy().tolist()) == [
        ["DE", "Enterprise", "Ann"],
        ["FR", "not known", "not known"],
        ["not known", "not known", "Ben"],
    ]


def test_audiences_add_up_to_everybody(fill: Fill) -> None:
    engine = company(fill)
    everyone = tuple(frames.audiences(engine)["id"].tolist())
    for name in (*COUNTS, "month_end", "movements", "cohort_month_end", "churned", "customers_held"):
        frame = getattr(frames, name)
        given = {"at": day("2026-02-15")} if name == "customers_held" else {}
        whole = frame(engine, **given)
        assert len(whole)
        assert frame(engine, audiences=everyone, **given).equals(whole)
        assert frame(engine, audiences=(), **given).empty


def test_each_audience_has_its_own_figures(fill: Fill) -> None:
    engine = company(fill)
    ends = frames.month_end(engine, audiences=ids(engine, account_manager="Ann"))
    assert ends[ends["month"] == "2026-06"][["currency", "arr"]].to_numpy().tolist() == [
        ["eur", 240_00],
        ["usd", 120_00],
    ]
    flow = frames.subscriber_flow(engine, ids(engine, account_manager="Ben"))
    assert flow["lost"].tolist() == [0, 0, 1, 0, 0, 0]
    assert frames.churned(engine, audiences=ids(engine, country="FR")).empty
    kept = frames.retention(engine, "2026-06", ids(engine, account_manager="Ben"))
    assert kept[kept["span"] == 1][["month", "customers", "lost"]].to_numpy().tolist() == [
        ["2026-02", 1, 0],
        ["2026-03", 1, 1],
    ]


def test_over_all_currencies_a_customer_counts_once(fill: Fill) -> None:
    engine = company(fill)
    held = frames.month_end_subscribers(engine, together=True)
    assert held[held["month"] == "2026-06"][["currency", "portfolio", "subscribers"]].to_numpy().tolist() == [
        ["", "prod_a:1month", 1],
        ["", "prod_a:1year", 1],
    ]
    flow = frames.subscriber_flow(engine, together=True).set_index("month")
    assert flow["won_back"].sum() == 0
    assert flow["end"].tolist() == [3, 3, 2, 2, 2, 2]
    moved = frames.movement_customers(engine, together=True)
    assert moved[moved["month"] == "2026-02"]["kind"].tolist() == ["expansion"]


def test_a_customer_takes_the_past_to_the_new_account_manager(fill: Fill) -> None:
    engine = company(fill)
    before = frames.month_end(engine)
    with engine.begin() as connection:
        upsert(connection, ACCOUNTS, [row(ACCOUNTS, **account("a", "cus_1", account_manager="Ben"))])
        follow_accounts(connection)
    assert ids(engine, account_manager="Ann") == ()
    with_country = frames.audiences(engine).query("account_manager == 'Ben' and country == 'AT'")
    moved = frames.month_end(engine, audiences=with_country["id"].tolist())
    assert moved["month"].min() == "2026-01"
    assert moved[moved["month"] == "2026-06"]["arr"].sum() == 360_00
    assert frames.month_end(engine).equals(before)

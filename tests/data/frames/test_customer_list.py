"""The list of customers, on both databases: who stands how, narrowed, sorted and walked page by page."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from data import audiences, customer_standing, frames
from data.tables import mirror
from data.tables.customers import customer_standing as standing
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.lives import day, discount, item, life, percent, price

NOW = day("2026-06-15")
HALF = discount(percent("50"), "2026-01-01", "2026-07-01")
YEARLY = price(240_00, "year", product="prod_b")


@pytest.fixture
def company(fill: Fill) -> Engine:
    """Seven customers, one for each way to stand that matters, and a Free account."""
    held = life(item(price(20_00), 3), id="sub_1", customer_id="cus_1")
    engine = fill(
        held,
        life(item(YEARLY), id="sub_2", customer_id="cus_2"),
        life(item(price(30_00, currency="eur")), id="sub_3", customer_id="cus_3", currency="eur"),
        life(item(price(30_00)), id="sub_4", customer_id="cus_4", status="past_due"),
        life(item(price(30_00)), id="sub_5", customer_id="cus_5", status="canceled", ended="2026-05-01"),
        life(item(price(9_00)), id="sub_6", customer_id="cus_6", discounts=[HALF]),
        rows={
            mirror.customer: [
                {"id": f"cus_{at}", "name": name, "country": "DE", "created_at": day(f"2026-01-0{at}")}
                for at, name in enumerate(("beta", "Alpha", "Ámbar", "delta", "Echo", "fox", "Gone"), 1)
            ],
            ACCOUNTS: [
                account("acc_1", "cus_1", segment="SMB", account_manager="Ada", capacity=10),
                account("free", plan="Free", segment="SMB", created_at=day("2026-02-01")) | {"name": "Amber"},
            ],
            USE: [use("acc_1", "2026-06-01", 4)],
        },
    )  # fmt: skip
    with engine.begin() as connection:
        ends = {"sub_1": "2026-07-01", "sub_2": "2027-01-01", "sub_3": "2026-06-20", "sub_4": "2026-06-18"}
        for key, until in ends.items():
            mine = mirror.subscription_item.c.subscription_id == key
            connection.execute(
                update(mirror.subscription_item).where(mine).values(current_period_end=day(until))
            )
        gone = mirror.customer.c.id == "cus_7"
        connection.execute(update(mirror.customer).where(gone).values(deleted_at=NOW))
        audiences.assign(connection, None)
        customer_standing.refresh(connection, None, NOW)
        customer_standing.refresh_accounts(connection)
    return engine


def listed(engine: Engine, **asked: Any) -> list[str]:
    """The ids of a page."""
    return list(frames.customer_page(engine, NOW, **asked)["id"])


CASES: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({}, ["cus_2", "cus_3", "free", "cus_1", "cus_4", "cus_5", "cus_6"]),
    ({"sort": "newest"}, ["free", "cus_6", "cus_5", "cus_4", "cus_3", "cus_2", "cus_1"]),
    ({"sort": "renewal"}, ["cus_4", "cus_3", "cus_1", "cus_2"]),
    ({"sort": "arr", "currency": "usd"}, ["cus_1", "cus_4", "cus_2", "cus_6"]),
    ({"states": ["past_due", "former"]}, ["cus_4", "cus_5"]),
    ({"states": ["account"]}, ["free"]),
    ({"states": ["never"]}, []),
    ({"currency": "eur"}, ["cus_3"]),
    ({"products": ["prod_b"]}, ["cus_2"]),
    ({"products": ["prod_a"], "plans": ["free"]}, ["cus_3", "free", "cus_1", "cus_4", "cus_6"]),
    ({"products": ["prod_a"], "states": ["active"]}, ["cus_3", "cus_1", "cus_6"]),
    ({"products": []}, []),
    ({"intervals": ["1year"]}, ["cus_2"]),
    ({"segments": ["SMB"]}, ["free", "cus_1"]),
    ({"segments": ["SMB"], "states": ["active", "account"]}, ["free", "cus_1"]),
    ({"segments": [""], "countries": ["DE"], "intervals": ["1year"]}, ["cus_2"]),
    ({"account_managers": ["Ada"]}, ["cus_1"]),
    ({"renews_until": day("2026-06-30")}, ["cus_3", "cus_4"]),
    ({"among": ["cus_4", "free"]}, ["free", "cus_4"]),
)


@pytest.mark.parametrize("few", [0, 2_000])
def test_who_is_listed(company: Engine, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr("data.frames.customer_list.FEW", few)  # looked up, and asked along the walk
    for asked, found in CASES:
        assert listed(company, **asked) == found, asked


def test_pages_follow_one_another(company: Engine) -> None:
    for asked in (
        {"sort": "name"},
        {"sort": "newest"},
        {"sort": "renewal"},
        {"sort": "arr", "currency": "usd"},
    ):
        walked: list[str] = []
        after = ""
        while len(rows := frames.customer_page(company, NOW, after=after, limit=2, **asked)):
            walked += list(rows["id"])
            after = str(rows["place"].iloc[-1])
        assert walked == listed(company, **asked)
        assert listed(company, after="nonsense", **asked) == walked


def test_what_a_row_says(company: Engine) -> None:
    rows = frames.customer_page(company, NOW).set_index("id")
    names = ["segment", "account_manager", "product_ids", "intervals", "arr", "capacity", "used"]
    assert list(rows.loc["cus_1", names]) == ["SMB", "Ada", "prod_a", "1month", 720_00, 10, 4]
    assert list(rows.loc["free", ["name", "plan", "state"]]) == ["Amber", "Free", "account"]
    assert list(rows["state"]) == ["active", "active", "account", "active", "past_due", "former", "active"]


def test_increments_give_what_a_rebuild_gives(company: Engine) -> None:
    """A change that was synced, one that only time brought, and a customer who is gone."""
    later = day("2026-08-01")
    with company.begin() as connection:
        leaving = mirror.subscription.c.id == "sub_2"
        connection.execute(update(mirror.subscription).where(leaving).values(cancel_at=day("2027-01-01")))
        connection.execute(
            update(mirror.customer).where(mirror.customer.c.id == "cus_3").values(deleted_at=NOW)
        )
        increment = _refreshed(connection, ["cus_2", "cus_3"], later)
        assert {row.id: row.arr for row in increment}["cus_6"] == 108_00  # its discount has ended
        assert _refreshed(connection, None, later) == increment
    assert {row.id: row.state for row in increment}["cus_2"] == "leaving"
    assert "cus_3" not in {row.id for row in increment}


def _refreshed(connection: Connection, customers: Collection[str] | None, at: datetime) -> list[Any]:
    customer_standing.refresh(connection, customers, at)
    return list(connection.execute(select(standing).order_by(standing.c.kind, standing.c.id)))


def test_a_database_from_before_is_filled_once(company: Engine) -> None:
    with company.begin() as connection:
        connection.execute(standing.delete())
    customer_standing.build_missing(company)
    assert listed(company) == []
    with company.begin() as connection:
        connection.exec_driver_sql(f"delete from sync_state where name = '{customer_standing.BUILT}'")
    customer_standing.build_missing(company)
    assert len(listed(company)) == 7

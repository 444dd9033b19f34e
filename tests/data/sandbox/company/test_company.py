"""The company's database matches the sandbox account, is read by the default mapping, and is believable."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, select

from data.application import ApplicationMapping, check_mapping, copy
from data.database import open_engine
from data.sandbox.company import Company, build
from data.sandbox.company.workspaces import Holding, holding, plans_by_product, workspaces_of
from data.sandbox.store import Store
from data.tables.application import account as account_table
from tests.data.sandbox.company.accounts import NOW, account, rows, subscribe

NOW_INSTANT = datetime.fromtimestamp(NOW, UTC)
WHOLE = "select * from workspaces left join workspace_billing using (workspace_id) order by workspace_id"
USE = "select * from seat_usage order by workspace_id, usage_date"
MATCHED = "select billing_ref, tier, seats_purchased, w.workspace_id, country_code, title from workspaces w"
MATCHED += " join workspace_billing b on b.workspace_id = w.workspace_id where billing_ref is not null"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Where the company's SQLite database is to be."""
    return f"sqlite:///{tmp_path / 'company.db'}"


def disagreeing(company: Company) -> set[str]:
    """The workspaces in any disagreement."""
    return {identity for kind in company.disagreements.values() for identity in kind}


def test_the_default_mapping_reads_it(engine: Engine, database_url: str, tmp_path: Path) -> None:
    own = database_url if database_url.startswith("postgresql") else f"sqlite:///{tmp_path / 'company.db'}"
    with account(30) as store:
        company = build(store, own)
    source = open_engine(own, read_only=True)
    check_mapping(source, ApplicationMapping())
    copied = copy(engine, source, ApplicationMapping(), NOW_INSTANT)
    source.dispose()
    assert (copied.accounts, copied.use) == (company.accounts, company.use)
    with engine.connect() as connection:
        found = connection.execute(select(account_table.c.created_at, account_table.c.plan)).all()
    assert {row.created_at.tzinfo for row in found} == {UTC}
    assert {row.plan for row in found} == {"Free", "Professional", "Business", "Enterprise"}


def test_the_same_seed_gives_the_same_database(url: str) -> None:
    with account(20) as store:
        first, second = build(store, url), (rows(url, WHOLE), rows(url, USE))
        again = build(store, url)
        assert (again, (rows(url, WHOLE), rows(url, USE))) == (first, second)
        build(store, url, seed=8)
        assert rows(url, USE) != second[1]


def test_the_reference_account_has_its_company(reference_store: Store, url: str) -> None:
    company = build(reference_store, url)
    customers = {obj["id"]: obj for obj in reference_store.all("customers")}
    matched = rows(url, MATCHED)
    known = [row for row in matched if row["billing_ref"] in customers]
    unlinked = len(company.disagreements["not_linked"])
    assert len({row["billing_ref"] for row in known}) == len(customers) - unlinked
    assert all(row["title"].startswith(customers[row["billing_ref"]]["name"] or "") for row in known)
    never = rows(url, WHOLE)
    free = [row for row in never if row["tier"] == "Free" and row["billing_ref"] is None]
    assert len(free) == pytest.approx(len(customers), rel=0.05)
    assert len(company.disagreements["duplicate_account"]) == 2


def test_seats_are_the_subscriptions_quantities(reference_store: Store, url: str) -> None:
    company = build(reference_store, url)
    professional = {
        obj["id"] for obj in reference_store.all("products") if obj["name"].startswith("Professional")
    } - {obj["id"] for obj in reference_store.all("products") if "services" in obj["name"]}
    bought: Counter[str] = Counter()
    for obj in reference_store.all("subscriptions"):
        if obj["status"] in ("active", "past_due", "trialing", "unpaid", "paused"):
            for item in obj["items"]["data"]:
                if item["price"]["product"] in professional:
                    bought[obj["customer"]] += item["quantity"]
    checked = [
        (row["seats_purchased"], bought[row["billing_ref"]])
        for row in rows(url, MATCHED)
        if row["tier"] == "Professional" and row["workspace_id"] not in disagreeing(company)
    ]
    assert len(checked) > 30
    assert all(seats == quantity for seats, quantity in checked)


def test_use_covers_120_days_and_is_uneven(reference_store: Store, url: str) -> None:
    build(reference_store, url)
    days = {date.fromisoformat(str(row["usage_date"])) for row in rows(url, USE)}
    assert (min(days), max(days), len(days)) == (date(2026, 7, 24), date(2026, 11, 20), 120)
    latest = rows(
        url,
        "select 1.0 * seats_active / seats_purchased as share from seat_usage u join workspace_billing b "
        "on b.workspace_id = u.workspace_id where usage_date = '2026-11-20' and tier <> 'Free'",
    )
    shares = [row["share"] for row in latest]
    assert 0.05 < sum(share > 1 for share in shares) / len(shares) < 0.25
    assert 0.1 < sum(share < 0.4 for share in shares) / len(shares) < 0.35


def test_accounts_are_looked_after_by_teams(reference_store: Store, url: str) -> None:
    build(reference_store, url)
    teams = {row["success_team"] for row in rows(url, WHOLE)}
    assert teams == {
        None,
        "Customer success desk",
        "Enterprise team North",
        "Enterprise team South",
        "Mid-market team East",
        "Mid-market team West",
    }
    assert {row["size_band"] for row in rows(url, WHOLE)} == {"Small business", "Mid-market", "Enterprise"}
    assert all(row["admin_contact"].split("-")[1].startswith("admin@") for row in rows(url, WHOLE))


def test_the_highest_plan_counts_and_add_ons_do_not() -> None:
    with account(0) as store:
        subscribe(store, "cus_a", "Professional", quantity=9)
        subscribe(store, "cus_a", "Enterprise", quantity=40)
        subscribe(store, "cus_b", "Onboarding", quantity=3)
        plans = plans_by_product(store)
        held = [
            holding(store.where("subscriptions", "customer", owner), plans) for owner in ("cus_a", "cus_b")
        ]
    assert held == [Holding("Enterprise", 3, 40), Holding("Free", 0, 0)]


def test_a_contract_says_its_seats_and_a_customer_its_account() -> None:
    with account(0) as store:
        subscribe(store, "cus_a", "Business")
        obj = store.get("subscriptions", "sub_0") or {}
        store.put("subscriptions", obj | {"metadata": {"capacity": "80"}})
        for identity, said in {"cus_a": "acc_1", "cus_b": "acc_2", "cus_c": "acc_2"}.items():
            subscribe(store, identity, "Free")
            customer = store.get("customers", identity) or {}
            store.put("customers", customer | {"metadata": {"account_id": said}})
        found = workspaces_of(store, Random(1))
    assert [(each.workspace_id, each.tier, each.seats_purchased) for each in found] == [
        ("acc_1", "Business", 80),
        ("ws_000002", "Free", 5),
        ("ws_000003", "Free", 5),
    ]


def test_an_empty_account_has_an_empty_company(url: str) -> None:
    with account(0) as store:
        assert build(store, url).accounts == 0
    assert rows(url, WHOLE) == []


def test_hostile_and_absent_names_are_kept_harmless(url: str) -> None:
    with account(0) as store:
        for identity, name in {"cus_1": None, "cus_2": "株式会社", "cus_3": "'; drop table x; --"}.items():
            subscribe(store, identity, "Business")
            obj = store.get("customers", identity) or {}
            store.put("customers", obj | {"name": name, "email": None})
        build(store, url)
    found = {row["title"]: row["admin_contact"] for row in rows(url, WHOLE) if row["title"][-1] != ")"}
    assert {"cus_1", "株式会社", "'; drop table x; --"} <= set(found)
    assert found["'; drop table x; --"] == "workspace-admin@drop-table-x.example"
    assert found["株式会社"] == "workspace-admin@workspace-2.example"

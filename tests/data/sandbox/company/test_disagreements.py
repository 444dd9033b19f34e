"""Each disagreement with Stripe is really one, and there is none besides."""

from pathlib import Path
from typing import Any

import pytest

from data.sandbox.company import Company, build
from data.sandbox.company.workspaces import holding, plans_by_product
from data.sandbox.store import Store
from tests.data.sandbox.company.accounts import account, rows

ALL = "select * from workspaces join workspace_billing using (workspace_id) order by workspace_id"
COUNTS = {
    "plan_differs": 3,
    "capacity_differs": 4,
    "not_linked": 2,
    "canceled_still_paid": 2,
    "unknown_customer": 2,
    "deleted_still_used": 2,
    "duplicate_account": 2,
}


class Made:
    """A company made from 60 customers, two of whom are then deleted at Stripe."""

    def __init__(self, store: Store, url: str) -> None:
        for identity in ("cus_6", "cus_13"):
            store.delete("customers", identity)
        self.store = store
        self.company: Company = build(store, url)
        self.accounts = {row["workspace_id"]: row for row in rows(url, ALL)}
        self.used = {row["workspace_id"] for row in rows(url, "select distinct workspace_id from seat_usage")}
        self.plans = plans_by_product(store)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The accounts of a disagreement."""
        return [self.accounts[identity] for identity in self.company.disagreements[kind]]

    def held(self, account: dict[str, Any]) -> tuple[str, int]:
        """Plan and seats that Stripe says."""
        found = holding(self.store.where("subscriptions", "customer", account["billing_ref"]), self.plans)
        return found.tier, found.seats


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """The company and what Stripe says."""
    with account(60) as store:
        yield Made(store, f"sqlite:///{tmp_path / 'company.db'}")


def test_each_kind_is_there_as_often_as_documented(made: Made) -> None:
    assert {kind: len(found) for kind, found in made.company.disagreements.items()} == COUNTS
    named = [identity for found in made.company.disagreements.values() for identity in found]
    assert len(named) == len(set(named)) == sum(COUNTS.values())


def test_plans_and_seats_differ_where_they_are_said_to(made: Made) -> None:
    assert all(row["tier"] != made.held(row)[0] != "Free" for row in made.of("plan_differs"))
    assert all(row["tier"] == made.held(row)[0] for row in made.of("capacity_differs"))
    assert all(row["seats_purchased"] != made.held(row)[1] for row in made.of("capacity_differs"))


def test_customers_that_are_not_linked_unknown_or_deleted(made: Made) -> None:
    assert all((row["billing_ref"], row["tier"] == "Free") == (None, False) for row in made.of("not_linked"))
    assert all(
        made.store.where("subscriptions", "customer", r["billing_ref"]) == []
        for r in made.of("unknown_customer")
    )
    assert all(row["tier"] != "Free" for row in made.of("unknown_customer"))
    deleted = made.of("deleted_still_used")
    assert {row["billing_ref"] for row in deleted} == {"cus_6", "cus_13"}
    assert {row["workspace_id"] for row in deleted} <= made.used


def test_customers_that_left_or_are_there_twice(made: Made) -> None:
    left = made.of("canceled_still_paid")
    assert all((made.held(row)[0], row["tier"]) == ("Free", "Professional") for row in left)
    assert {row["workspace_id"] for row in left} <= made.used
    twice = {row["billing_ref"] for row in made.of("duplicate_account")}
    refs = [row["billing_ref"] for row in made.accounts.values()]
    assert all(refs.count(ref) == 2 for ref in twice)


def test_everything_else_agrees(made: Made) -> None:
    named = {identity for found in made.company.disagreements.values() for identity in found}
    for identity, row in made.accounts.items():
        if identity in named or row["billing_ref"] is None:
            continue
        tier, seats = made.held(row)
        assert row["tier"] == tier
        if tier == "Professional":
            assert row["seats_purchased"] == seats

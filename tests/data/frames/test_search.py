"""Finding people, on both databases."""

from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from data import frames, search
from data.tables import application, mirror
from data.tables.search import search_term
from tests.data.lives import day, row

NOW = day("2026-06-01")


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Three customers, an account of one of them, and an account that pays nothing."""
    names = {"cus_1": "Northwind Traders", "cus_2": "Søren Œuvre Ltd", "cus_3": "Contoso"}
    with engine.begin() as connection:
        people = [_customer(key, name, f"pay@{key[-1]}.contoso.example") for key, name in names.items()]
        connection.execute(insert(mirror.customer), people)
        invoice = {"id": "in_1", "number": "NW-0007", "customer_id": "cus_1", "created_at": NOW}
        connection.execute(insert(mirror.invoice), [row(mirror.invoice, **invoice)])
        card = {"id": "pm_1", "customer_id": "cus_3", "card_last4": "4242"}
        connection.execute(insert(mirror.payment_method), [row(mirror.payment_method, **card)])
        connection.execute(insert(application.account), [_account("acc_1", "Nordwind", "cus_1")])
        connection.execute(insert(application.account), [_account("acc_2", "Free Spirits", None)])
        search.refresh_customers(connection, None)
        search.refresh_accounts(connection)
    return engine


def _customer(key: str, name: str, email: str) -> dict[str, Any]:
    return row(mirror.customer, id=key, name=name, email=email, created_at=NOW)


def _account(key: str, name: str, customer: str | None) -> dict[str, Any]:
    given = {"account_id": key, "name": name, "owner": f"{key}@inbox.example", "stripe_customer_id": customer}
    return row(application.account, **given)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("north", ["cus_1"]),
        ("NORTHWIND", ["cus_1"]),
        ("traders nor", ["cus_1"]),
        ("nortwind", ["cus_1"]),
        ("tradesr northwind", ["cus_1"]),
        ("nordw", ["cus_1"]),
        ("soren", ["cus_2"]),  # ø is a letter of its own: one letter wrong
        ("søren", ["cus_2"]),
        ("contoso", ["cus_3", "cus_1", "cus_2"]),
        ("pay@2", ["cus_2"]),
        ("cus_3", ["cus_3"]),
        ("in_1", ["cus_1"]),
        ("nw-0007", ["cus_1"]),
        ("4242", ["cus_3"]),
        ("acc_2", ["acc_2"]),
        ("free sp", ["acc_2"]),
        ("acc_1@inbox", ["cus_1"]),
        ("nobody at all", []),
        ("   ", []),
        ("%' or 1=1 --", []),
        ("\0", []),
        ("x" * 10_000, []),
    ],
)
def test_what_is_typed_and_who_is_found(company: Engine, typed: str, found: list[str]) -> None:
    assert frames.find(company, typed)["id"].tolist() == found


def test_a_row_says_who_and_by_what(company: Engine) -> None:
    (only,) = frames.find(company, "nw-0007").to_dict("records")
    assert only == {
        "kind": "customer",
        "id": "cus_1",
        "customer_id": "cus_1",
        "name": "Northwind Traders",
        "email": "pay@1.contoso.example",
        "matched": "Invoice number",
    }
    (free,) = frames.find(company, "spirits").to_dict("records")
    assert (free["kind"], free["name"]) == ("account", "Free Spirits")


def test_at_most_so_many(company: Engine) -> None:
    assert len(frames.find(company, "contoso", limit=2)) == 2


def test_what_was_there_before_the_index_is_found_too(engine: Engine) -> None:
    with engine.begin() as connection:
        people = [_customer(f"cus_{number}", f"Person {number}", "") for number in (1, 2)]
        connection.execute(insert(mirror.customer), people)
        search.refresh_customers(connection, {"cus_2"})
    assert frames.find(engine, "person")["id"].tolist() == ["cus_1", "cus_2"]


def test_a_new_name_takes_the_place_of_the_old(company: Engine) -> None:
    with company.begin() as connection:
        before = connection.scalar(select(func.count()).select_from(search_term))
        search.refresh_customers(connection, None)
        assert connection.scalar(select(func.count()).select_from(search_term)) == before
        connection.execute(
            update(mirror.customer).where(mirror.customer.c.id == "cus_1").values(name="Tailspin")
        )
        connection.execute(update(application.account).values(deleted_at=NOW))
        search.refresh_customers(connection, {"cus_1", "cus_unknown"})
        search.refresh_accounts(connection)
    assert frames.find(company, "tailsp")["id"].tolist() == ["cus_1"]
    assert frames.find(company, "northwind").empty
    assert frames.find(company, "free spirits").empty

"""Each kind of finding: a small company that agrees with itself, and one thing that does not."""

from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, Table, insert

from data import frames
from data.database import upsert
from data.tables import application, ledger, mirror
from data.tables.addons import addon_setup
from data.tables.provisioning import provisioning_request
from tests.data.lives import day, row

NOW = day("2026-06-15")
Rows = dict[Table, list[dict[str, Any]]]

PRODUCTS = [
    {"id": "prod_p", "name": "Professional", "metadata": {"plan": "professional"}},
    {"id": "prod_b", "name": "Business", "metadata": {"plan": "business"}},
    {"id": "prod_sso", "name": "Single sign-on", "metadata": {"addon": "sso"}},
]
CUSTOMER = {"id": "cus_1", "name": "Ada", "email": "ada@example.com"}
SUBSCRIPTION = {"id": "sub_1", "customer_id": "cus_1", "status": "active", "currency": "usd", "metadata": {}}
ACCOUNT = {
    "account_id": "a",
    "name": "Ada's",
    "plan": "Professional",
    "capacity": 5,
    "stripe_customer_id": "cus_1",
}
HELD = {
    "subscription_id": "sub_1",
    "customer_id": "cus_1",
    "product_id": "prod_p",
    "price_id": "price_seat",
    "quantity": 5,
    "currency": "usd",
    "arr": 600_00,
    "counted": True,
    "from_at": day("2026-01-01"),
    "to_at": None,
    "evidence": "invoice",
}
SSO = HELD | {"product_id": "prod_sso", "price_id": "price_sso", "quantity": 1, "arr": 120_00}
QUOTE = {
    "id": "qt_1", "customer_id": "cus_1", "subscription_id": "sub_9", "status": "accepted", "currency": "usd",
    "accepted_at": day("2026-06-01"), "amount_total": 1200_00, "recurring_amount_total": 1200_00,
    "recurring_interval": "year", "recurring_interval_count": 1, "number": "Q-1",
}  # fmt: skip
INVOICE = {
    "id": "in_1", "number": "A-1", "customer_id": "cus_1", "customer_name": "Ada", "subscription_id": "sub_0",
    "status": "open", "currency": "usd", "amount_remaining": 50_00, "created_at": day("2026-06-02"),
}  # fmt: skip
ENDED = SUBSCRIPTION | {"id": "sub_0", "status": "canceled", "ended_at": day("2026-05-01")}
COUPON = {"id": "c", "name": "Launch", "percent_off": "20", "duration": "repeating"}
DISCOUNT = {"id": "d", "subscription_id": "sub_1", "coupon_id": "c", "end_at": day("2026-05-01")}


def world(**changed: Any) -> Rows:
    """A customer who pays for five seats of Professional and has five; keywords take the place of rows."""
    rows: dict[str, tuple[Table, list[dict[str, Any]]]] = {
        "products": (mirror.product, PRODUCTS),
        "prices": (mirror.price, []),
        "items": (mirror.subscription_item, []),
        "customers": (mirror.customer, [CUSTOMER]),
        "subscriptions": (mirror.subscription, [SUBSCRIPTION]),
        "accounts": (application.account, [ACCOUNT]),
        "uses": (application.account_use, []),
        "addons": (application.account_addon, []),
        "invoices": (mirror.invoice, []),
        "quotes": (mirror.quote, []),
        "coupons": (mirror.coupon, []),
        "discounts": (mirror.discount, []),
        "setups": (addon_setup, []),
        "requests": (provisioning_request, []),
    }
    return {table: changed.get(name, given) for name, (table, given) in rows.items()}


def found(engine: Engine, held: list[dict[str, Any]] | None = None, **changed: Any) -> list[dict[str, Any]]:
    """The findings of a world; moved are rows of movement."""
    with engine.begin() as connection:
        for table, rows in world(**changed).items():
            upsert(connection, table, [row(table, **values) for values in rows])
        if segments := [HELD] if held is None else held:
            connection.execute(insert(ledger.timeline), segments)
        if moved := changed.get("moved"):
            connection.execute(insert(ledger.movement), moved)
    return [{str(k): v for k, v in each.items()} for each in frames.findings(engine, NOW).to_dict("records")]


def test_a_company_that_agrees(engine: Engine) -> None:
    quote = QUOTE | {"invoice_id": "in_1"}
    addon = {"account_id": "a", "addon": "sso"}
    assert (
        found(engine, [HELD, SSO], addons=[addon], quotes=[quote], invoices=[INVOICE | {"status": "paid"}])
        == []
    )


SETUP = {
    "id": "set_1", "customer_id": "cus_1", "addon": "sso", "kind": "single_sign_on", "state": "active",
    "since": day("2026-06-01"), "settings": {}, "checks": {}, "version": 1, "created_at": day("2026-05-01"),
    "created_by": "ann@example.com",
}  # fmt: skip
WAITS = SETUP | {"state": "waiting"}
CERTIFICATES = {"metadata": {"certificates": [{"not_after": day("2026-08-01").isoformat()}]}}
ASKED = {
    "number": 1, "id": "prov_1", "key": "k", "type": "addon.active", "customer_id": "cus_1",
    "subject": "set_1", "body": {}, "state": "waiting", "attempts": 3, "next_at": NOW, "person": "ann",
    "error": "It answered with status 500.", "created_at": day("2026-06-13"),
}  # fmt: skip
LIVE_SSO = {"setups": [SETUP], "addons": [{"account_id": "a", "addon": "sso"}]}
TWICE = [HELD, HELD | {"subscription_id": "sub_2", "arr": 240_00}]
OTHER = HELD | {"customer_id": "cus_2", "subscription_id": "sub_2", "arr": 360_00}
BOTH = {
    "accounts": [ACCOUNT | {"capacity": 10}],
    "subscriptions": [SUBSCRIPTION, SUBSCRIPTION | {"id": "sub_2"}],
}
UNLINKED = {"accounts": [ACCOUNT | {"plan": "Free", "stripe_customer_id": None}]}
Case = tuple[str, list[dict[str, Any]], dict[str, Any], int | None]
CASES: list[Case] = [
    ("plan_without_subscription", [], {"subscriptions": [ENDED]}, None),
    (
        "plan_without_subscription",
        [HELD],
        {"accounts": [ACCOUNT, {"account_id": "b", "plan": "business"}]},
        None,
    ),
    ("subscription_without_account", [HELD], UNLINKED, 50_00),
    ("plan_differs", [HELD], {"accounts": [ACCOUNT | {"plan": "business"}]}, 50_00),
    ("capacity_differs", [HELD], {"accounts": [ACCOUNT | {"capacity": 7}]}, 20_00),
    ("capacity_differs", [HELD], {"subscriptions": [SUBSCRIPTION | {"metadata": {"capacity": "8"}}]}, 30_00),
    ("addon_not_billed", [HELD], {"addons": [{"account_id": "a", "addon": "sso"}]}, None),
    ("addon_not_live", [HELD, SSO], {"addons": [{"account_id": "gone", "addon": "sso"}]}, 10_00),
    ("addon_not_billed", [HELD], {"setups": [SETUP]}, None),
    ("addon_not_live", [HELD, SSO], {"setups": [WAITS]}, 10_00),
    ("provisioning_failed", [HELD, SSO], LIVE_SSO | {"requests": [ASKED]}, None),
    ("certificate_ends", [HELD, SSO], {"setups": [SETUP | {"settings": CERTIFICATES}]}, None),
    ("discount_past_end", [HELD], {"coupons": [COUPON], "discounts": [DISCOUNT]}, 10_00),
    ("quote_not_invoiced", [HELD], {"quotes": [QUOTE]}, 100_00),
    ("billed_twice", TWICE, BOTH, 20_00),
    ("invoice_of_ended", [HELD], {"invoices": [INVOICE], "subscriptions": [SUBSCRIPTION, ENDED]}, 50_00),
]


@pytest.mark.parametrize(("kind", "held", "changed", "amount"), CASES)
def test_one_thing_that_disagrees(
    engine: Engine, kind: str, held: list[dict[str, Any]], changed: dict[str, Any], amount: int | None
) -> None:
    (one,) = found(engine, held, **changed)
    assert (one["kind"], one["per"]) == (kind, "once" if kind == "invoice_of_ended" else "month")
    assert (None if pd.isna(one["amount"]) else one["amount"]) == amount
    assert one["finding"] == f"{kind}:{one['about']}"


def test_a_plan_held_more_than_twice_through_products_old_and_new(engine: Engine) -> None:
    """All but the dearest is in question: 600 + 240 + 360 a year, less 600, is 50 a month."""
    old = {"id": "prod_old", "name": "Professional (2024)", "metadata": {"plan": "professional"}}
    third = HELD | {"subscription_id": "sub_3", "product_id": "prod_old", "arr": 360_00}
    (one,) = found(
        engine,
        [*TWICE, third],
        products=[*PRODUCTS, old],
        accounts=[ACCOUNT | {"capacity": 15}],
        subscriptions=[*BOTH["subscriptions"], SUBSCRIPTION | {"id": "sub_3"}],
    )
    assert (one["kind"], one["customer_id"], one["amount"]) == ("billed_twice", "cus_1", 50_00)
    assert one["detail"] == "Ada has 3 subscriptions to Professional."


def test_two_customers_with_one_address(engine: Engine) -> None:
    second = CUSTOMER | {"id": "cus_2", "email": "ADA@example.com"}
    accounts = [ACCOUNT, ACCOUNT | {"account_id": "b", "stripe_customer_id": "cus_2"}]
    subscriptions = [SUBSCRIPTION, SUBSCRIPTION | {"id": "sub_2", "customer_id": "cus_2"}]
    (one,) = found(
        engine, [HELD, OTHER], customers=[CUSTOMER, second], accounts=accounts, subscriptions=subscriptions
    )
    assert (one["kind"], one["customer_id"], one["amount"]) == ("billed_twice", "cus_2", 30_00)


def test_a_deleted_customer_who_still_uses_the_product_is_found_once(engine: Engine) -> None:
    churn = {
        "customer_id": "cus_1", "day": day("2026-05-01").date(), "kind": "churn", "plan": "prod_p",
        "interval": "1month", "currency": "usd", "delta_arr": -600_00, "evidence": "event",
    }  # fmt: skip
    (one,) = found(
        engine,
        [],
        customers=[CUSTOMER | {"deleted_at": day("2026-05-01")}],
        subscriptions=[ENDED],
        uses=[{"account_id": "a", "day": day("2026-06-10").date(), "used": 3}],
        moved=[churn],
    )
    assert (one["kind"], one["amount"], one["mend"]) == ("deleted_still_used", 50_00, "account")


GROWN = [SSO | {"from_at": day("2026-06-10")}, SSO | {"to_at": day("2026-06-10"), "arr": 60_00}]
"""Dearer lately, paid since January."""


@pytest.mark.parametrize(
    ("held", "changed"),
    [
        ([HELD, SSO], {"setups": [SETUP]}),  # live here, whatever the application says
        ([HELD, SSO | {"from_at": day("2026-06-05")}], {"setups": [WAITS]}),  # paid for ten days
        ([HELD, SSO], LIVE_SSO | {"setups": [WAITS]}),  # live there
        ([HELD, SSO], LIVE_SSO | {"requests": [ASKED | {"created_at": day("2026-06-14T12:00")}]}),
        ([HELD, SSO], LIVE_SSO | {"requests": [ASKED | {"attempts": 0, "error": None}]}),  # nobody to tell
    ],
)
def test_add_ons_that_are_as_they_should_be(
    sqlite_engine: Engine, held: list[dict[str, Any]], changed: dict[str, Any]
) -> None:
    assert found(sqlite_engine, held, **changed) == []


def test_an_add_on_is_paid_since_it_was_first_billed_without_a_break(engine: Engine) -> None:
    earlier = SSO | {"from_at": day("2025-01-01"), "to_at": day("2025-12-01")}
    (one,) = found(engine, [HELD, earlier, *GROWN], setups=[WAITS])
    assert one["detail"] == (
        "Single sign-on is paid since 1 Jan 2026 and not live: its set-up waits for the customer since "
        "1 Jun 2026."
    )
    assert (one["mend"], one["mend_id"], one["amount"]) == ("set-up", "set_1", 10_00)


def test_without_an_application_database_nothing_is_said_about_accounts(engine: Engine) -> None:
    assert found(engine, [HELD, SSO], accounts=[]) == []


@pytest.mark.parametrize("changed", [{"accepted_at": NOW}, {"status": "open"}, {"amount_total": 0}])
def test_quotes_that_need_no_invoice_yet(engine: Engine, changed: dict[str, Any]) -> None:
    assert found(engine, quotes=[QUOTE | changed]) == []


@pytest.mark.parametrize(("more", "expected"), [([], 1), ([SUBSCRIPTION | {"id": "sub_2"}], 0)])
def test_whose_only_subscription_is_paused_pays_nothing(
    engine: Engine, more: list[dict[str, Any]], expected: int
) -> None:
    paused = SUBSCRIPTION | {"status": "paused"}
    rows = [each for each in found(engine, [], subscriptions=[paused, *more]) if "paused" in each["detail"]]
    assert [each["kind"] for each in rows] == ["plan_without_subscription"] * expected

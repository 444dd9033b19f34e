"""What falls due, what governs it, and why it may not happen."""

from typing import Any

import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from data import due_dates, frames
from data.clock import to_epoch
from data.tables import mirror
from data.tables.due import contract_due
from data.tables.quotes import sales_quote, sales_quote_version
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.frames.test_due_sums import agree
from tests.data.lives import day

NOW, UNTIL = day("2026-06-15"), day("2026-09-15")


def subscription(**more: Any) -> dict[str, Any]:
    return {
        "id": "sub_1",
        "customer_id": "cus_1",
        "status": "active",
        "currency": "usd",
        "collection_method": "charge_automatically",
        "default_payment_method_id": "pm_1",
        "start_at": day("2026-01-01"),
        "cancel_at_period_end": False,
    } | more


def items(*products: str, end: str = "2026-07-01") -> list[dict[str, Any]]:
    return [
        {
            "id": f"si_{product}",
            "subscription_id": "sub_1",
            "position": position,
            "price_id": f"price_{product}",
            "quantity": 1,
            "current_period_end": day(end),
        }
        for position, product in enumerate(products)
    ]


def prices(*products: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"price_{product}",
            "product_id": product,
            "currency": "usd",
            "unit_amount": 10_00,
            "recurring_interval": "month",
            "recurring_interval_count": 1,
        }
        for product in products
    ]


CARD = {"id": "pm_1", "customer_id": "cus_1", "card_exp_month": 12, "card_exp_year": 2030}


def rows_of(**changed: Any) -> dict[Any, list[dict[str, Any]]]:
    """One subscription; keywords change it, or give whole tables (items, card, schedule ...)."""
    rows: dict[Any, list[dict[str, Any]]] = {
        mirror.subscription: [subscription(**changed.pop("subscription", {}))],
        mirror.subscription_item: changed.pop("items", items("prod_a")),
        mirror.price: prices("prod_a", "prod_b"),
        mirror.customer: [{"id": "cus_1", "name": "Ada", **changed.pop("customer", {})}],
        mirror.payment_method: changed.pop("methods", [CARD]),
        mirror.subscription_schedule: changed.pop("schedules", []),
        mirror.quote: changed.pop("quotes", []),
        mirror.discount: changed.pop("discounts", []),
        mirror.coupon: changed.pop("coupons", []),
        mirror.invoice: changed.pop("invoices", []),
        ACCOUNTS: changed.pop("accounts", []),
        USE: changed.pop("uses", []),
    }
    assert not changed
    return rows


def due(fill: Fill, **changed: Any) -> pd.DataFrame:
    """Renewals of one subscription."""
    engine = fill(rows=rows_of(**changed))
    found = frames.renewals(engine, NOW, UNTIL)
    agree(engine, found)
    return found


def due_of_each(fill: Fill, cases: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Renewals of each of many, which stand side by side in one database: it takes a tenth of the time."""
    rows: dict[Any, list[dict[str, Any]]] = {}
    for number, changed in enumerate(cases):
        for table, given in rows_of(**changed).items():
            rows.setdefault(table, []).extend(given if table is mirror.price else _apart(given, number))
    rows[mirror.price] = prices("prod_a", "prod_b")
    engine = fill(rows=rows)
    found = frames.renewals(engine, NOW, UNTIL)
    agree(engine, found)
    each = found.to_dict("records")
    return [[one for one in each if one["subscription_id"] == f"sub_1.{n}"] for n in range(len(cases))]


def _apart(rows: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Rows whose ids are those of a case."""
    return [
        {
            name: f"{value}.{number}" if value and name.endswith("id") and name != "price_id" else value
            for name, value in row.items()
        }
        for row in rows
    ]


def test_a_period_that_ends(fill: Fill) -> None:
    (one,) = due(fill).to_dict("records")
    assert (one["due_at"], one["governs"], one["arr"], one["interval"]) == (
        day("2026-07-01"),
        "period",
        120_00,
        "1month",
    )
    assert (one["customer_name"], one["risks"]) == ("Ada", "")
    assert pd.isna(one["capacity"])
    assert pd.isna(one["used"])


def test_items_that_fall_due_together_are_one_renewal(fill: Fill) -> None:
    (one,) = due(fill, items=items("prod_a", "prod_b")).to_dict("records")
    assert (one["product_ids"], one["arr"]) == ("prod_a|prod_b", 240_00)


def test_items_with_their_own_periods_are_renewals_of_their_own(fill: Fill) -> None:
    apart = due(fill, items=[*items("prod_a"), *items("prod_b", end="2026-08-01")])
    assert apart["product_ids"].tolist() == ["prod_a", "prod_b"]


def test_what_is_due_before_or_after_is_left_out(fill: Fill) -> None:
    cases = [{"items": items("prod_a", end=end)} for end in ("2026-06-14", "2026-09-15", "2026-09-14")]
    assert [len(found) for found in due_of_each(fill, cases)] == [0, 0, 1]


SCHEDULES: list[tuple[dict[str, Any], str, str]] = [
    ({"end_behavior": "cancel"}, "schedule", "2026-08-20"),
    ({"end_behavior": "release"}, "schedule", "2026-08-20"),
    ({"end_behavior": "none"}, "period", "2026-07-01"),
    ({"end_behavior": "cancel", "status": "released"}, "period", "2026-07-01"),
]


def test_a_contract_governs(fill: Fill) -> None:
    phases = [{"start": 0, "end": to_epoch(day("2026-07-20"))}, {"end": to_epoch(day("2026-08-20"))}]
    common = {"id": "sched_1", "status": "active", "phases": phases}
    cases = [
        {"subscription": {"schedule_id": "sched_1"}, "schedules": [common | schedule]}
        for schedule, _, _ in SCHEDULES
    ]
    for (one,), (schedule, governs, on) in zip(due_of_each(fill, cases), SCHEDULES, strict=True):
        assert (one["governs"], one["due_at"]) == (governs, day(on)), schedule


RISKS: list[tuple[dict[str, Any], str]] = [
    ({"subscription": {"cancel_at_period_end": True}}, "set to cancel"),
    ({"subscription": {"cancel_at": day("2026-12-01")}}, "set to cancel"),
    ({"subscription": {"status": "past_due"}}, "past due"),
    ({"subscription": {"status": "unpaid"}}, "unpaid"),
    ({"subscription": {"pause_behavior": "void"}}, "collection paused"),
    ({"methods": [CARD | {"card_exp_month": 6, "card_exp_year": 2026}]}, "card expires before the due date"),
    ({"methods": [CARD | {"card_exp_month": 7, "card_exp_year": 2026}]}, ""),
    ({"methods": [], "subscription": {"default_payment_method_id": "pm_unseen"}}, ""),
    ({"methods": [], "subscription": {"default_payment_method_id": None}}, "no payment method on file"),
    ({"subscription": {"default_payment_method_id": None}}, "no default payment method"),
    (
        {
            "subscription": {"default_payment_method_id": None},
            "customer": {"default_payment_method_id": "pm_1"},
        },
        "",
    ),
    (
        {
            "methods": [],
            "subscription": {"default_payment_method_id": None, "collection_method": "send_invoice"},
        },
        "",
    ),
    ({"accounts": [account("a", "cus_1", capacity=10)]}, ""),
    (
        {"accounts": [account("a", "cus_1", capacity=10)], "uses": [use("a", "2026-06-01", 11)]},
        "use above 100% of capacity",
    ),
    (
        {"accounts": [account("a", "cus_1", capacity=10)], "uses": [use("a", "2026-06-01", 3)]},
        "use below 40% of capacity",
    ),
    ({"accounts": [account("a", "cus_1", capacity=10)], "uses": [use("a", "2026-06-01", 4)]}, ""),
    (
        {
            "accounts": [account("a", "cus_1", capacity=10), account("b", "cus_1", capacity=10)],
            "uses": [use("a", "2026-06-01", 3)],
        },
        "",
    ),
]


def test_risks(fill: Fill) -> None:
    found = due_of_each(fill, [given for given, _ in RISKS])
    assert [[one["risks"] for one in ones] for ones in found] == [[risks] for _, risks in RISKS]


def test_reasons_stand_together_in_their_order(fill: Fill) -> None:
    (one,) = due(
        fill, subscription={"status": "past_due", "cancel_at_period_end": True, "pause_behavior": "void"}
    ).to_dict("records")
    assert one["risks"] == "set to cancel; past due; collection paused"


def test_an_unpaid_renewal_has_no_run_rate(fill: Fill) -> None:
    assert due(fill, subscription={"status": "unpaid"})["arr"].tolist() == [0]


def test_nothing_falls_due_without_a_commitment(fill: Fill) -> None:
    states = ("trialing", "canceled", "incomplete", "paused", "active")
    found = due_of_each(fill, [{"subscription": {"status": status}} for status in states])
    assert [len(ones) for ones in found] == [0, 0, 0, 0, 1]


QUOTE = {
    "id": "qt_1",
    "customer_id": "cus_1",
    "subscription_id": "sub_1",
    "status": "accepted",
    "created_at": day("2025-08-01"),
    "accepted_at": day("2025-08-20"),
    "metadata": {"term_months": "12", "notice_days": "60", "auto_renews": "false"},
}
OLD = {"subscription": {"start_at": day("2025-08-20"), "collection_method": "send_invoice"}}
LATER = QUOTE | {"id": "qt_2", "subscription_id": None, "created_at": day("2026-05-01"), "metadata": {}}


def one_of(fill: Fill, **changed: Any) -> dict[str, Any]:
    (one,) = due(fill, **changed).to_dict("records")
    return {str(name): value for name, value in one.items()}


def test_the_term_of_an_accepted_quote_governs(fill: Fill) -> None:
    one = one_of(fill, quotes=[QUOTE], **OLD)
    assert (one["governs"], one["due_at"], one["term_end_at"]) == (
        "quote",
        day("2026-08-20"),
        day("2026-08-20"),
    )
    assert (one["notice_at"], one["invoice_at"]) == (day("2026-06-21"), day("2026-07-01"))
    assert (one["price_end_at"], one["auto_renews"]) == (day("2026-08-20"), False)


def test_a_quote_that_is_not_accepted_governs_nothing(fill: Fill) -> None:
    assert one_of(fill, quotes=[QUOTE | {"status": "open"}], **OLD)["governs"] == "period"


def test_terms_that_stand_on_the_subscription(fill: Fill) -> None:
    old = {"subscription": OLD["subscription"] | {"metadata": {"term_months": "12", "auto_renews": "true"}}}
    one = one_of(fill, quotes=[QUOTE | {"metadata": {}}], **old)
    assert (one["governs"], one["due_at"], one["auto_renews"]) == ("quote", day("2026-08-20"), True)
    assert pd.isna(one["notice_at"])


@pytest.mark.parametrize(("ends", "governs"), [("2026-08-30", "schedule"), ("2026-08-10", "quote")])
def test_the_later_end_governs(fill: Fill, ends: str, governs: str) -> None:
    schedule = {
        "id": "sched_1",
        "status": "active",
        "end_behavior": "release",
        "subscription_id": "sub_1",
        "current_phase_end": day("2026-07-20"),
        "phases": [{"end": to_epoch(day("2026-07-20"))}, {"end": to_epoch(day(ends))}],
    }
    quote = QUOTE | {"subscription_id": None, "subscription_schedule_id": "sched_1"}
    given = {"subscription": OLD["subscription"] | {"schedule_id": "sched_1"}}
    one = one_of(fill, quotes=[quote], schedules=[schedule], **given)
    assert (one["governs"], one["due_at"]) == (governs, max(day(ends), day("2026-08-20")))
    assert one["price_end_at"] == (day("2026-07-20") if governs == "schedule" else day("2026-08-20"))


NO_QUOTE, NOTICE = "contract ends with no later quote", "notice date within 30 days"
RENEWS = QUOTE | {"metadata": {"term_months": "12", "auto_renews": "true"}}
NOTICE_PASSED = QUOTE | {"metadata": {"term_months": "12", "notice_days": "90"}}
CONTRACTS: list[tuple[list[dict[str, Any]], str]] = [
    ([QUOTE], f"{NO_QUOTE}; {NOTICE}"),
    ([QUOTE, LATER], NOTICE),
    ([QUOTE, LATER | {"status": "open", "expires_at": day("2026-06-01")}], f"{NO_QUOTE}; {NOTICE}"),
    ([RENEWS], ""),
    ([NOTICE_PASSED, LATER], ""),
]


def test_risks_of_contracts(fill: Fill) -> None:
    found = due_of_each(fill, [{"quotes": quotes, **OLD} for quotes, _ in CONTRACTS])
    assert [[one["risks"] for one in ones] for ones in found] == [[risks] for _, risks in CONTRACTS]


def test_a_quote_of_our_own_is_a_later_one(fill: Fill) -> None:
    engine, begun = fill(), day("2026-05-01")
    head = {"id": "q_1", "version": 1, "moves": 0, "created_at": begun, "changed_at": begun}
    version = {"quote_id": "q_1", "version": 1, "saved_at": begun, "saved_by": "Ann"}
    with engine.begin() as connection:
        connection.execute(insert(sales_quote).values(**head, created_by="Ann", state="draft"))
        fields = {"customer_id": "cus_1"}
        connection.execute(insert(sales_quote_version).values(**version, fields=fields))
    assert one_of(fill, quotes=[QUOTE], **OLD)["risks"] == NOTICE
    for other in ({"state": "declined"}, {"state": "sent", "created_at": day("2025-07-01")}):
        with engine.begin() as connection:
            connection.execute(update(sales_quote).values(other))
        (one,) = frames.renewals(engine, NOW, UNTIL).to_dict("records")
        assert one["risks"] == f"{NO_QUOTE}; {NOTICE}"


def test_what_is_kept_of_contracts_holds_as_time_passes(fill: Fill) -> None:
    good_for_a_while = LATER | {"status": "open", "expires_at": day("2026-07-05")}
    cases = [[QUOTE], [QUOTE, good_for_a_while], [RENEWS], [NOTICE_PASSED]]
    found = due_of_each(fill, [{"quotes": quotes, **OLD} for quotes in cases])
    assert [len(ones) for ones in found] == [1, 1, 1, 1]
    engine, risks = fill(), []
    for at in (NOW, day("2026-07-06"), day("2026-08-21")):
        until = at + (UNTIL - NOW)
        kept = frames.renewals_under_contract(engine, at, until)
        assert kept.equals(frames.renewals(engine, at, until)[kept.columns])
        risks.append(kept["risks"].tolist())
    assert [sorted(each) for each in risks[:2]] == [
        ["", NO_QUOTE, f"{NO_QUOTE}; {NOTICE}", NOTICE],
        ["", NO_QUOTE, NO_QUOTE, NO_QUOTE],
    ]
    with engine.begin() as connection:
        due_dates.refresh(connection, set(), at)
        over = connection.scalars(select(contract_due.c.id).where(contract_due.c.due_at < at)).all()
    assert over == []
    assert len(frames.renewals_under_contract(engine, at, at + 2 * (UNTIL - at))) == 0
    assert len(frames.renewals_under_contract(engine, at, day("2028-01-01"))) == 1


def test_each_risk_has_its_evidence(fill: Fill) -> None:
    one = one_of(
        fill,
        subscription={
            "status": "past_due",
            "cancel_at_period_end": True,
            "canceled_at": day("2026-06-01"),
            "latest_invoice_id": "in_1",
        },
        invoices=[{"id": "in_1", "number": "A-7", "status": "open", "amount_remaining": 12_50}],
        methods=[
            CARD | {"card_exp_month": 6, "card_exp_year": 2026, "card_brand": "visa", "card_last4": "4242"}
        ],
        accounts=[account("a", "cus_1", capacity=10)],
        uses=[use("a", "2026-05-30", 1), use("a", "2026-06-01", 11)],
    )
    assert list(zip(one["risks"].split("; "), one["evidence"].split("; "), strict=True)) == [
        ("set to cancel", "ends with its period, asked for on 1 Jun 2026"),
        ("past due", "invoice A-7, 12.50 USD open"),
        ("card expires before the due date", "Visa 4242 expires 6/2026"),
        ("use above 100% of capacity", "11 of 10 used on 1 Jun 2026, 110%"),
    ]


def test_the_discount_that_ends_next(fill: Fill) -> None:
    given = {"subscription_id": "sub_1", "coupon_id": "c"}
    one = one_of(
        fill,
        discounts=[
            given | {"id": "d0", "end_at": day("2026-06-01")},
            given | {"id": "d1", "end_at": day("2026-09-01")},
            given | {"id": "d2", "end_at": day("2026-08-01")},
        ],
        coupons=[{"id": "c", "percent_off": "12.5", "duration": "repeating"}],
    )
    assert (one["discount_ends_at"], one["discount"]) == (day("2026-08-01"), "12.5% off")


def test_another_audience_is_left_out(fill: Fill) -> None:
    engine = fill(
        rows={
            mirror.subscription: [subscription()],
            mirror.subscription_item: items("prod_a"),
            mirror.price: prices("prod_a"),
            mirror.customer: [{"id": "cus_1", "country": "DE"}],
        }
    )
    (mine,) = frames.audiences(engine)["id"].tolist()
    assert len(frames.renewals(engine, NOW, UNTIL, audiences=(mine,))) == 1
    assert frames.renewals(engine, NOW, UNTIL, audiences=(mine + 1,)).empty

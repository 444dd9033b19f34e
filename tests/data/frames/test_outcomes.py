"""What became of past renewals: due dates from invoices and contracts, run rate before and after."""

from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, insert

from data import due_dates, frames
from data.clock import to_epoch
from data.database import upsert
from data.tables import ledger, mirror
from tests.data.lives import day, row

NOW, SINCE = day("2026-06-15"), day("2025-06-15")
YEAR = {"recurring_interval": "year", "recurring_usage_type": "licensed", "product_id": "prod_a"}
PRICES = [
    {"id": "price_year", **YEAR},
    {"id": "price_month", **YEAR, "recurring_interval": "month"},
    {"id": "price_metered", **YEAR, "recurring_usage_type": "metered"},
]

Period = tuple[str, str, str, str]  # subscription, price, from, to
Held = tuple[str, int, str, str | None]  # subscription, arr, from, to


def outcomes(engine: Engine, periods: list[Period], held: list[Held], **tables: Any) -> list[dict[str, Any]]:
    """The outcomes of these invoiced periods, where the timeline holds this; all of one customer."""
    names = sorted({period[0] for period in periods})
    rows = {
        mirror.price: PRICES,
        mirror.subscription: [
            {"id": name, "customer_id": "cus_1", "currency": "usd", "start_at": day("2025-01-01")}
            for name in names
        ],
        mirror.invoice: [{"id": "in_1", "status": "paid"}],
        mirror.invoice_line: [_line(number, *period) for number, period in enumerate(periods)],
        mirror.subscription_schedule: tables.pop("schedules", []),
        mirror.quote: tables.pop("quotes", []),
    }
    with engine.begin() as connection:
        for table, given in rows.items():
            upsert(connection, table, [row(table, **values) for values in given])
        connection.execute(insert(ledger.timeline), [_segment(*each) for each in held])
        due_dates.refresh(connection, None, NOW)
    return [
        {str(name): value for name, value in found.items()}
        for found in frames.outcomes(engine, SINCE, NOW, NOW).sort_values("due_at").to_dict("records")[::-1]
    ]


def _line(number: int, name: str, price: str, start: str, end: str) -> dict[str, Any]:
    return {
        "id": f"il_{number}",
        "invoice_id": "in_1",
        "subscription_id": name,
        "subscription_item_id": f"si_{name}",
        "price_id": price,
        "proration": False,
        "period_start": day(start),
        "period_end": day(end),
    }


def _segment(name: str, arr: int, start: str, end: str | None) -> dict[str, Any]:
    span = {"from_at": day(start), "to_at": day(end) if end else None, "evidence": "invoice"}
    return {
        "subscription_id": name, "customer_id": "cus_1", "product_id": "prod_a", "currency": "usd",
        "arr": arr, "counted": True, **span,
    }  # fmt: skip


PERIOD: Period = ("sub_1", "price_year", "2025-03-01", "2026-03-01")
CASES: list[tuple[list[Held], int, int]] = [
    ([("sub_1", 100, "2025-03-01", None)], 100, 100),
    ([("sub_1", 100, "2025-03-01", "2026-03-01"), ("sub_1", 130, "2026-03-01", None)], 100, 130),
    ([("sub_1", 100, "2025-03-01", "2026-03-20"), ("sub_1", 60, "2026-03-20", None)], 100, 60),
    ([("sub_1", 100, "2025-03-01", "2026-03-01")], 100, 0),
    ([("sub_1", 100, "2025-03-01", "2026-02-10")], 100, 0),  # left within 30 days before
    ([("sub_1", 100, "2025-03-01", "2026-04-15")], 100, 100),  # left later than 30 days after
    ([("sub_1", 100, "2025-03-01", "2026-03-01"), ("sub_2", 80, "2026-03-05", None)], 100, 80),
    ([("sub_1", 100, "2025-03-01", "2026-03-01"), ("sub_2", 80, "2026-01-05", None)], 100, 0),
    ([("sub_1", 100, "2025-03-01", "2026-03-01"), ("sub_2", 180, "2026-03-05", None)], 100, 100),
]


@pytest.mark.parametrize(("held", "before", "after"), CASES)
def test_before_and_after(engine: Engine, held: list[Held], before: int, after: int) -> None:
    (one,) = outcomes(engine, [PERIOD], held)
    assert (one["due_at"], one["interval"], one["governs"]) == (day("2026-03-01"), "1year", "period")
    assert (one["before"], one["after"], one["product_ids"]) == (before, after, "prod_a")


def test_what_left_long_before_did_not_fall_due(engine: Engine) -> None:
    assert outcomes(engine, [PERIOD], [("sub_1", 100, "2025-03-01", "2025-12-01")]) == []


def test_a_month_is_judged_within_its_neighbours(engine: Engine) -> None:
    months: list[Period] = [
        ("sub_1", "price_month", "2026-01-15", "2026-02-15"),
        ("sub_1", "price_month", "2026-02-15", "2026-03-15"),
        ("sub_1", "price_metered", "2026-02-15", "2026-03-15"),
    ]
    lost, renewed = outcomes(engine, months, [("sub_1", 100, "2026-01-15", "2026-03-15")])
    assert [(each["due_at"], each["after"]) for each in (lost, renewed)] == [
        (day("2026-03-15"), 0),
        (day("2026-02-15"), 100),
    ]


def test_a_period_that_another_replaced_did_not_end(engine: Engine) -> None:
    periods: list[Period] = [PERIOD, ("sub_1", "price_month", "2025-12-10", "2026-01-10")]
    (one,) = outcomes(engine, periods, [("sub_1", 100, "2025-03-01", None)])
    assert one["interval"] == "1month"


@pytest.mark.parametrize(
    ("ends", "expected"), [("2026-03-01", ["schedule"]), ("2027-03-01", []), ("2026-02-01", ["period"])]
)
def test_inside_a_contract_no_period_falls_due(engine: Engine, ends: str, expected: list[str]) -> None:
    phases = [{"start": to_epoch(day("2025-03-01")), "end": to_epoch(day(ends))}]
    schedule = {
        "id": "s",
        "subscription_id": "sub_1",
        "status": "completed",
        "end_behavior": "cancel",
        "phases": phases,
    }
    found = outcomes(engine, [PERIOD], [("sub_1", 100, "2025-03-01", None)], schedules=[schedule])
    assert [each["governs"] for each in found] == expected


def test_the_term_of_a_quote_governs(engine: Engine) -> None:
    quote = {"id": "qt", "subscription_id": "sub_1", "status": "accepted", "accepted_at": day("2025-03-01")}
    periods: list[Period] = [PERIOD, ("sub_1", "price_month", "2025-08-01", "2025-09-01")]
    held: list[Held] = [("sub_1", 100, "2025-03-01", None)]
    terms = {"metadata": {"term_months": "12", "auto_renews": "true"}}
    found = outcomes(engine, periods, held, quotes=[quote | terms])
    assert [(each["due_at"], each["governs"]) for each in found] == []
    assert pd.isna(found).sum() == 0


def test_a_period_that_a_running_one_took_the_place_of_never_fell_due(engine: Engine) -> None:
    periods = [
        ("sub_1", "price_year", "2025-03-01", "2026-03-01"),
        ("sub_1", "price_year", "2025-09-01", "2026-09-01"),  # begun anew, and still running
    ]
    assert outcomes(engine, periods, [("sub_1", 1200, "2025-03-01", None)]) == []

"""What is owed by age and customer, days sales outstanding, recovery: by hand."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard.metrics import receivables
from dashboard.metrics.rates.rate import Rate

AT = datetime(2026, 6, 15, 12, tzinfo=UTC)


def owed(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    """Rows of customer, age, open, invoices."""
    frame = pd.DataFrame(rows, columns=["customer_id", "age", "open", "invoices"])
    more = {"customer_name": "N", "customer_email": None, "account_manager": None, "currency": "usd"}
    return frame.assign(**more, oldest_due_at=AT - timedelta(days=2.5)).astype({"open": "Int64"})


SOME = owed(
    ("cus_1", "not_due", 100, 1),
    ("cus_1", "61-90", 30, 2),
    ("cus_2", "1-30", 50, 1),
    ("cus_2", "over_120", 20, 1),
)


def test_customers_and_days_outstanding_are_made_of_their_rows() -> None:
    owed = pd.DataFrame(
        [
            ("cus_1", "usd", "not_due", 500, "Ada"), ("cus_1", "usd", "1-30", 70, "Ada"),
            ("cus_2", "usd", "not_due", 30, "Bob"), ("cus_3", "eur", "over_120", 9, "Cy"),
        ],
        columns=["customer_id", "currency", "age", "open", "customer_name"],
    )  # fmt: skip
    made = receivables.customers_explained(owed, "usd")
    assert (made.figure, made.included["open"].tolist()) == (1, [70])
    assert made.excluded["reason"].tolist() == ["Owes nothing that is past due.", "In another currency: EUR."]
    nobody = receivables.customers_explained(owed, "gbp")
    assert (nobody.figure, len(nobody.included), nobody.excluded["rows"].sum()) == (0, 0, 3)
    invoiced = pd.DataFrame([("cus_1", "Ada", 800)], columns=["customer_id", "customer_name", "invoiced"])
    days = receivables.dso_explained(owed.loc[owed["currency"] == "usd"], invoiced, 900, "usd")
    assert days.included[["open", "invoiced"]].sum().tolist() == [600, 900]
    assert isinstance(days.figure, Rate)
    assert days.figure.number == receivables.dso(600, 900) == 60
    nothing = receivables.dso_explained(owed.head(0), invoiced.head(0), 0, "usd")
    assert isinstance(nothing.figure, Rate)
    assert nothing.figure.reason


def test_figures() -> None:
    assert receivables.open_amount(SOME) == 200
    assert receivables.overdue(SOME) == 100
    assert receivables.long_overdue(SOME) == 50
    assert receivables.customers_overdue(SOME) == 2
    nothing = SOME.head(0)
    assert (receivables.open_amount(nothing), receivables.customers_overdue(nothing)) == (0, 0)


def test_by_age_has_every_age_and_all_shares() -> None:
    table = receivables.by_age(SOME)
    assert list(table["age"]) == list(receivables.AGES)
    assert list(table["open"]) == [100, 50, 0, 30, 0, 20]
    assert list(table["customers"]) == [1, 1, 0, 1, 0, 1]
    assert table["share"].sum() == pytest.approx(1)
    assert receivables.by_age(SOME.head(0))["share"].isna().all()


def test_by_customer_the_largest_of_the_chosen_age_first() -> None:
    table = receivables.by_customer(SOME, AT)
    assert list(table["customer_id"]) == ["cus_1", "cus_2"]
    assert list(table["open"]) == [130, 70]
    assert list(table["days"]) == [3, 3]
    late = receivables.by_customer(SOME, AT, ["over_120"])
    assert (list(late["customer_id"]), list(late["chosen"]), list(late["open"])) == (["cus_2"], [20], [70])
    assert pd.isna(late["not_due"].iloc[0])
    assert receivables.by_customer(SOME.head(0), AT).empty


def test_days_sales_outstanding() -> None:
    assert receivables.dso(50_000, 150_000) == 30
    assert receivables.dso(100, 0) is None
    assert receivables.dso(100, -5) is None


def test_over_time_has_every_instant() -> None:
    ats = [AT - timedelta(days=30), AT]
    rows = pd.DataFrame({"at": [AT, AT], "age": ["1-30", "91-120"], "open": [5, 7]})
    rows = rows.astype({"at": "datetime64[us, UTC]"})
    table = receivables.over_time(rows, ats)
    assert list(table["open"]) == [0, 12]
    assert list(table["overdue"]) == [0, 12]
    assert list(table["long_overdue"]) == [0, 7]
    assert list(receivables.over_time(rows.head(0), ats)["open"]) == [0, 0]


def test_recovery_by_month() -> None:
    rows = pd.DataFrame(
        {
            "month": ["2026-05", "2026-05", "2026-06"],
            "outcome": ["recovered", "written off", "trying"],
            "amount": [75, 25, 10],
            "invoices": [3, 1, 1],
        }
    )
    table = receivables.recovery(rows)
    assert list(table["failed"]) == [100, 10]
    assert list(table["rate"]) == [0.75, 0]
    assert list(table["invoices"]) == [4, 1]
    assert receivables.recovery_rate(rows) == pytest.approx(75 / 110)
    assert receivables.recovery_rate(rows.head(0)) is None


@pytest.mark.parametrize(
    ("kind", "promised_on", "told"),
    [
        (None, None, ""),
        ("dispute", None, "Disputed"),
        ("settled", None, "Settled"),
        ("promise", "2026-06-15", "Promised for 15 Jun 2026"),
        ("promise", "2026-06-14", "Promise of 14 Jun 2026 not kept"),
    ],
)
def test_what_was_last_noted(kind: str | None, promised_on: str | None, told: str) -> None:
    row = {"note_kind": kind, "promised_on": None if promised_on is None else pd.Timestamp(promised_on)}
    assert receivables.standing(row, AT) == told


def test_an_explanation_adds_up_and_says_why_others_are_left_out() -> None:
    invoices = pd.DataFrame(
        {
            "currency": ["usd", "usd", "eur"],
            "age": ["1-30", "not_due", "1-30"],
            "open": pd.array([5, 7, 11], dtype="Int64"),
        }
    )
    made = receivables.explained(receivables.overdue, invoices, "usd", receivables.OVERDUE)
    assert made.figure == 5 == made.included["open"].sum()
    assert list(made.excluded["reason"]) == ["Not yet due: not so long overdue.", "In another currency: EUR."]
    assert list(made.excluded["open"]) == [7, 11]
    assert made.included["rows"].sum() + made.excluded["rows"].sum() == 3

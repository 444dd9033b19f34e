"""How far figures can be trusted: run rate by evidence, and what nothing dates."""

import pandas as pd
import pytest

from dashboard.metrics import health
from tests.data.lives import day

NOW = day("2026-03-15")
MONTHS = ("2026-01", "2026-02", "2026-03")


def changes(*rows: tuple[str, str, int]) -> pd.DataFrame:
    table = [(month, "usd", evidence, delta) for month, evidence, delta in rows]
    return pd.DataFrame(table, columns=["month", "currency", "evidence", "delta_arr"])


def unknown(*rows: tuple[str, str, str | None, int]) -> pd.DataFrame:
    table = [
        (customer, "usd", day(earliest), day(latest) if latest else pd.NaT, delta, "first seen then")
        for customer, earliest, latest, delta in rows
    ]
    columns = ["customer", "currency", "earliest_at", "latest_at", "delta_arr", "reason"]
    return pd.DataFrame(table, columns=columns)


def test_run_rate_by_what_it_rests_on_adds_up_month_by_month() -> None:
    frame = health.rests_on(
        changes(("2025-11", "invoice", 100), ("2026-02", "proration", 20), ("2026-02", "present", 5)),
        "usd",
        MONTHS,
    )
    assert list(dict.fromkeys(frame["group"])) == [health.INVOICES, health.ASSUMED]
    assert frame.loc[frame["group"] == health.INVOICES, "arr"].tolist() == [100, 120, 120]
    assert frame.groupby("month")["arr"].sum().tolist() == [100, 125, 125]


def test_evidence_without_a_group_of_its_own_is_other() -> None:
    assert set(health.rests_on(changes(("2026-01", "a dream", 1)), "usd", MONTHS)["group"]) == {health.OTHER}


@pytest.mark.parametrize("rows", [(), (("2026-01", "event", 5), ("2026-01", "event", -5))])
def test_no_run_rate_rests_on_nothing(rows: tuple[tuple[str, str, int], ...]) -> None:
    assert health.rests_on(changes(*rows), "usd", MONTHS).empty
    assert health.rests_on(changes(("2026-01", "event", 5)), "eur", MONTHS).empty


@pytest.mark.parametrize(
    ("earliest", "latest", "expected"),
    [
        ("2026-01-10", "2026-01-20", [0, 0, 0]),  # the month is known
        ("2026-01-10", "2026-02-20", [7, 0, 0]),
        ("2026-01-10", "2026-02-01", [7, 0, 0]),  # it may have been at the instant that January ends
        ("2026-02-01", "2026-02-20", [0, 0, 0]),
        ("2025-12-10", None, [7, 7, 7]),  # until now
        ("2026-03-14", None, [0, 0, 7]),
    ],
)
def test_a_months_end_inside_the_window_may_be_off(
    earliest: str, latest: str | None, expected: list[int]
) -> None:
    frame = health.undated(unknown(("cus_1", earliest, latest, -7)), MONTHS, NOW)
    assert frame["arr"].tolist() == expected
    assert frame["changes"].tolist() == [int(arr > 0) for arr in expected]


def test_a_customer_counts_once_and_gains_do_not_hide_losses() -> None:
    rows = unknown(
        ("cus_1", "2026-01-10", None, 100),
        ("cus_1", "2026-02-10", None, -100),
        ("cus_2", "2026-02-10", None, 5),
    )
    ever = pd.DataFrame({"currency": ["eur", "usd"], "customers": [1, 8]})
    assert health.customers_unknown(rows) == 2
    assert health.arr_unknown(rows) == 205
    assert health.by_currency(rows, ever).to_numpy().tolist() == [
        ["usd", 8, 2, 3, 205, 0.75],
        ["eur", 1, 0, 0, 0, 1.0],
    ]
    assert health.complete(0, 0) is None


def test_reasons_are_told_in_words() -> None:
    rows = unknown(("cus_1", "2026-01-10", None, 1), ("cus_2", "2026-01-10", None, 1))
    rows["reason"] = ["first seen then", "something_new"]
    assert health.of_currency(rows, "usd")["what"].tolist() == [
        "Seen changed, nothing says when",
        "Something new",
    ]
    assert health.of_currency(rows, "eur").empty

"""Renewals: windows that add up from today, terms apart, reasons that overlap."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard.metrics import renewals
from dashboard.metrics.selection import Selection

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
WHOLE = Selection("usd", ())


def renewal(days: float, **given: object) -> dict[str, object]:
    return {
        "subscription_id": f"sub_{days}",
        "customer_id": "cus_1",
        "product_ids": "prod_a",
        "interval": "1year",
        "currency": "usd",
        "arr": 1200,
        "due_at": NOW + timedelta(days=days),
        "risks": "",
    } | given


@pytest.fixture
def due() -> pd.DataFrame:
    rows = [
        renewal(45, risks="set to cancel; past due", arr=600),
        renewal(1, interval="1month"),
        renewal(30, product_ids="prod_a|prod_b"),
        renewal(31, interval="3month", risks="past due"),
        renewal(200, interval="2year"),
        renewal(5, currency="eur"),
    ]
    return renewals.due(pd.DataFrame(rows).convert_dtypes(), WHOLE)


def test_the_soonest_first_in_one_currency(due: pd.DataFrame) -> None:
    assert due["subscription_id"].tolist() == ["sub_1", "sub_30", "sub_31", "sub_45", "sub_200"]
    assert due["term"].tolist() == ["Monthly", "Yearly", "Other terms", "Yearly", "Yearly"]
    assert due["at_risk"].tolist() == [False, False, True, True, False]


def test_windows_add_up_from_today(due: pd.DataFrame) -> None:
    table = renewals.by_window(due, NOW).set_index(["term", "days"])
    assert table.loc[("Yearly", 30)].tolist() == [1, 1200, 0]
    assert table.loc[("Yearly", 90)].tolist() == [2, 1800, 600]
    assert table.loc[("Monthly", 60)].tolist() == [1, 1200, 0]
    assert table["arr"].xs(90, level="days").sum() == renewals.arr_due(renewals.within(due, NOW, 90))


def test_a_renewal_with_two_reasons_is_in_both(due: pd.DataFrame) -> None:
    told = renewals.by_risk(due).set_index("risk")
    assert told["arr"].to_dict() == {"Past due": 1800, "Set to cancel": 600}
    assert renewals.arr_at_risk(due) == 1800
    assert renewals.risk_share(0, 0) is None


def test_by_month_adds_up(due: pd.DataFrame) -> None:
    told = renewals.by_month(due)
    assert told["arr"].sum() == due["arr"].sum()
    assert set(told["month"]) == {"2026-11", "2026-12", "2027-01", "2027-06"}


def test_filters_of_product_and_interval() -> None:
    frame = pd.DataFrame([renewal(1), renewal(2, product_ids="prod_b|prod_c"), renewal(3, interval="1week")])
    assert len(renewals.due(frame, Selection("usd", (), frozenset({"prod_c"})))) == 1
    assert len(renewals.due(frame, Selection("usd", (), None, frozenset({"1week"})))) == 1
    assert renewals.due(frame.iloc[:0], WHOLE).empty


def written(subscription: str, due_on: str, **given: object) -> dict[str, object]:
    empty = dict.fromkeys((*renewals.NOTED, "written_by"))
    return empty | {"subscription_id": subscription, "due_on": pd.Timestamp(due_on)} | given


NOTES = pd.DataFrame(
    [
        written("sub_30", "2026-12-21", owner="Grace", category="likely", note="newer"),
        written("sub_30", "2026-12-21", owner="Ada", category="lost", note="older"),
        written("sub_45", "2025-01-05", owner="Joan", note="of last year"),
    ]
)


def test_the_newest_note_of_this_renewal_counts() -> None:
    rows = [
        renewal(30, account_manager="Desk"),
        renewal(45, account_manager="Desk"),
        renewal(1, account_manager=None),
    ]
    table = renewals.due(pd.DataFrame(rows).convert_dtypes(), WHOLE, NOTES).set_index("subscription_id")
    assert table.loc["sub_30", [*renewals.NOTED]].fillna("").tolist() == ["Grace", "likely", "", "newer"]
    assert table.loc["sub_45", [*renewals.NOTED]].fillna("").tolist() == ["Joan", "", "", ""]
    assert pd.isna(table.loc["sub_1", "owner"])
    said = table.loc[["sub_30", "sub_45"]].reset_index()
    told = renewals.by_category(said, table.reset_index()).set_index("category")
    assert told["subscriptions"].to_dict() == {"Likely": 1, "Not said": 2}
    assert told["arr"].to_dict() == {"Likely": 1200, "Not said": 2400}
    assert renewals.history(NOTES, "sub_30")["note"].tolist() == ["newer", "older"]


def test_renewals_by_their_notice() -> None:
    rows = pd.DataFrame([renewal(30, notice_at=NOW), renewal(31, notice_at=pd.NaT, arr=99)])
    table = renewals.due(rows.convert_dtypes(), WHOLE)
    assert renewals.by_month(table, "notice_month")["month"].tolist() == ["2026-11"]


def test_reasons_with_their_evidence() -> None:
    assert renewals.with_evidence("past due; unpaid", "a, b; c") == ["Past due: a, b", "Unpaid: c"]
    assert renewals.with_evidence("", "") == []

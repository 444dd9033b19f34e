"""Outcomes of renewals: what counts as renewed, over what the rates are, how sure they are."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard.metrics import forecast, outcomes
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.selection import Selection

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
WHOLE = Selection("usd", ())
PLANS, RANKS = {"prod_a": "Business", "prod_b": "Support"}, {"Business": 2}


def renewal(before: int, after: int, days: float = 60, **given: object) -> dict[str, object]:
    """A renewal that fell due so many days ago; those of fewer than 30 are still open."""
    due = NOW - timedelta(days=days)
    became = "Lost" if not after else "Renewed lower" if after < before else "Renewed"
    return {
        "customer_id": "cus_1",
        "customer_name": "Ada",
        "currency": "usd",
        "interval": "1year",
        "due_at": due,
        "due_month": f"{due:%Y-%m}",
        "governs": "period",
        "product_ids": "prod_b|prod_a",
        "outcome": became if days >= 30 else "Open",
        "renewals": 1,
        "before": before,
        "after": after,
        "kept": min(before, after),
    } | given


def told(*rows: dict[str, object], selection: Selection = WHOLE) -> pd.DataFrame:
    return outcomes.told(pd.DataFrame(rows).convert_dtypes(), selection)


ROWS = [renewal(100, 100), renewal(100, 150), renewal(100, 40), renewal(100, 0), renewal(100, 0, days=10)]


def test_rates_are_over_what_was_decided_and_growth_does_not_hide_a_loss() -> None:
    rows = told(*ROWS)
    assert outcomes.rate_by_count(rows) == 3 / 4
    assert outcomes.rate_by_arr(rows) == 240 / 400
    assert outcomes.rate_by_arr(rows.iloc[4:]) is outcomes.rate_by_count(rows.iloc[:0]) is None


def test_other_currencies_and_plans_are_left_out() -> None:
    rows = [renewal(100, 0), renewal(100, 100, currency="eur"), renewal(100, 100, product_ids="prod_c")]
    assert len(told(*rows)) == 2
    assert len(told(*rows, selection=Selection("usd", (), frozenset({"prod_a"})))) == 1


def test_a_segment_is_named_by_its_highest_plan() -> None:
    found = outcomes.segments(told(*ROWS, renewal(10, 0, interval="1month")), PLANS, RANKS)
    assert set(found) == {("Business", "1year"), ("Business", "1month")}
    assert found["Business", "1year"][:2] == (4, 0.6)


@pytest.mark.parametrize(
    ("decided", "rate", "low", "high"),
    [(10, 0.5, 0.2366, 0.7634), (1, 1.0, 0.2065, 1.0), (20, 0.0, 0.0, 0.1611)],
)
def test_the_range_is_wilsons(decided: int, rate: float, low: float, high: float) -> None:
    found = outcomes.segment(decided, rate)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def due(arr: int, plan: str = "Business", month: str = "2026-12") -> dict[str, object]:
    return {
        "subscription_id": f"sub_{arr}",
        "plan": plan,
        "interval": "1year",
        "arr": arr,
        "renewals": 1,
        "month": month,
        "term": "Yearly",
    }


@pytest.fixture
def ahead() -> pd.DataFrame:
    segments = outcomes.segments(told(*ROWS), PLANS, RANKS)
    rows = pd.DataFrame([due(1000), due(500, month="2027-01"), due(300, plan="Enterprise")]).convert_dtypes()
    return forecast.forecast(rows, segments)


def test_what_never_renewed_is_not_expected(ahead: pd.DataFrame) -> None:
    assert forecast.expected(ahead) == 900
    assert forecast.expected(ahead.assign(expected=pd.NA)) is None
    assert forecast.without_rate(ahead) == 300
    low, high = forecast.in_range(ahead)
    assert low < 900 < high < 1500
    by_segment = forecast.by_segment(ahead)
    assert by_segment["plan"].tolist() == ["Business", "Enterprise"]
    assert by_segment["decided"].isna().tolist() == [False, True]


def test_months_add_up(ahead: pd.DataFrame) -> None:
    table = forecast.by_month(ahead)
    assert table["expected"].tolist() == [600, 300]
    assert (table["arr"].sum(), table["arr_known"].sum()) == (1800, 1500)


def test_a_kept_forecast_is_compared_with_what_came(ahead: pd.DataFrame) -> None:
    kept = pd.DataFrame(forecast.to_keep(ahead, "usd")).assign(
        made_at=NOW - timedelta(days=90), due_month="2026-09"
    )
    came = told(renewal(1500, 850, days=60), renewal(100, 100, days=10))
    (row,) = forecast.against_outcome(kept, came, "usd").to_dict("records")
    assert (row["month"], row["arr"], row["expected"], row["due"], row["renewed"]) == (
        "2026-09",
        1800,
        900,
        1500,
        850,
    )
    assert row["inside"]
    assert forecast.against_outcome(kept, came, "eur").empty


def test_a_month_with_open_renewals_is_not_judged(ahead: pd.DataFrame) -> None:
    kept = pd.DataFrame(forecast.to_keep(ahead, "usd")).assign(made_at=NOW, due_month="2026-11")
    (row,) = forecast.against_outcome(kept, told(renewal(100, 100, days=10)), "usd").to_dict("records")
    assert (row["open"], pd.isna(row["inside"])) == (1, True)


def test_what_is_expected_is_made_of_plans_and_intervals(ahead: pd.DataFrame) -> None:
    rows = ahead.assign(
        due_at=[NOW, NOW + timedelta(days=200), NOW], currency="usd", renewals=pd.array([4, 1, 2], "Int64")
    )
    made = forecast.explained(rows, NOW, 90)
    assert made.figure == made.included["expected"].sum() == 600
    assert made.included["rows"].tolist() == [4]
    assert sorted(made.excluded["rows"]) == [1, 2]
    assert made.excluded["reason"].nunique() == 2


@pytest.mark.parametrize("most", [1, 2, 9])
def test_a_rate_is_made_of_its_renewals(most: int) -> None:
    rows = told(*ROWS, renewal(50, 50, days=5), renewal(70, 0, days=6))
    named, waiting = (rows.loc[(rows["outcome"] == "Open") == is_open] for is_open in (False, True))
    made = outcomes.rate_explained(rows, named.head(most), waiting.head(most))
    assert isinstance(made.figure, Rate)
    assert made.figure.number == outcomes.rate_by_arr(rows)
    assert made.included["arr_kept"].sum() / made.included["arr_start"].sum() == made.figure.number
    assert (made.included["rows"].sum(), made.excluded["rows"].sum()) == (4, 3)
    assert len(made.included) == min(4, most + 1)
    assert all(made.excluded["reason"])
    none = rows.iloc[:0]
    nothing = outcomes.rate_explained(none, none, none)
    assert isinstance(nothing.figure, Rate)
    assert nothing.figure.reason

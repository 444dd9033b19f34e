"""What is behind a figure of renewals adds up to it, whatever is selected."""

from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as some

from dashboard.metrics import due_explained, renewals
from dashboard.metrics.selection import Selection

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
PRODUCTS, INTERVALS, CURRENCIES = ("prod_a", "prod_b"), ("1month", "1year", "3month"), ("usd", "eur")

rows = some.lists(
    some.builds(
        dict,
        subscription_id=some.just("sub"),
        product_ids=some.sampled_from(["prod_a", "prod_b", "prod_a|prod_b"]),
        interval=some.sampled_from(INTERVALS),
        currency=some.sampled_from(CURRENCIES),
        arr=some.integers(0, 10**9),
        due_at=some.integers(0, 365).map(lambda days: NOW + timedelta(days=days)),
        governs=some.sampled_from(["period", "quote"]),
        risks=some.sampled_from(["", "past due"]),
    ),
    min_size=1,
    max_size=12,
)
selections = some.builds(
    Selection,
    some.sampled_from(CURRENCIES),
    some.just(()),
    some.none() | some.frozensets(some.sampled_from(PRODUCTS)),
    some.none() | some.frozensets(some.sampled_from(INTERVALS)),
)


@given(rows, selections, some.sampled_from([30, 90]), some.booleans(), some.integers(0, 3))
def test_the_rows_add_up_to_the_figure(
    given_rows: list[dict[str, object]], selection: Selection, days: int, risky: bool, most: int
) -> None:
    frame = pd.DataFrame(given_rows)
    yearly = lambda interval, governs: interval.endswith("year") or governs == "quote"  # noqa: E731
    due = renewals.due(frame, selection)
    due = due.loc[[yearly(*pair) for pair in zip(due["interval"], due["governs"], strict=True)]]
    within = renewals.within(due, NOW, days)
    named = within.loc[within["at_risk"]] if risky else within
    made = due_explained.due(frame, named.head(most), selection, NOW, days, yearly, risky=risky)
    assert made.figure == (renewals.arr_at_risk if risky else renewals.arr_due)(within)
    assert made.figure == made.included["arr"].sum()
    assert len(made.included) == min(len(named), most + 1)
    assert made.included["rows"].sum() + made.excluded["rows"].sum() == len(frame)
    assert made.figure + made.excluded["arr"].sum() == frame["arr"].sum()
    assert all(made.excluded["reason"])

"""Figures counted in customers or accounts: their rows add up, and what is not in them says why."""

import pandas as pd

from dashboard.metrics import people_explained as explained
from dashboard.metrics import plan_mix, retention
from dashboard.metrics.rates.rate import Rate
from dashboard.metrics.rates.survival import survival

ACCOUNTS = pd.DataFrame({"plan": ["Free", "free", "Business", None], "accounts": [40, 2, 7, 1]})
LIFETIMES = pd.DataFrame(
    [(10, False, 3), (20, False, 4), (30, False, 1), (15, True, 2), (90, True, 1)],
    columns=["days", "censored", "customers"],
)
WON = (("2025-01", 10, 6), ("2025-02", 4, 4), ("2025-03", 6, 0), ("2026-01", 5, None))
COHORTS = pd.DataFrame(
    [
        (cohort, age, customers, partial)
        for cohort, first, after in (
            ("2025-01", 10, 6),
            ("2025-02", 4, 4),
            ("2025-03", 6, 0),
            ("2026-01", 5, None),
        )
        for age, customers, partial in ((0, first, False), (12, after, False))
        if customers is not None
    ],
    columns=["cohort", "age", "customers", "partial"],
).assign(arr=0)


def test_free_accounts_are_those_of_the_free_plan() -> None:
    found = explained.free_accounts(ACCOUNTS)
    assert found.figure == plan_mix.free_accounts(ACCOUNTS) == found.included["rows"].sum() == 42
    assert dict(zip(found.excluded["reason"], found.excluded["rows"], strict=True)) == {
        "On another plan: Business.": 7,
        "On another plan: no plan.": 1,
    }
    unknown = explained.free_accounts(ACCOUNTS.iloc[:0])
    assert isinstance(unknown.figure, Rate)
    assert unknown.figure.reason == "no account is known"


def test_cohorts_add_up_to_what_is_kept_after_a_year() -> None:
    found = explained.after_a_year(COHORTS)
    assert isinstance(found.figure, Rate)
    assert found.figure.number == retention.after_a_year(retention.mean_curve(COHORTS)) == 0.5
    assert found.included[["customers_first", "customers_after"]].sum().tolist() == [20, 10]
    assert found.excluded[["customer_name", "reason"]].to_numpy().tolist() == [
        ["Won in January 2026", "Not 12 months old yet."]
    ]


def test_the_half_life_parts_those_who_left_before_and_after() -> None:
    everybody = pd.concat([LIFETIMES, pd.DataFrame({"days": [5], "censored": [True], "customers": [8]})])
    found = explained.half_life(LIFETIMES, everybody)
    days = retention.half_life(survival(LIFETIMES))
    assert found.figure == days == 20
    assert dict(zip(found.included["customer_name"], found.included["rows"], strict=True)) == {
        "Left within 20 days": 7,
        "Left after more than 20 days": 1,
        "Still subscribed, known for at most 20 days": 2,
        "Still subscribed, known for more than 20 days": 1,
    }
    assert found.excluded["rows"].tolist() == [8]


def test_a_half_life_that_has_not_come_says_so() -> None:
    stay = LIFETIMES.assign(censored=True)
    found = explained.half_life(stay, stay)
    assert isinstance(found.figure, Rate)
    assert found.figure.reason == "more than half of the customers are still there"
    assert found.included["rows"].sum() == 11

"""What is behind figures that are counted in customers or accounts, not in amounts: sums of their rows.

Each row stands for `rows` of them, and customer_name says for which.
"""

from typing import Any

import pandas as pd

from dashboard.metrics import plan_mix, retention
from dashboard.metrics.definitions import Metric
from dashboard.metrics.explain import Explanation, Figure
from dashboard.metrics.rates.rate import rate, undefined
from dashboard.metrics.rates.survival import survival
from dashboard.metrics.text import known
from data.clock import month_start

COLUMNS = ["customer_id", "customer_name", "rows"]
YEAR = 12
TOO_FEW = f"fewer than {retention.FEWEST} cohorts are 12 months old"
MOST_STAY = "more than half of the customers are still there"
ELSEWHERE = "Began with another plan or in another currency, or of other customers than those selected."


def free_accounts(accounts: pd.DataFrame) -> Explanation:
    """The accounts of the Free plan, and those of the others; of the frame of that name."""
    plans = [known(plan) or "no plan" for plan in accounts["plan"]]
    rows = _rows([f"Accounts on {plan}" for plan in plans], accounts["accounts"].tolist())
    rows["reason"] = [f"On another plan: {plan}." for plan in plans]
    is_free = plan_mix.is_free(accounts).reset_index(drop=True)
    figure = plan_mix.free_accounts(accounts)
    told = undefined("no account is known") if figure is None else figure
    return _explained(plan_mix.free_accounts, told, rows, is_free)


def after_a_year(cohorts: pd.DataFrame) -> Explanation:
    """Each cohort with its customers at the end of its first month and 12 months later (rates.cohorts)."""
    first = cohorts.loc[cohorts["age"] == 0].set_index("cohort")["customers"]
    later = cohorts.loc[(cohorts["age"] == YEAR) & ~cohorts["partial"]].set_index("cohort")["customers"]
    names = [f"Won in {month_start(str(cohort)):%B %Y}" for cohort in first.index]
    rows = _rows(names, [1] * len(first)).assign(
        customers_first=first.to_numpy(),
        customers_after=later.reindex(first.index).astype("Int64").to_numpy(),
        reason="Not 12 months old yet.",
    )
    stayed, began = int(later.sum()), int(first.reindex(later.index).sum())
    is_shown = retention.after_a_year(retention.mean_curve(cohorts)) is not None
    figure = rate(stayed, began, empty=TOO_FEW) if is_shown else undefined(TOO_FEW)
    return _explained(retention.after_a_year, figure, rows, rows["customers_after"].notna())


def half_life(lifetimes: pd.DataFrame, everybody: pd.DataFrame) -> Explanation:
    """The customers by whether they left before the half-life; frames lifetimes, of some and of all."""
    days = retention.half_life(survival(lifetimes))
    if days is None:
        groups = {"Left": ~lifetimes["censored"], "Still subscribed": lifetimes["censored"]}
    else:
        left, early = ~lifetimes["censored"], lifetimes["days"] <= days
        groups = {
            f"Left within {days:,} days": left & early,
            f"Left after more than {days:,} days": left & ~early,
            f"Still subscribed, known for at most {days:,} days": ~left & early,
            f"Still subscribed, known for more than {days:,} days": ~left & ~early,
        }
    counts = [int(lifetimes.loc[some, "customers"].sum()) for some in groups.values()]
    others = int(everybody["customers"].sum()) - sum(counts)
    rows = _rows([*groups, "Other customers"], [*counts, others]).assign(reason=ELSEWHERE)
    rows = rows.loc[rows["rows"] > 0].reset_index(drop=True)
    included = rows["customer_name"] != "Other customers"
    return _explained(retention.half_life, undefined(MOST_STAY) if days is None else days, rows, included)


def _rows(names: list[str], counts: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": None, "customer_name": names, "rows": counts}, columns=COLUMNS)


def _explained(
    metric: Metric[..., Any], figure: Figure, rows: pd.DataFrame, included: "pd.Series[bool]"
) -> Explanation:
    """The rows told apart; why is only of those left out."""
    within = rows.loc[included].drop(columns="reason")
    return Explanation(
        metric, figure, within.reset_index(drop=True), rows.loc[~included].reset_index(drop=True)
    )

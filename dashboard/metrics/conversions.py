"""From free to paid: accounts that began without paying, and which of them pay now."""

from datetime import datetime, timedelta

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.rate import Exact, Rate, rate
from data.clock import month_start, months_between, next_month

WITHIN = (30, 90)  # days
COLUMNS = [
    "month",
    "accounts",
    "paid_at_once",
    "free",
    "paid_30",
    "paid_90",
    "paid",
    "rate_30",
    "rate_90",
    "rate",
]


@metric(
    "Free to paid",
    "share",
    "Accounts that paid for the first time within so many days of their creation, as a share of the accounts "
    "created in the month that did not pay on that day. An account on trial does not pay yet.",
)
def conversion(began_free: Exact, paid: Exact) -> Rate:
    """Share of the accounts that began without paying which pay, or paid, for something."""
    return rate(paid, began_free, empty="no account began without paying")


def free_to_paid(conversions: pd.DataFrame, months: tuple[str, ...], now: datetime) -> pd.DataFrame:
    """COLUMNS for each of the months: accounts created in it, and what share of those that began free paid.

    rate_30 and rate_90 are missing until so many days have passed for every account of the month.
    """
    rows = []
    for month in months:
        of = conversions.loc[conversions["month"] == month]
        days, accounts = of["days"], of["accounts"].astype("int64")
        at_once = int(accounts[(days == 0).fillna(False)].sum())
        free = int(accounts.sum()) - at_once
        later = {limit: int(accounts[days.between(1, limit).fillna(False)].sum()) for limit in WITHIN}
        paid = int(accounts[(days > 0).fillna(False)].sum())
        known = [
            conversion(free, later[limit]).number if _has_passed(month, limit, now) else None
            for limit in WITHIN
        ]
        so_far = conversion(free, paid).number
        rows.append((month, free + at_once, at_once, free, *later.values(), paid, *known, so_far))
    dtypes = dict.fromkeys(("rate_30", "rate_90", "rate"), "Float64")
    return pd.DataFrame(rows, columns=COLUMNS).astype(dtypes)


def _has_passed(month: str, days: int, now: datetime) -> bool:
    return month_start(next_month(month)) + timedelta(days=days) <= now


def months_known(conversions: pd.DataFrame, current: str) -> list[str]:
    """Every month from the first account's to the current one."""
    first = min(conversions["month"], default=current)
    return months_between(str(first), current)

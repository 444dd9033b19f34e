"""Failed payments: how much of it came in after all, and at which attempt.

failed is the frame failed_payments in data.frames; amounts are what was due, minor units.
"""

from collections.abc import Collection

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.selection import ratio

OUTCOMES = {
    "recovered": "Paid after all",
    "lost": "Subscription ended",
    "written_off": "Written off",
    "voided": "Voided",
    "open": "Still open",
}
DECIDED = ("recovered", "lost", "written_off")


@metric(
    "Payments recovered",
    "share",
    "Of invoices whose first automatic payment failed, the amount that was paid after all, divided by the "
    "amount that was paid, written off, or ended its subscription. What is still open or was voided is in "
    "neither; first invoices of subscriptions that never began are left out.",
)
def recovery_rate(recovered: int, decided: int) -> float | None:
    """Share of the amount; None where nothing is decided yet."""
    return ratio(float(recovered), float(decided))


@metric(
    "Failed payments of subscriptions",
    "amount",
    "What was due on invoices of running subscriptions whose first automatic payment failed.",
)
def failed_amount(failed: pd.DataFrame) -> int:
    """The amount of the rows, minor units."""
    return int(failed["amount"].sum())


def by_month(failed: pd.DataFrame, months: Collection[str]) -> pd.DataFrame:
    """month, invoices, amount, an amount for each of OUTCOMES, rate (recovered)."""
    sums = failed.pivot_table(index="month", columns="outcome", values="amount", aggfunc="sum", fill_value=0)
    sums = sums.reindex(index=list(months), columns=list(OUTCOMES), fill_value=0).fillna(0).astype("int64")
    invoices = failed.groupby("month")["invoices"].sum().reindex(list(months)).fillna(0).astype("int64")
    decided = sums[list(DECIDED)].sum(axis="columns")
    rates = [recovery_rate(*pair) for pair in zip(sums["recovered"].tolist(), decided.tolist(), strict=True)]
    rate = pd.Series(rates, index=sums.index, dtype="Float64")
    frame = sums.assign(invoices=invoices, amount=sums.sum(axis="columns"), rate=rate)
    frame = frame.rename_axis(columns=None).reset_index(names="month")
    return frame[["month", "invoices", "amount", *OUTCOMES, "rate"]]


def by_attempt(failed: pd.DataFrame) -> pd.DataFrame:
    """Those paid after all, by the attempt that did it: attempt, invoices, amount, days (mean), share."""
    rows = failed.loc[failed["outcome"] == "recovered"]
    waits = rows.assign(waited=rows["days"] * rows["invoices"])
    sums = waits.groupby("attempts")[["invoices", "amount", "waited"]].sum().reset_index()
    every = float(sums["amount"].sum())
    return pd.DataFrame(
        {
            "attempt": [f"Attempt {int(each)}" for each in sums["attempts"]],
            "invoices": sums["invoices"],
            "amount": sums["amount"],
            "days": [
                None if pd.isna(waited) else float(waited) / int(count)
                for waited, count in zip(sums["waited"], sums["invoices"], strict=True)
            ],
            "share": [ratio(float(each), every) for each in sums["amount"]],
        }
    )

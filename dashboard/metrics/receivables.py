"""What is owed: by age and by customer, days sales outstanding, payments that failed and were recovered."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from dashboard.formatting import day
from dashboard.metrics.definitions import Metric, metric
from dashboard.metrics.explain import Explanation
from dashboard.metrics.invoices import why
from dashboard.metrics.rates.rate import rate
from dashboard.metrics.selection import ratio

AGES = {
    "not_due": "Not yet due",
    "1-30": "1–30 days",
    "31-60": "31–60 days",
    "61-90": "61–90 days",
    "91-120": "91–120 days",
    "over_120": "Over 120",
}
OVERDUE = tuple(AGES)[1:]
LONG_OVERDUE = tuple(AGES)[3:]
SUMS = {"open": tuple(AGES), "overdue": OVERDUE, "long_overdue": LONG_OVERDUE}
INSTANT = pd.DatetimeTZDtype("us", "UTC")
CHOICES = {
    "All open": tuple(AGES),
    "Overdue": OVERDUE,
    "Over 30 days": OVERDUE[1:],
    "Over 60 days": LONG_OVERDUE,
    "Over 90 days": OVERDUE[3:],
    "Over 120 days": OVERDUE[4:],
}
LIMITS = ((0, "not_due"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"))
WINDOW = 90  # days of invoicing that days sales outstanding looks back on

NAMED = 500  # rows of an explanation that are told by name
NOTED = {"dispute": "Disputed", "remark": "Remark", "settled": "Settled"}
OUTCOMES = {
    "recovered": "Recovered",
    "trying": "Tried again",
    "open": "Open, no try planned",
    "written off": "Written off",
    "voided": "Voided",
}


def age(due: datetime, at: datetime) -> str:
    """Of which of AGES an invoice is; a part of a day past due counts as a day (Stripe's ageing)."""
    days = ceil((at - due) / timedelta(days=1))
    return next((name for most, name in LIMITS if days <= most), "over_120")


def days_overdue(due: datetime, at: datetime) -> int:
    """Days past due, a part of a day as a day; 0 while it is not due yet."""
    return max(ceil((at - due) / timedelta(days=1)), 0)


def of_currency(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The rows in one currency."""
    return rows.loc[rows["currency"] == currency].reset_index(drop=True)


@metric(
    "Open receivables",
    "amount",
    "What remains to be paid of invoices that are final and not paid, voided or written off, net of credit "
    "notes, with tax.",
)
def open_amount(owed: pd.DataFrame) -> int:
    """The sum of `open`, in minor units, of rows in one currency."""
    return int(owed["open"].sum())


@metric(
    "Overdue", "amount", "Open receivables past their due date; an invoice without one is due when final."
)
def overdue(owed: pd.DataFrame) -> int:
    """Open amount of the rows that are past due, in minor units."""
    return open_amount(owed.loc[owed["age"].isin(OVERDUE)])


@metric("Overdue more than 60 days", "amount", "Open receivables more than 60 days past their due date.")
def long_overdue(owed: pd.DataFrame) -> int:
    """Open amount of the rows more than 60 days past due, in minor units."""
    return open_amount(owed.loc[owed["age"].isin(LONG_OVERDUE)])


@metric("Customers overdue", "customers", "Customers with at least one invoice past its due date.")
def customers_overdue(owed: pd.DataFrame) -> int:
    """Distinct customers of the rows that are past due."""
    return int(owed.loc[owed["age"].isin(OVERDUE), "customer_id"].nunique())


@metric(
    "Days sales outstanding",
    "days",
    f"Open receivables / invoiced amount of the last {WINDOW} days × {WINDOW}. Invoiced is the total, with "
    "tax, of invoices that became final in those days and were not voided.",
)
def dso(open_now: int, invoiced: int) -> float | None:
    """Days, from minor units of one currency; None when nothing was invoiced."""
    return None if invoiced <= 0 else open_now / invoiced * WINDOW


@metric(
    "Recovery rate",
    "share",
    "Of the amount of invoices whose payment failed at first, the share that was paid since.",
)
def recovery_rate(outcomes: pd.DataFrame) -> float | None:
    """Share by amount, of rows with outcome and amount; None when nothing failed."""
    recovered = outcomes.loc[outcomes["outcome"] == "recovered", "amount"].sum()
    return ratio(float(recovered), float(outcomes["amount"].sum()))


def by_age(owed: pd.DataFrame) -> pd.DataFrame:
    """All ages in order: age, label, open, invoices, customers, share (of all that is open)."""
    whole = open_amount(owed)
    rows = []
    for name, label in AGES.items():
        some = owed.loc[owed["age"] == name]
        part = open_amount(some)
        counted = int(some["invoices"].sum()), int(some["customer_id"].nunique())
        rows.append((name, label, part, *counted, ratio(float(part), float(whole))))
    frame = pd.DataFrame(rows, columns=["age", "label", "open", "invoices", "customers", "share"])
    return frame.astype({"share": "Float64"})


def by_customer(owed: pd.DataFrame, at: datetime, ages: Iterable[str] | None = None) -> pd.DataFrame:
    """A row a customer who owes something of the ages (None: of any), the largest amount of them first.

    customer_id, customer_name, customer_email, account_manager, currency, open, overdue, chosen (open, of the
    ages), a column per age (minor units, missing where 0), invoices, oldest_due_at, days (overdue, of the
    oldest).
    """
    who = ["customer_id", "currency"]
    wide = owed.pivot_table(index=who, columns="age", values="open", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=list(AGES), fill_value=0).astype("int64")
    wide = wide.rename_axis(columns=None)
    first = owed.groupby(who)[["customer_name", "customer_email", "account_manager"]].first()
    sums = owed.groupby(who).agg(invoices=("invoices", "sum"), oldest_due_at=("oldest_due_at", "min"))
    table = first.join(wide).join(sums).reset_index()
    table["open"] = table[list(AGES)].sum(axis=1)
    table["overdue"] = table[list(OVERDUE)].sum(axis=1)
    table["chosen"] = table[list(AGES if ages is None else ages)].sum(axis=1)
    table["days"] = [days_overdue(due, at) for due in table["oldest_due_at"]]
    table = table.loc[table["chosen"] > 0]
    table = table.assign(**{name: table[name].astype("Int64").where(table[name] > 0) for name in AGES})
    return table.sort_values(["chosen", "customer_id"], ascending=[False, True], ignore_index=True)


def over_time(frame: pd.DataFrame, ats: Sequence[datetime]) -> pd.DataFrame:
    """At each of the instants: at, a column per age (minor units), open, overdue, long_overdue."""
    wide = frame.pivot_table(index="at", columns="age", values="open", aggfunc="sum", fill_value=0)
    instants = pd.DatetimeIndex(list(ats), name="at").astype(INSTANT)
    wide = wide.reindex(index=instants, columns=list(AGES), fill_value=0).astype("int64")
    wide = wide.rename_axis(columns=None)
    sums = {name: wide[list(some)].sum(axis=1) for name, some in SUMS.items()}
    return wide.assign(**sums).reset_index()


def listed(invoices: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Invoices that are owed, the longest due first, with days (overdue) and standing (what was noted)."""
    rows = invoices.sort_values(["falls_due_at", "invoice_id"], ignore_index=True)
    return rows.assign(
        days=[days_overdue(due, at) for due in rows["falls_due_at"]],
        standing=[standing(row, at) for row in rows.to_dict("records")],
    )


def explained(
    definition: Metric[..., Any], invoices: pd.DataFrame, currency: str, ages: Collection[str]
) -> Explanation:
    """Open invoices in an amount of some ages and those left out, each with its reason.

    Each amount is in its row's own currency.
    """
    reasons = [
        _left_out(*each, currency, ages) for each in zip(invoices["currency"], invoices["age"], strict=True)
    ]
    rows = invoices.assign(reason=pd.Series(reasons, index=invoices.index, dtype="string"), rows=1)
    out = rows.loc[rows["reason"] != ""]
    included = rows.loc[rows["reason"] == ""].drop(columns="reason")
    figure = open_amount(included)
    return Explanation(definition, figure, included.reset_index(drop=True), out.reset_index(drop=True))


def _left_out(currency: str, age_: str, chosen: str, ages: Collection[str]) -> str:
    if currency != chosen:
        return f"In another currency: {currency.upper()}."
    return "" if age_ in ages else f"{AGES[age_]}: not so long overdue."


def customers_explained(owed: pd.DataFrame, currency: str) -> Explanation:
    """The customers overdue, each with what is overdue, and those who are not, with all that they owe."""
    late = owed["open"].where(owed["age"].isin(OVERDUE), 0)
    who = owed.assign(late=late).groupby(["customer_id", "currency"], as_index=False, sort=False)
    each = who.agg(customer_name=("customer_name", "first"), open=("open", "sum"), late=("late", "sum"))
    reasons = np.where(
        each["currency"] != currency,
        "In another currency: " + each["currency"].str.upper() + ".",
        np.where(each["late"] > 0, "", "Owes nothing that is past due."),
    )
    rows = each.assign(reason=pd.Series(reasons, index=each.index, dtype="string"), rows=1)
    within = rows["reason"] == ""
    included = rows.assign(open=rows["late"]).loc[within].drop(columns=["reason", "late"])
    included = included.sort_values("open", ascending=False, ignore_index=True)
    out = rows.loc[~within].drop(columns="late").reset_index(drop=True)
    return Explanation(customers_overdue, len(included), included, out)


def dso_explained(owed: pd.DataFrame, invoiced: pd.DataFrame, whole: int, currency: str) -> Explanation:
    """What is open and what was invoiced, by customer; of one currency.

    invoiced has the largest customers (frames.invoiced_customers), whole is what was invoiced to all.
    """
    some = owed.groupby("customer_id", as_index=False).agg(
        customer_name=("customer_name", "first"), open=("open", "sum"), rows=("customer_id", "size")
    )
    some = some.assign(rows=1, part="Open").sort_values("open", ascending=False, ignore_index=True)
    rest = {"rows": len(some) - NAMED, "part": "Open", "open": int(some["open"].iloc[NAMED:].sum())}
    given = invoiced[["customer_id", "customer_name", "invoiced"]].assign(rows=1, part="Invoiced in 90 days")
    others = {
        "rows": 1,
        "customer_name": "The others",
        "part": "Invoiced in 90 days",
        "invoiced": whole - int(given["invoiced"].sum()),
    }
    more = [row for row, there in ((rest, len(some) > NAMED), (others, others["invoiced"] != 0)) if there]
    parts = [each for each in (some.head(NAMED), given, pd.DataFrame(more)) if len(each)]
    included = pd.concat(parts or [some.assign(invoiced=0)], ignore_index=True).assign(currency=currency)
    for name in ("open", "invoiced"):
        included[name] = included.get(name, pd.Series(pd.NA, index=included.index)).astype("Int64")
    for name in ("customer_id", "customer_name"):
        included[name] = included.get(name, pd.Series(pd.NA, index=included.index)).astype("string")
    figure = rate(open_amount(owed) * WINDOW, max(whole, 0), empty="nothing was invoiced in 90 days")
    nothing = included.iloc[:0].assign(reason=pd.Series([], dtype="string"))
    return Explanation(dso, figure, included, nothing)


def failing(invoices: pd.DataFrame) -> pd.DataFrame:
    """Invoices whose payment fails, the next to be tried first, with reason (why, in words)."""
    rows = invoices.sort_values(["next_payment_attempt", "invoice_id"], ignore_index=True)
    names = ("decline_reason", "failure_code", "failure_message")
    return rows.assign(reason=[why(*each) for each in zip(*(rows[name] for name in names), strict=True)])


def recovery(outcomes: pd.DataFrame) -> pd.DataFrame:
    """By month: month, failed, a column per outcome (minor units), invoices, rate (share recovered)."""
    wide = outcomes.pivot_table(
        index="month", columns="outcome", values="amount", aggfunc="sum", fill_value=0, observed=True
    )
    wide = wide.reindex(columns=list(OUTCOMES), fill_value=0).astype("int64").rename_axis(columns=None)
    failed = wide.sum(axis=1)
    rate = [ratio(float(got), float(all_)) for got, all_ in zip(wide["recovered"], failed, strict=True)]
    wide = wide.assign(
        failed=failed,
        invoices=outcomes.groupby("month")["invoices"].sum().astype("int64"),
        rate=pd.Series(rate, index=wide.index, dtype="Float64"),
    )
    return wide.reset_index()


def standing(row: Mapping[Hashable, Any], at: datetime) -> str:
    """What was last noted about an invoice, in words: "Promised for 3 Dec 2026", "Disputed"."""
    if row["note_kind"] == "promise":
        told = day(row["promised_on"])
        return (
            f"Promise of {told} not kept" if row["promised_on"].date() < at.date() else f"Promised for {told}"
        )
    return NOTED.get(str(row["note_kind"]), "")

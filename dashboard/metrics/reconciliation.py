"""Findings of reconciliation: what is open, put off or closed, and what it is worth."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from dashboard.metrics.definitions import Metric, metric
from dashboard.metrics.explain import Explanation
from dashboard.metrics.text import known

RECENT = timedelta(days=90)
NOTED: dict[str, Any] = {"assignee": "string", "snoozed_until": "datetime64[us]", "reason": "string"}
"""What a note says of a finding."""


class Kind(NamedTuple):
    """A kind of finding: what it is called, what the amount says, and how it is put right."""

    name: str
    worth: str
    advice: str


KINDS = {
    "plan_without_subscription": Kind(
        "Paid plan without subscription",
        "what the customer last paid",
        "Start a subscription, or take the account off its plan.",
    ),
    "subscription_without_account": Kind(
        "Subscription without account",
        "what the customer pays",
        "Enter the customer's id at the account, or end the subscription.",
    ),
    "plan_differs": Kind(
        "Plan differs",
        "what the customer pays for the plan",
        "Put the account on the plan that is paid, or change the subscription.",
    ),
    "capacity_differs": Kind(
        "Capacity differs",
        "the difference at the price of a seat",
        "Set the capacity to what is paid, or bill the difference.",
    ),
    "addon_not_billed": Kind(
        "Add-on live, not billed", "not known", "Add it to the subscription, or switch it off."
    ),
    "addon_not_live": Kind(
        "Add-on billed, not live",
        "what is paid for it",
        "Finish setting it up, or take it off the subscription.",
    ),
    "provisioning_failed": Kind(
        "Add-on not acknowledged by our system",
        "not known",
        "Mend what our system answers, then send it again on the add-on's page.",
    ),
    "certificate_ends": Kind(
        "Sign-on certificate ends",
        "not known",
        "Ask the customer for the metadata with the next certificate, and read it in.",
    ),
    "discount_past_end": Kind(
        "Discount past its end", "what it takes off", "Remove the discount from the subscription."
    ),
    "quote_not_invoiced": Kind(
        "Quote accepted, not invoiced",
        "what the quote says",
        "Start what was agreed, or finalize its invoice.",
    ),
    "billed_twice": Kind(
        "Customer billed twice",
        "the smaller of the subscriptions",
        "End one of them and give back what was paid twice.",
    ),
    "invoice_of_ended": Kind(
        "Invoice open on an ended subscription", "what is open on it", "Collect it, void it, or write it off."
    ),
    "deleted_still_used": Kind(
        "Deleted customer still using the product",
        "what the customer last paid",
        "Close the account, or make the customer again.",
    ),
}
"""In the order of data.frames.findings."""


def with_state(findings: pd.DataFrame, notes: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Findings with what is known of them: since, assignee, snoozed_until, reason, state and name.

    findings are frames.findings_brief, notes the newest first. since is when it was first found, now where
    nobody wrote it down yet. state is "Open" or, until the day to which it was put off, "Snoozed".
    """
    newest = notes.drop_duplicates("finding").set_index("finding").reindex(findings["finding"])
    columns: dict[str, Any] = {name: pd.array(newest[name], dtype=dtype) for name, dtype in NOTED.items()}
    is_later = pd.Series(columns["snoozed_until"], index=findings.index) >= pd.Timestamp(
        now.date()
    ) + timedelta(days=1)
    return findings.assign(
        since=findings["first_seen_at"].fillna(now),
        name=findings["kind"].map({code: kind.name for code, kind in KINDS.items()}),
        **columns,
        state=pd.Series("Open", index=findings.index, dtype="string").mask(is_later, "Snoozed"),
    )


TOLD = ("finding", "about", "detail", "mend", "mend_id", "account_id", "customer_id", "customer_name")


def told(rows: pd.DataFrame, findings: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Rows of with_state with what frames.findings_kept or _named says of them, where they lack it."""
    return rows if "detail" in rows.columns else rows.merge(findings()[list(TOLD)], on="finding")


def of_currency(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Those of a currency, and those of none because their amount is not known; the largest first."""
    some = rows.loc[rows["currency"].isna() | (rows["currency"] == currency)]
    return some.sort_values("amount", ascending=False, na_position="last", kind="stable", ignore_index=True)


@metric(
    "Open findings",
    "resources",
    "Places where Stripe, quotes and the application database disagree now and nobody has put off. Only the "
    "data closes a finding.",
)
def open_findings(rows: pd.DataFrame) -> int:
    """Rows of with_state that are open."""
    return int((rows["state"] == "Open").sum())


@metric(
    "In question a month",
    "amount",
    "What open findings are worth a month; each kind says what its amount is. Those that are not known are "
    "left out.",
)
def in_question(rows: pd.DataFrame) -> int:
    """Sum of the known monthly amounts of open findings, in minor units."""
    return int(rows.loc[(rows["state"] == "Open") & (rows["per"] == "month"), "amount"].sum())


@metric(
    "In question once",
    "amount",
    "What open findings are worth once, such as invoices of subscriptions that ended.",
)
def once(rows: pd.DataFrame) -> int:
    """Sum of the amounts of open findings that do not come back, in minor units."""
    return int(rows.loc[(rows["state"] == "Open") & (rows["per"] == "once"), "amount"].sum())


@metric("Snoozed", "resources", "Findings that somebody put off to a later day, with a reason.")
def snoozed(rows: pd.DataFrame) -> int:
    """Rows of with_state that are put off."""
    return int((rows["state"] == "Snoozed").sum())


@metric("Closed in 90 days", "resources", "Findings that were there and that the data no longer shows.")
def closed(log: pd.DataFrame) -> int:
    """Rows of frames.findings_closed."""
    return len(log)


def explained(
    definition: Metric[..., Any], rows: pd.DataFrame, log: pd.DataFrame, currency: str
) -> Explanation:
    """What is in one of the figures above, and why the others are not.

    rows are those of with_state, of all currencies; log is frames.findings_closed.
    """
    if definition is closed:
        table = pd.concat([log, rows], ignore_index=True)
        gone = pd.Series(table.index < len(log), index=table.index)
        return _parted(definition, table, gone, ["Still there."] * len(table), len(log))
    wanted = "Snoozed" if definition is snoozed else "Open"
    of_state = rows["state"] == wanted
    if definition in (open_findings, snoozed):
        within = of_state & (rows["currency"].isna() | (rows["currency"] == currency))
        reasons = _why(rows, of_state, currency, None)
        return _parted(definition, rows, within, reasons, int(within.sum()))
    per = "month" if definition is in_question else "once"
    within = of_state & (rows["currency"] == currency) & (rows["per"] == per) & rows["amount"].notna()
    amount = int(rows.loc[within, "amount"].sum())
    return _parted(definition, rows, within, _why(rows, of_state, currency, per), amount)


def _why(rows: pd.DataFrame, of_state: "pd.Series[bool]", currency: str, per: str | None) -> list[str]:
    """Why each row is not in a figure, were it not."""
    rhythm = {"month": "Comes back each month.", "once": "Is worth its amount once."}
    return [
        f"{state}." if not right
        else f"In another currency: {known(code).upper()}." if known(code) and known(code) != currency
        else "Its amount is not known." if pd.isna(amount)
        else rhythm.get(str(each), "") if per and each != per
        else ""
        for state, right, code, amount, each in zip(
            rows["state"], of_state, rows["currency"], rows["amount"], rows["per"], strict=True
        )
    ]  # fmt: skip


def _parted(
    definition: Metric[..., Any],
    rows: pd.DataFrame,
    within: "pd.Series[bool]",
    reasons: Sequence[str],
    figure: int,
) -> Explanation:
    named = rows["kind"].map({code: kind.name for code, kind in KINDS.items()})
    who = rows["customer_name"].mask(rows["customer_id"].isna(), "No customer")
    table = rows.assign(
        customer_name=who, part=named, rows=1, reason=pd.Series(reasons, index=rows.index, dtype="string")
    )
    columns = ["customer_id", "customer_name", "part", "currency", "amount", "rows"]
    included = table.loc[within, columns].sort_values("amount", ascending=False, na_position="last")
    out = table.loc[~within, [*columns, "reason"]]
    return Explanation(definition, figure, included.reset_index(drop=True), out.reset_index(drop=True))


def chosen(rows: pd.DataFrame, state: str, kind: str | None = None) -> pd.DataFrame:
    """The findings of a state, and of a kind where one is given."""
    some = rows.loc[rows["state"] == state]
    return (some if kind is None else some.loc[some["kind"] == kind]).reset_index(drop=True)


def elsewhere(rows: pd.DataFrame, currency: str) -> int:
    """How many findings are in another currency than this one."""
    return int((rows["currency"] != currency).fillna(False).sum())


def by_kind(rows: pd.DataFrame) -> pd.DataFrame:
    """By kind, the most first: kind, name, findings, amount (known, a month or once), unknown, per."""
    table = rows.groupby("kind").agg(
        findings=("finding", "size"),
        amount=("amount", "sum"),
        unknown=("amount", lambda amounts: int(amounts.isna().sum())),
        per=("per", "first"),
    )
    table = table.reset_index().assign(name=lambda frame: [KINDS[kind].name for kind in frame["kind"]])
    return table.sort_values(["findings", "name"], ascending=[False, True], ignore_index=True)


def history(notes: pd.DataFrame, finding: str) -> pd.DataFrame:
    """What was written about a finding, the newest first."""
    return notes.loc[notes["finding"] == finding].reset_index(drop=True)


def worth(row: "pd.Series[str]") -> str:
    """What the amount of a finding says, in words."""
    return KINDS[known(row["kind"])].worth

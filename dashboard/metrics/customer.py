"""One customer: what they are on, what it is worth over time, what is owed, and what needs attention."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from dashboard.formatting import amount, day, is_missing, word
from dashboard.metrics.definitions import metric
from dashboard.metrics.plans import names
from dashboard.metrics.text import known

OPEN = "open"
WHERE = {
    "Stripe": ("customer", "subscription", "invoice", "credit note", "payment"),
    "Quotes": ("quote",),
    "Application": ("application",),
    "Staff": ("action", "note"),
}
"""Where things happen to a customer, and the sources that tell of them."""


class Flag(NamedTuple):
    """Something that whoever opens the page should see first."""

    text: str
    icon: str
    colour: str  # of Streamlit's badges: red, orange, violet, blue, grey


@metric(
    "Customer's ARR",
    "amount a year",
    "Run rate of everything that the customer holds now in the currency: recurring licensed prices by "
    "quantity, normalised to a year, less recurring discounts.",
)
def run_rate(subscriptions: pd.DataFrame, currency: str) -> int:
    """ARR of a customer's subscriptions in a currency, minor units."""
    return int(subscriptions.loc[subscriptions["currency"] == currency, "arr"].sum())


@metric(
    "Open on invoices",
    "amount",
    "What remains to be paid of finalized invoices that are open (amount_remaining, never the total).",
)
def owed(invoices: pd.DataFrame, currency: str) -> int:
    """The open amount of a customer's invoices in a currency, minor units."""
    rows = invoices.loc[(invoices["status"] == OPEN) & (invoices["currency"] == currency)]
    return int(rows["amount_remaining"].sum())


def currencies(subscriptions: pd.DataFrame, movements: pd.DataFrame, default: str | None) -> list[str]:
    """The customer's currencies, that of the most run rate first; at least one where any is known."""
    sums = subscriptions.groupby("currency")["arr"].sum().sort_values(ascending=False, kind="stable")
    found = [str(code) for code in sums.index]
    found += sorted({str(code) for code in movements["currency"]} - set(found))
    return found or ([default] if default else [])


def holding(items: pd.DataFrame, products: pd.DataFrame, kind: str) -> list[str]:
    """The plans, or with kind "addon" the add-ons, of a customer's items, the highest rank first."""
    rows = products.loc[(products["kind"] == kind) & products["product_id"].isin(items["product_id"])]
    ranked = rows.sort_values(["rank", "name"], ascending=[False, True], na_position="last")
    return [str(name) for name in ranked["plan"].drop_duplicates()]


def running(subscriptions: pd.DataFrame) -> pd.DataFrame:
    """The subscriptions that have not ended, and were not given up before they began."""
    return subscriptions.loc[~subscriptions["status"].isin(["canceled", "incomplete_expired"])]


def renewing(subscriptions: pd.DataFrame) -> pd.DataFrame:
    """The subscriptions that run on: not over, and not set to end."""
    return subscriptions.loc[
        subscriptions["status"].isin(["active", "past_due", "trialing", "unpaid"])
        & ~subscriptions["cancel_at_period_end"].fillna(False).astype("bool")
        & subscriptions["cancel_at"].isna()
    ]


def renewal(subscriptions: pd.DataFrame, now: datetime) -> datetime | None:
    """The next instant at which a subscription that runs on renews; None when none does."""
    rows = renewing(subscriptions)
    ahead = rows.loc[rows["renews_at"] > now, "renews_at"]
    return None if ahead.empty else ahead.min().to_pydatetime()


def balances(movements: pd.DataFrame, currency: str) -> pd.DataFrame:
    """ARR after each day on which it changed: day, arr, minor units of the currency."""
    rows = movements.loc[movements["currency"] == currency]
    by_day = rows.groupby("day")["delta_arr"].sum()
    frame = by_day[by_day != 0].cumsum().rename("arr").reset_index()
    return frame.astype({"arr": "int64"})


def changes(movements: pd.DataFrame, products: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Each movement with its plan in words, the newest first; the columns of movements and plan."""
    rows = movements.loc[movements["currency"] == currency]
    named = rows["product_id"].map(names(products)).fillna(rows["product_id"])
    rows = rows.assign(plan=named.astype("object"))
    return rows.sort_values(["day", "delta_arr"], ascending=[False, False], kind="stable", ignore_index=True)


def flags(profile: Mapping[str, Any], subscriptions: pd.DataFrame) -> Iterator[Flag]:
    """What needs attention, the gravest first."""
    if not is_missing(profile.get("deleted_at")):
        yield Flag(f"Deleted at Stripe on {day(profile['deleted_at'])}", "delete", "red")
    statuses = set(subscriptions["status"].dropna())
    for status, colour in (("unpaid", "red"), ("past_due", "orange"), ("incomplete", "orange")):
        if status in statuses:
            yield Flag(word(status), "credit_card_off", colour)
    for row in subscriptions.to_dict("records"):
        yield from _of_subscription(row)


def _of_subscription(row: Mapping[Any, Any]) -> Iterator[Flag]:
    if row["status"] in ("canceled", "incomplete_expired"):
        return
    if not is_missing(row["cancel_at"]):
        yield Flag(f"Set to cancel on {day(row['cancel_at'])}", "event_busy", "orange")
    elif row["cancel_at_period_end"] is True or str(row["cancel_at_period_end"]) == "True":
        yield Flag(f"Set to cancel on {day(row['renews_at'])}", "event_busy", "orange")
    if row["status"] == "trialing":
        yield Flag(f"In trial until {day(row['trial_end_at'])}", "hourglass_top", "blue")
    if known(row["pause_behavior"]):
        yield Flag("Collection paused", "pause_circle", "violet")


def benefits(plan: str, ladder: Sequence[Any]) -> tuple[list[str], str, list[str]]:
    """A plan's benefits, the next plan's name ("" for the last or an unknown one) and what that one adds.

    ladder: the catalogue's plans in order, each with name and benefits.
    """
    order = [each.name for each in ladder]
    if plan not in order:
        return [], "", []
    place = order.index(plan)
    following = ladder[place + 1] if place + 1 < len(ladder) else None
    mine = list(ladder[place].benefits)
    return mine, following.name if following else "", list(following.benefits) if following else []


def where(source: str) -> str:
    """Where something happened, in words: "Stripe, invoice"."""
    place = next((name for name, sources in WHERE.items() if source in sources), "Stripe")
    return place if len(WHERE[place]) == 1 else f"{place}, {source}"


def standing_notes(written: pd.DataFrame) -> list[str]:
    """The threads of notes that were not taken away, the newest first; written: every version so."""
    newest = written.drop_duplicates("thread")
    return [str(thread) for thread in newest.loc[newest["text"].notna(), "thread"]]


def addons(billed: Sequence[str], live: Mapping[str, Any], told: bool) -> Iterator[str]:
    """Each add-on with its state in words; live: since when by name; told: whether anything says what is."""
    for name in billed:
        if name in live:
            since = "" if is_missing(live[name]) else f" since {day(live[name])}"
            yield f"{name}: billed, live{since}"
        else:
            yield f"{name}: billed, not live in the application" if told else f"{name}: billed"
    for name in sorted(set(live) - set(billed)):
        yield f"{name}: live in the application, not billed"


def taken_off(row: Mapping[Any, Any]) -> str:
    """What a discount takes off: "20%", "$5.00"; "not known" where Stripe did not show its coupon."""
    if known(row["percent_off"]):
        return f"{known(row['percent_off'])}%"
    if not is_missing(row["amount_off"]):
        return amount(int(row["amount_off"]), str(row["currency"]))
    return "Not known"

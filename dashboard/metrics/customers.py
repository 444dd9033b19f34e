"""Lists of customers in words: how each stands, what they are on, and which of them serve themselves."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import formatting
from dashboard.metrics.audiences import COLUMNS, UNKNOWN
from dashboard.metrics.plans import names, products_of
from dashboard.metrics.text import known

STATES = {
    "active": "Active",
    "trialing": "In trial",
    "past_due": "Past due",
    "unpaid": "Unpaid",
    "leaving": "Set to end",
    "paused": "Paused",
    "incomplete": "First payment open",
    "former": "Former customer",
    "never": "Never subscribed",
    "account": "Not at Stripe",
}
"""How a customer stands, as lists say it."""
DELETED = "Deleted at Stripe"
SORTED = {
    "name": "By name",
    "newest": "Newest first",
    "renewal": "Next renewal first",
    "arr": "Largest first",
}
WITHIN = {"30": "Renews in 30 days", "90": "Renews in 90 days", "365": "Renews in a year"}
SERVED = {"self": "Serves itself", "manager": "Through the account manager"}
NAMED = {"country": "countries", "segment": "segments", "manager": "account_managers"}


def told(state: object) -> str:
    """How a customer stands, in words; one that no list has was deleted."""
    return STATES.get(known(state), DELETED)


def listed(rows: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers with customer, standing, plans, every (intervals) and use, in words."""
    called = names(products)
    return rows.assign(
        customer=[known(row["name"]) or known(row["email"]) or row["id"] for row in rows.to_dict("records")],
        standing=[told(state) for state in rows["state"]],
        plans=[_plans(row, called) for row in rows.to_dict("records")],
        every=[
            ", ".join(formatting.interval(each) for each in known(codes).split("|") if each)
            for codes in rows["intervals"]
        ],
        arr=rows["arr"].where(rows["currency"].notna()),
        use=[_use(*pair) for pair in zip(rows["used"], rows["capacity"], strict=True)],
    )


def _plans(row: Mapping[Any, Any], called: Mapping[str, str]) -> str:
    """What is held; where nothing is, the plan that the company's own application says."""
    held = [called.get(each, each) for each in known(row["product_ids"]).split("|") if each]
    return ", ".join(dict.fromkeys(held)) or known(row["plan"])


def _use(used: Any, capacity: Any) -> str:
    if formatting.is_missing(used) or formatting.is_missing(capacity):
        return ""
    return f"{formatting.count(int(used))} of {formatting.count(int(capacity))}"


def found(matches: pd.DataFrame, rows: pd.DataFrame, *, narrowed: bool) -> pd.DataFrame:
    """Who a search found, the best first, with what a list shows of them; only those in it if narrowed."""
    details = rows.drop(columns=["name", "email"])
    both = matches.drop(columns="customer_id").merge(details, how="left", on=["kind", "id"])
    return both.loc[both["state"].notna()].reset_index(drop=True) if narrowed else both


def people(chosen: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The attributes that are chosen, as the frame takes them; an empty text is: not known."""
    return {
        NAMED[name]: tuple("" if value == UNKNOWN else value for value in values)
        for name, values in chosen.items()
        if name in COLUMNS and values
    }


def held(
    products: pd.DataFrame, chosen: Collection[str] | None, ladder: Sequence[Any], served: str
) -> dict[str, tuple[str, ...]]:
    """The products and plans of a choice of products and of who serves themselves; empty: any."""
    if chosen is None and not served:
        return {}
    every = frozenset(map(str, products["product_id"])) if chosen is None else frozenset(chosen)
    plans = [plan for plan in ladder if not served or plan.self_serve == (served == "self")]
    mine = products_of(products, [plan.name for plan in plans]) & frozenset(products["product_id"])
    ids = every & mine if served else every
    wanted = {names(products).get(each, each) for each in every}
    on = [plan for plan in plans if chosen is None or plan.name in wanted]
    return {
        "products": tuple(sorted(ids)),
        "plans": tuple(sorted({word for plan in on for word in (plan.key, plan.name.casefold())})),
    }

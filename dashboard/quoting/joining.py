"""Which subscription a quote makes or adds to: those that run are offered, what they are is taken over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.cache import Snapshot
from dashboard.quotes.fields import Fields
from dashboard.quotes.joining import FIELDS
from dashboard.quotes.model import INTERVALS
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.fields import broken, row, whole
from dashboard.quoting.state import Editing, change
from data.catalog import Catalog, Plan, Recognised

RUNS = "What is added is priced by the list beyond it; a contract that is billed as one does not tell it."
RUNNING = ("active", "past_due")


@dataclass(frozen=True)
class Offered:
    """A running subscription: in words, the fields that it gives a quote, or why it cannot be added to."""

    id: str
    told: str
    fields: Mapping[str, Any]
    why_not: str = ""


def choose(snapshot: Snapshot, editing: Editing) -> None:
    """Under the customer: a new subscription, or one that runs."""
    customer = str(editing.value("customer_id") or "")
    chosen = editing.value("of.subscription")
    offered = _running(snapshot, customer) if customer else []
    now = next((each for each in offered if each.id == chosen), None)
    if chosen:
        _chosen(snapshot, editing, now)
    elif editing.may and offered:
        st.caption("It makes a new subscription. To add to one that runs, at its renewal or before:")
        for each in offered:
            if each.why_not:
                st.caption(formatting.markdown(f"{each.told}: {each.why_not}"))
            elif st.button(formatting.markdown(f"Add to {each.told}"), key=f"join_{each.id}"):
                ramp = [name for name in editing.fields if name.startswith("ramp.")]
                _set(editing, dict.fromkeys(ramp) | dict(each.fields))
    broken(editing, "of.subscription")


def _chosen(snapshot: Snapshot, editing: Editing, now: Offered | None) -> None:
    told = now.told if now else str(editing.value("of.subscription"))
    st.markdown(formatting.markdown(f"Adds to {told}. What runs stays as it is."))
    stale = now is not None and any(
        editing.value(name) != now.fields[name] for name in FIELDS if now.fields[name] is not None
    )
    if now is None:
        st.caption(":red[:material/error: This subscription does not run any more.]")
    elif stale:
        st.caption(":orange[:material/update: It has changed since this was written.]")
    row(editing, (whole, "of.capacity", "Capacity that runs", {"help": RUNS}))
    bought = None if editing.value("of.capacity") else _bought(snapshot, str(editing.value("customer_id")))
    if editing.may and bought and st.button(f"Take the {bought:,} of the application", key="join_capacity"):
        _set(editing, {"of.capacity": bought})
    if editing.may:
        with st.container(horizontal=True):
            if now and stale and st.button("Take over what it is now", key="join_again"):
                _set(editing, {name: now.fields[name] for name in TAKEN if now.fields[name] is not None})
            if st.button("Make a new subscription instead", key="join_none", type="tertiary"):
                _set(editing, dict.fromkeys(FIELDS) | NEW)


def _bought(snapshot: Snapshot, customer_id: str) -> int | None:
    """The capacity that the company's own application knows of a customer; None where it does not, of all."""
    accounts = snapshot.frame("customer_accounts", customer_id)
    capacity = accounts.loc[accounts["deleted_at"].isna(), "capacity"]
    return None if capacity.isna().any() else int(capacity.sum()) or None


TAKEN = (*FIELDS, "currency", "interval", "plan")
NEW = {"term": 12, "start": "acceptance"}
"""Terms that a quote for a new subscription begins with."""


def _set(editing: Editing, fields: Mapping[str, Any]) -> None:
    try:
        change(editing, fields)
    except quote_desk.NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
    else:
        st.rerun()


def _running(snapshot: Snapshot, customer_id: str) -> list[Offered]:
    """The same, told once on a day and for a catalogue."""
    sold = quote_desk.sold()
    key = (customer_id, quote_desk.today(), id(sold))
    kept: tuple[list[Offered], Catalog] = snapshot.kept(
        "running subscriptions", key, lambda: (list(running(snapshot, customer_id)), sold)
    )
    return kept[0]


def running(snapshot: Snapshot, customer_id: str) -> Iterator[Offered]:
    """The customer's subscriptions that run, each with what a quote takes over of it."""
    subscriptions = snapshot.frame("customer_subscriptions", customer_id, snapshot.now)
    items = snapshot.frame("customer_items", customer_id, snapshot.now)
    for each in subscriptions.to_dict("records"):
        if each["status"] in RUNNING:
            mine = items.loc[items["subscription_id"] == each["subscription_id"]].to_dict("records")
            if mine:
                yield _offered(each, mine)


def _offered(subscription: Mapping[Any, Any], items: list[dict[Any, Any]]) -> Offered:
    found = [(_plan(item), item) for item in items]
    plan, item = next(((plan, item) for plan, item in found if plan), (None, items[0]))
    quantities = [each["quantity"] for of, each in found if plan and of == plan]
    every, renews = str(item["interval"]), item["period_end"]
    every = "1year" if every == "12month" else every
    names = " and ".join(_recognised(each).name for each in items)
    told = f"{names}, {formatting.interval(every).lower()}, renews {formatting.day(renews)}"
    fields = {
        "of.subscription": str(subscription["subscription_id"]),
        "of.plan": plan.key if plan else None,
        "of.capacity": sum(int(each) for each in quantities if _counts(each)) or None,
        "of.addons": [key for each in items if (key := _addon(each))] or None,
        "of.period_start": f"{item['period_start']:%Y-%m-%d}",
        "of.renews_on": f"{renews:%Y-%m-%d}",
        "plan": plan.key if plan else None,
        "currency": str(item["currency"]),
        "interval": every,
        "capacity": None,
        "term": 0,
        "start": "date",
        "start_on": f"{quote_desk.today():%Y-%m-%d}",
    }
    return Offered(str(fields["of.subscription"]), told, fields, _why_not(subscription, items, plan, every))


def _recognised(item: Mapping[Any, Any]) -> Recognised:
    """What an item is of: told by its product's id, metadata or name."""
    said = item["said"] if isinstance(item["said"], dict) else None
    return quote_desk.sold().recognised(str(item["product_id"]), str(item["product"]), said)


def _plan(item: Mapping[Any, Any]) -> Plan | None:
    sold, found = quote_desk.sold(), _recognised(item)
    return next((plan for plan in sold.plan if found.kind == "plan" and plan.name == found.name), None)


def _counts(quantity: Any) -> bool:
    """Whether a quantity is a capacity: one may be a whole contract."""
    return not formatting.is_missing(quantity) and int(quantity) > 1


def _addon(item: Mapping[Any, Any]) -> str | None:
    sold, found = quote_desk.sold(), _recognised(item)
    keys = (each.key for each in sold.addon if found.kind == "addon" and each.name == found.name)
    return next(keys, None)


def _why_not(
    subscription: Mapping[Any, Any], items: list[dict[Any, Any]], plan: Plan | None, every: str
) -> str:
    if plan is None:
        return "it has no plan of the catalogue."
    if subscription["cancel_at_period_end"] or not formatting.is_missing(subscription["cancel_at"]):
        return "it is set to end."
    if not formatting.is_missing(subscription["schedule_id"]):
        return "a schedule changes it by itself."
    if every not in INTERVALS or len({(each["interval"], each["period_end"]) for each in items}) > 1:
        return "its lines are billed in other intervals than quotes are."
    return ""


def is_joining(fields: Fields) -> bool:
    """Whether a quote adds to a running subscription."""
    return bool(fields.get("of.subscription"))

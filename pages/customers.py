"""Customers: all of them, narrowed and sorted, or one by whatever is known of it."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import (
    access,
    address,
    benefits,
    customer_files,
    dialogs,
    filters,
    formatting,
    navigation,
    states,
    widgets,
)
from dashboard.columns import Column
from dashboard.customer import new_customer
from dashboard.grids import grid
from dashboard.invoice_pager import Pager
from dashboard.metrics import audiences, customers
from dashboard.metrics.selection import Selection
from dashboard.quoting import listing as quote_list
from dashboard.store import once

NOBODY = "There is no customer yet, neither at Stripe nor in the application."
PAGE = 50
FOUND = 50
SOUGHT = 500  # matches that are held against the filters
FOUND_BY = ("Name", "Stripe id", "account id", "invoice number")
HIDDEN = {
    "see personal data": "e-mail, domain",
    "see bank details": "a card's last four digits",
    "view quotes": "a quote's number",
}

snapshot = widgets.begin("customers", "Who is this, and where is everything about them?")


def narrowed(known: filters.Facts, selection: Selection) -> dict[str, Any]:
    """What the filters leave, as the frame takes it."""
    with row():
        stands = filters.chips("Standing", "Any standing", "state", list(customers.STATES), customers.told)
        codes = known.currencies
        code = st.selectbox(
            "Billed in", ["", *codes], format_func=lambda each: each.upper() or "Any currency",
            label_visibility="collapsed", filter_mode=None, width=130, **address.one("billed", ["", *codes]),
        )  # fmt: skip
        within = pick("Renewal", "within", {"": "Any renewal", **customers.WITHIN}, 175)
        served = pick("Serves itself", "served", {"": "Self-serve or not", **customers.SERVED}, 205)
        sort = pick("Sorted", "sort", customers.SORTED, 180)
    people = {name: st.session_state.get(name) or [] for name in audiences.ATTRIBUTES}
    asked: dict[str, Any] = {"states": tuple(stands)} if stands else {}
    if code or sort == "arr":
        asked["currency"] = code or selection.currency
    if within:
        asked["renews_until"] = snapshot.now + timedelta(days=int(within))
    if selection.intervals:
        asked["intervals"] = tuple(sorted(selection.intervals))
    asked |= customers.people(people)
    asked |= customers.held(known.products, selection.products, benefits.ladder(), served)
    return {"sort": sort, **asked}


def row() -> Any:
    """Where filters of this page stand: side by side, folded on a phone."""
    if address.on_phone():
        return st.expander("Standing, renewal and order", icon=":material/tune:")
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def pick(label: str, key: str, options: dict[str, str], width: int) -> str:
    """One of a few options, kept in the address."""
    chosen: str = st.selectbox(
        label, list(options), format_func=options.__getitem__, label_visibility="collapsed", filter_mode=None,
        width=width, **address.one(key, list(options), options.__getitem__),
    )  # fmt: skip
    return chosen


def searched(typed: str, asked: dict[str, Any]) -> None:
    """Those whom a text finds, of those whom the filters leave."""
    is_narrowed = len(asked) > 1
    most = SOUGHT if is_narrowed else FOUND
    is_quote = quote_list.named(typed)
    matches = snapshot.frame("find", typed, limit=most)
    among = tuple(sorted(str(each) for each in matches["id"]))
    rows = snapshot.frame("customer_page", snapshot.now, among=among, limit=most, **asked)
    rows = customers.found(matches, rows, narrowed=is_narrowed)
    if rows.empty and is_quote:
        return
    if rows.empty:
        states.empty(
            "Fewer letters find more. Ids, invoice numbers and the digits of a card must be whole; the "
            "filters above narrow what is found.",
            title="Nobody found",
        )
        return
    told = formatting.plural(len(rows), "customer") if len(rows) <= FOUND else f"The first {FOUND}"
    if len(matches) == most:
        told += f" of the best {most} matches"
    note = f"{told}, the best match first. Select one to open it."
    rows = once(pd.DataFrame.head, rows, FOUND)
    with widgets.card("Found", note):
        shown(rows, (*customer_files.LIST[:1], Column("matched", "Found by"), *customer_files.LIST[1:]))


def hint() -> str:
    """By what the person can find customers."""
    return ", ".join((*FOUND_BY, *(name for right, name in HIDDEN.items() if access.permitted(right))))


def every(asked: dict[str, Any]) -> None:
    """Those whom the filters leave, a page at a time."""
    pager = Pager("customers", asked)
    rows = snapshot.frame("customer_page", snapshot.now, after=pager.after, limit=PAGE + 1, **asked)
    if rows.empty:
        states.empty("No customer matches. Try another standing, or fewer filters.", unasked=NOBODY)
        return
    first = pager.page * PAGE + 1
    last = first + min(len(rows), PAGE) - 1
    order = customers.SORTED[asked["sort"]].lower()
    note = f"{formatting.count(first)} to {formatting.count(last)}, {order}. Select one to open it."
    if asked["sort"] == "arr":
        note = (
            f"{note} Only those billed in {asked['currency'].upper()}: different currencies do not compare."
        )
    with widgets.card("All customers", note):
        shown(once(pd.DataFrame.head, rows, PAGE), customer_files.LIST, whole=True)
        pager.buttons(str(rows["place"].iloc[PAGE - 1]) if len(rows) > PAGE else None)
        customer_files.downloads(snapshot, asked)


def shown(rows: pd.DataFrame, shape: tuple[Column, ...], *, whole: bool = False) -> None:
    """A table of customers; a selected row opens its page. whole: there are files of more than is shown."""
    if not access.permitted("see personal data"):
        rows = rows.assign(email=None)
        shape = tuple(column for column in shape if column.name != "email")
    told = once(customers.listed, rows, snapshot.frame("products"))
    place = grid(told, shape, "", "customers", select=True, files=not whole)
    if place is not None:
        chosen = told.iloc[place]
        if chosen["kind"] == "account":
            navigation.open_account(str(chosen["id"]))
        navigation.open_customer(str(chosen["id"]))


known = filters.facts(snapshot)
dialogs.say_what_was_done()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    typed = st.text_input(
        "Find", key="find", bind="query-params", placeholder=hint(), label_visibility="collapsed", live=True,
        icon=":material/search:", type="search",
    )  # fmt: skip
    new_customer.button(snapshot)
selection, _ = filters.bar(known, period=False, currency=False)
asked = narrowed(known, selection)
if (typed or "").strip():
    searched(str(typed), asked)
else:
    every(asked)

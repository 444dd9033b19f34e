"""Subscriptions of a customer with items, discounts and what schedules will change."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.cache import Snapshot, subscription_url
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import customer
from dashboard.metrics.text import known
from dashboard.store import once

SUBSCRIPTIONS = (
    Column("status", "Status", "word"),
    Column("arr", "ARR", "amount"),
    Column("start_at", "Since", "day"),
    Column("renews_at", "Period ends", "day"),
    Column("ends", "Ends on", "day"),
    Column("feedback", "Why it ends", "word"),
    Column("method", "Collected", "word"),
    Column("stripe", "Stripe", "link"),
)
ITEMS = (
    Column("product", "Product"),
    Column("quantity", "Quantity", "count"),
    Column("interval", "Interval", "interval"),
    Column("unit", "Unit price"),
    Column("arr", "ARR", "amount", help="After discounts; 0 where it does not count, such as in a trial."),
    Column("period_end", "Period ends", "day"),
)
DISCOUNTS = (
    Column("called", "Coupon"),
    Column("off", "Takes off"),
    Column("duration", "Lasts", "word"),
    Column("start_at", "Since", "day"),
    Column("end_at", "Until", "day"),
)
PHASES = (
    Column("start_at", "From", "day"),
    Column("end_at", "Until", "day"),
    Column("product", "Product"),
    Column("quantity", "Quantity", "count"),
    Column("end_behavior", "Then", "word"),
)


LASTING = ("active", "not_started")  # states of a schedule that will still change something


def contracts(snapshot: Snapshot, customer_id: str, subscriptions: pd.DataFrame, items: pd.DataFrame) -> None:
    """Subscriptions with items, discounts and what schedules will change."""
    if subscriptions.empty:
        st.markdown("Stripe has no subscription of this customer.")
        return
    for code, rows, held in once(_by_currency, subscriptions, items):
        st.markdown(f"**Subscriptions, {code.upper()}**")
        grid(rows, SUBSCRIPTIONS, code, f"customer_subscriptions_{code}")
        if len(held):
            st.markdown("**Items**")
            grid(held, ITEMS, code, f"customer_items_{code}")
    given = snapshot.frame("customer_discounts", customer_id)
    if len(given):
        st.markdown("**Discounts**")
        grid(once(_discounts, given), DISCOUNTS, "", "customer_discounts")
    phases = snapshot.frame("customer_schedules", customer_id)
    if phases["status"].isin(LASTING).any():
        st.markdown("**Scheduled**")
        prices = snapshot.frame("prices_named", tuple(sorted(set(phases["price_id"].dropna()))))
        grid(once(_phases, phases, prices), PHASES, "", "customer_phases")


def _by_currency(
    subscriptions: pd.DataFrame, items: pd.DataFrame
) -> list[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Each currency with its subscriptions and their items, as they are shown."""
    return [
        (
            str(currency),
            _subscriptions(rows),
            _items(items.loc[items["subscription_id"].isin(rows["subscription_id"])]),
        )
        for currency, rows in subscriptions.groupby("currency", sort=False, dropna=False)
    ]


def _discounts(given: pd.DataFrame) -> pd.DataFrame:
    """Discounts with their names and what they take off."""
    called = given["coupon"].fillna(given["coupon_id"]).fillna("Not shown by Stripe")
    off = [customer.taken_off(row) for row in given.to_dict("records")]
    return given.assign(called=called, off=off)


def _subscriptions(rows: pd.DataFrame) -> pd.DataFrame:
    due = rows["cancel_at_period_end"].fillna(False).astype("bool")
    ends = rows["ended_at"].fillna(rows["cancel_at"]).fillna(rows["renews_at"].where(due))
    return rows.assign(
        ends=ends,
        feedback=rows["cancellation_feedback"].fillna(rows["cancellation_reason"]),
        method=rows["collection_method"],
        stripe=[subscription_url(str(each)) for each in rows["subscription_id"]],
    )


def _items(rows: pd.DataFrame) -> pd.DataFrame:
    units = [_unit(row) for row in rows.to_dict("records")]
    return rows.assign(unit=units, product=rows["product"].fillna(rows["product_id"]))


def _unit(row: dict[Any, Any]) -> str:
    if known(row["usage_type"]) == "metered":
        return "Metered"
    if known(row["billing_scheme"]) == "tiered":
        return "By tiers"
    return formatting.unit_price(known(row["unit_amount_decimal"]), str(row["currency"]))


def _phases(phases: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """The phases of schedules that are not over, with the products of their prices."""
    phases = phases.loc[phases["status"].isin(LASTING)]
    return phases.merge(prices[["price_id", "product"]], how="left", on="price_id")

"""What a customer is on, what the next plan adds, and how much of the capacity is used."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import benefits, formatting, widgets
from dashboard.cache import Snapshot
from dashboard.charts import customer as charts
from dashboard.drawn import drawn
from dashboard.metrics import customer
from dashboard.store import once


def plan(name: str, addons: Sequence[str], manager: str) -> None:
    """The plan with its benefits, what the next one adds, and who looks after the customer."""
    found = benefits.plan(name)
    with widgets.card(name or "No plan", "What the customer is on, and what the next plan would add."):
        mine, following, adds = customer.benefits(found.name if found else name, benefits.ladder())
        for benefit in mine:
            st.markdown(f":material/check: {formatting.markdown(benefit)}")
        if found and found.limits:
            st.markdown(f":material/vertical_align_top: {formatting.markdown(benefits.limits(found))}")
        for addon in addons:
            st.markdown(f":material/add_box: {formatting.markdown(addon)}")
        if following:
            told = "; ".join(adds)
            st.caption(formatting.markdown(f"{following} would add: {told}."))
        st.caption(formatting.markdown(benefits.served(found, manager)))
        link = benefits.self_serve_url()
        if found and found.self_serve and link:
            st.link_button("Where customers serve themselves", link, icon=":material/open_in_new:")
        if not found or found.self_serve:
            st.caption(formatting.markdown(f"Account manager: {manager or 'nobody named'}."))


def addons(snapshot: Snapshot, accounts: pd.DataFrame, billed: Sequence[str]) -> list[str]:
    """The add-ons that are billed or live, each with its state."""
    rows = snapshot.frame("customer_addons", tuple(sorted(str(each) for each in accounts["account_id"])))
    live = {benefits.addon(str(row["addon"])): row["live_since"] for row in rows.to_dict("records")}
    told = bool(snapshot.frame("addons_told")["told"].iloc[0])
    return list(customer.addons(billed, live, told))


def capacity(snapshot: Snapshot, accounts: pd.DataFrame) -> None:
    """Capacity bought, used and at its peak, over all accounts of the customer."""
    with widgets.card("Capacity", "Units bought and used in the company's own application."):
        if accounts.empty:
            st.markdown("No account of the application names this customer, so its use is not known.")
            return
        bought = int(accounts["capacity"].sum()) if accounts["capacity"].notna().all() else None
        daily = snapshot.frame("customer_use", tuple(str(each) for each in accounts["account_id"]))
        used = int(daily["used"].iloc[-1]) if len(daily) else None
        peak = int(daily["used"].max()) if len(daily) else None
        told = [
            f"**{formatting.count(bought)}** bought",
            f"**{formatting.count(used)}** used",
            f"**{formatting.count(peak)}** at the peak",
        ]
        if bought and used is not None:
            told.append(f"**{formatting.percent(used / bought, 0)}** of it in use")
        st.markdown(" · ".join(told))
        if len(daily):
            figure = drawn(once(charts.use, daily, bought))
            st.plotly_chart(figure, key="customer_use", alt="Units used by day against those bought")

"""Plan mix: every part answers, and what is picked opens its customers."""

import pytest

from tests.pages.conftest import App, said
from tests.pages.test_pages import select

PARTS = (
    "Plan mix over time",
    "By plan and interval",
    "Moves between plans",
    "Change by plan",
    "Capacity bought and used",
    "Billing intervals",
    "Currencies",
    "Add-ons",
    "Discounts",
    "Free to paid",
    "Other currencies",
)


def test_every_part_is_there(open_app: App) -> None:
    heads = [head.value for head in open_app("plan_mix").subheader]
    assert set(PARTS) <= set(heads)


def test_shares_of_a_month_are_a_whole(open_app: App) -> None:
    table = next(
        each.value
        for each in open_app("plan_mix").dataframe
        if {"Interval", "Month"} <= set(each.value.columns)
    )
    sums = table.groupby("Month")["Share of MRR"].sum()
    assert sums.tolist() == pytest.approx([100.0] * len(sums), abs=0.2)


def test_a_flow_opens_who_moved(open_app: App) -> None:
    app = open_app("plan_mix", period="All time")
    pairs = next(each.value for each in app.dataframe if "MRR moved" in each.value.columns)
    select(app, "plan_mix_flows_table", 0)
    first = pairs.iloc[0]
    assert f"From {first['From']} to {first['To']}" in said(app)
    who = [each.value for each in app.dataframe if {"Customer", "MRR moved"} <= set(each.value.columns)]
    assert len(who) == 1
    assert who[0]["MRR moved"].sum() == pytest.approx(first["MRR moved"])


def test_a_plan_of_a_month_opens_who_held_it_then(open_app: App) -> None:
    app = open_app("plan_mix")
    history = app.dataframe[0].value
    place = next(
        row
        for row, value in enumerate(history["Customers"])
        if value and "so far" not in history["Month"][row]
    )
    select(app, "plan_mix_over_time_table", place)
    row = history.iloc[place]
    assert f"{row['Plan']}, at the end of {row['Month']}" in said(app)
    held = next(each.value for each in app.dataframe if {"Customer", "Email"} <= set(each.value.columns))
    assert held["MRR"].sum() == pytest.approx(row["MRR"])


def test_attach_rates_are_of_subscribers_of_a_plan(open_app: App) -> None:
    table = next(each.value for each in open_app("plan_mix").dataframe if "Attach rate" in each.value.columns)
    rates = table["Customers"] / table["Of subscribers"] * 100
    assert table["Attach rate"].tolist() == pytest.approx(rates.tolist(), abs=0.06)

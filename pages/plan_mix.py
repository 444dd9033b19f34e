"""Plan mix: what customers hold, in customers and in money, now, over time and against another month."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, kpis, states, widgets
from dashboard.charts import plan_mix as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import plan_mix, plans

MIX = (
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("customers", "Customers", "count"),
    Column("customers_change", "Change", "change"),
    Column("arr", "MRR", "monthly"),
    Column("arr_change", "MRR change", "moved"),
    Column("share", "Share of MRR", "share"),
    Column("share_change", "Share change", "points"),
)
OVER_TIME = (
    Column("month", "Month", "month"),
    Column("plan", "Plan"),
    Column("customers", "Customers", "count"),
    Column("arr", "MRR", "monthly"),
    Column("arr", "ARR", "amount"),
)
CHANGES = tuple(column for column in MIX if column.name != "interval")
CAPACITY = (
    Column("plan", "Plan"),
    Column("accounts", "Accounts", "count"),
    Column("capacity", "Bought", "count"),
    Column("used", "Used", "count"),
    Column("share_used", "Capacity used", "share", help=plan_mix.use_of_capacity.formula),
    Column("accounts_without_customer", "Not in Stripe", "count", help="Accounts without a Stripe customer."),
)
FREE = (
    Column("accounts", "Accounts", "count"),
    Column("accounts_with_use", "With use known", "count"),
    Column("used", "Units used", "count"),
    Column("accounts_without_customer", "Not in Stripe", "count"),
)
CUSTOMERS = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "MRR", "monthly"),
    Column("account_manager", "Account manager"),
    Column("email", "Email"),
)

snapshot = widgets.begin("plan_mix", "Which plans do customers hold, and how is that changing?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against=True)
holdings = snapshot.frame("month_end_subscribers")
accounts = snapshot.frame("accounts")
colours = plans.colours(known.products)
month, currency = known.current, selection.currency
key = (*selection.key, against)
since = f"since {formatting.month(against)}" if against else None


def key_figures() -> None:
    """The present month so far; the first two against the chosen month."""
    arr, arr_before = (plan_mix.run_rate(known.month_end, selection, at) for at in (month, against))
    held, held_before = (plan_mix.subscribers(holdings, selection, at) for at in (month, against))
    average = plan_mix.arr_per_subscriber(known.month_end, holdings, selection, month)
    yearly = plan_mix.yearly_share(known.month_end, selection, month)
    kpis.row(
        [
            kpis.money(plan_mix.run_rate, arr, currency, before=arr_before if against else None),
            kpis.count(plan_mix.subscribers, held, before=held_before if against else None),
            kpis.money(plan_mix.arr_per_subscriber, average, currency),
            kpis.share(plan_mix.yearly_share, yearly),
            kpis.count(plan_mix.free_accounts, plan_mix.free_accounts(accounts)),
        ],
        f"Now{f', with the change {since}' if since else ''}. {currency.upper()}, but for Free accounts.",
    )


def over_time() -> None:
    """The main chart: every month by plan, in money or in customers."""
    with widgets.card(
        "Plan mix over time", "At the end of each month, and of the current month so far."
    ) as alt:
        measure = widgets.measure({"arr": "MRR", "customers": "Customers"})
        figure = snapshot.kept(
            "over time", (*key, measure), lambda: charts.over_time(history, measure, currency, colours, month)
        )
        widgets.chart(figure, history, OVER_TIME, currency, "plan_mix_over_time", alt=alt, partial=month)


def changes() -> None:
    """What each plan gained or lost since the chosen month."""
    frame = snapshot.kept("changes by plan", key, lambda: compared(plan_mix.by_plan, ["plan"]))
    with widgets.card("Change by plan", f"MRR now against the end of {formatting.month(against)}.") as alt:
        figure = snapshot.kept("changes", key, lambda: charts.changes(frame, currency))
        widgets.chart(figure, frame, CHANGES, currency, "plan_mix_changes", alt=alt)


def compared(by: Callable[..., pd.DataFrame], cell: list[str]) -> pd.DataFrame:
    """The current month beside the chosen one, or beside itself where there is none."""
    now, before = (
        by(known.month_end, holdings, known.products, selection, at) for at in (month, against or month)
    )
    return plan_mix.compare(now, before, cell)


def capacity() -> None:
    """Units bought and used by the plans that are paid for, from the company's own database."""
    frame = plan_mix.capacity(accounts.loc[~plan_mix.is_free(accounts)])
    with widgets.card(
        "Capacity bought and used", "By plan, from the company's own database, whatever the filters."
    ) as alt:
        if frame.empty:
            st.markdown("No application database is connected, so accounts and capacity are not known.")
        else:
            sized = frame.loc[frame["capacity"].notna() | frame["used"].notna()]
            figure = snapshot.kept(
                "capacity",
                (),
                lambda: charts.capacity(sized, plans.by_any_case(colours, list(sized["plan"]))),
            )
            widgets.chart(figure, frame, CAPACITY, currency, "plan_mix_capacity", alt=alt)


def free() -> None:
    """Free accounts, in their own place: they are the company's, not Stripe's."""
    frame = plan_mix.capacity(accounts.loc[plan_mix.is_free(accounts)])
    if len(frame):
        with widgets.card("Free accounts", "From the company's own database. They pay nothing."):
            grid(frame, FREE, currency, "plan_mix_free")


def table() -> None:
    """Plan by interval; a row opens its customers."""
    frame = snapshot.kept("mix", key, lambda: compared(plan_mix.mix, plan_mix.CELL))
    with widgets.card(
        "By plan and interval",
        f"Now{f', with the change {since}' if since else ''}. Select a row to see its customers.",
    ):
        place = grid(frame, MIX, currency, "plan_mix", select=True)
    if place is not None:
        customers(frame.iloc[place])


def customers(cell: "pd.Series[str]") -> None:
    """Who holds the selected plan and interval."""
    products = plans.products_of(known.products, [cell["plan"]])
    held = snapshot.frame(
        "customers_held", snapshot.now, products=products, intervals=[cell["interval"]], currencies=[currency]
    )
    title = f"{cell['plan']}, {formatting.interval(cell['interval']).lower()}"
    with widgets.card(title, widgets.limited(held, "customer")):
        rows = widgets.people(plans.with_plan(held, known.products))
        grid(rows, CUSTOMERS, currency, "plan_mix_customers")


key_figures()
history = snapshot.kept(
    "history", key, lambda: plan_mix.over_time(known.month_end, holdings, known.products, selection)
)
if history.empty:
    states.empty()
else:
    over_time()
    left, right = st.columns(2)
    with left:
        if against:
            changes()
    with right:
        capacity()
    table()
left, right = st.columns(2)
with left:
    widgets.currencies(plan_mix.by_currency(known.month_end, holdings, month), currency)
with right:
    free()

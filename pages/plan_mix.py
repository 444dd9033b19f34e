"""Plan mix: what customers hold, in customers and in money, now, over time and against another month."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, kpis, states, widgets
from dashboard.charts import plan_mix as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import overview, people_explained, plan_mix, plans
from dashboard.mix import accounts, extras, flows, shares
from dashboard.mix.view import View

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
CUSTOMERS = (
    Column("customer", "Customer"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "MRR", "monthly"),
    Column("account_manager", "Account manager"),
    Column("email", "Email"),
    Column("stripe", "Stripe", "link"),
)
SPARK = 13  # months

snapshot = widgets.begin("plan_mix", "Which plans do customers hold, and how is that changing?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against=True)
view = View(known, selection, against)
of, colours, month, currency, key = view.of, view.colours, view.month, view.currency, view.key
since = f"since {formatting.month(against)}" if against else None


def spark(column: str) -> list[float | None]:
    """The last whole months of a figure."""
    months = [each for each in known.months if each != month][-SPARK:]
    rows = snapshot.kept("mix series", key, lambda: overview.series(of.facts, selection, months))
    return [None if formatting.is_missing(value) else float(value) for value in rows[column]]


def key_figures() -> None:
    """The present month so far; against the chosen month where there is one."""
    free = snapshot.kept("free", (), lambda: plan_mix.free_accounts(snapshot.frame("accounts")))
    (arr, arr_before), (count, count_before), (average, average_before), (yearly, yearly_before) = (
        snapshot.kept("mix figures", key, now_and_before)
    )
    kpis.row(
        [
            kpis.money(
                plan_mix.run_rate, arr, currency, before=arr_before, spark=spark("arr"), explain="arr"
            ),
            kpis.count(
                plan_mix.subscribers,
                count,
                before=count_before,
                spark=spark("subscribers"),
                explain="subscribers",
            ),
            kpis.money(
                plan_mix.arr_per_subscriber,
                average,
                currency,
                before=average_before,
                spark=spark("per_subscriber"),
                explain="arpa",
            ),
            kpis.share(
                plan_mix.yearly_share, yearly, before=yearly_before, rise="off", explain="yearly_share"
            ),
            kpis.count(
                plan_mix.free_accounts,
                free,
                explain=lambda: people_explained.free_accounts(snapshot.frame("accounts")),
            ),
        ],
        f"Now{f', with the change {since}' if since else ''}. {currency.upper()}, but for Free accounts.",
        asked=kpis.Asked(snapshot, selection, month),
    )


def now_and_before() -> list[tuple[Any, Any]]:
    """MRR, subscribers, MRR per subscriber and yearly share, each now and in the month of comparison."""
    ends, held = of.month_end, of.month_end_subscribers
    measures: list[tuple[Callable[..., Any], tuple[pd.DataFrame, ...]]] = [
        (plan_mix.run_rate, (ends,)),
        (plan_mix.subscribers, (held,)),
        (plan_mix.arr_per_subscriber, (ends, held)),
        (plan_mix.yearly_share, (ends,)),
    ]
    return [
        (measure(*frames, selection, month), measure(*frames, selection, against) if against else None)
        for measure, frames in measures
    ]


def over_time() -> None:
    """The main chart: every month by plan, in money or in customers."""
    with widgets.card(
        "Plan mix over time", "At the end of each month, and of the current month so far."
    ) as alt:
        measure = widgets.measure({"arr": "MRR", "customers": "Customers"})
        figure = snapshot.kept(
            "over time", (*key, measure), lambda: charts.over_time(history, measure, currency, colours, month)
        )
        place = widgets.chart(
            figure, history, OVER_TIME, currency, "plan_mix_over_time", alt=alt, select=True, partial=month
        )
    if place is not None:
        row = history.iloc[place]
        customers(str(row["plan"]), None, str(row["month"]))


def changes() -> None:
    """What each plan gained or lost since the chosen month."""
    frame = snapshot.kept("changes by plan", key, lambda: compared(plan_mix.by_plan, ["plan"]))
    with widgets.card("Change by plan", f"MRR now against the end of {formatting.month(against)}.") as alt:
        figure = snapshot.kept("changes", key, lambda: charts.changes(frame, currency))
        widgets.chart(figure, frame, CHANGES, currency, "plan_mix_changes", alt=alt)


def compared(by: Callable[..., pd.DataFrame], cell: list[str]) -> pd.DataFrame:
    """The current month beside the chosen one, or beside itself where there is none."""
    now, before = (
        by(of.month_end, of.month_end_subscribers, known.products, selection, at)
        for at in (month, against or month)
    )
    return plan_mix.compare(now, before, cell)


def table() -> None:
    """Plan by interval; a row opens its customers."""
    frame = snapshot.kept("mix", key, lambda: compared(plan_mix.mix, plan_mix.CELL))
    with widgets.card(
        "By plan and interval",
        f"Now{f', with the change {since}' if since else ''}. Select a row to see its customers.",
    ):
        place = grid(frame, MIX, currency, "plan_mix", select=True)
    if place is not None:
        row = frame.iloc[place]
        customers(str(row["plan"]), str(row["interval"]), month)


def customers(plan: str, interval: str | None, at: str) -> None:
    """Who holds a plan, at an interval or at any the filters leave, at the end of a month or now."""
    rows = of.rows(
        "customers_held",
        view.end_of(at),
        products=plans.products_of(known.products, [plan]),
        **({"intervals": [interval]} if interval else {}),
        month=at,
    )
    title = f"{plan}, {formatting.interval(interval).lower()}" if interval else plan
    when = "now" if at == month else f"at the end of {formatting.month(at)}"
    widgets.customers(
        widgets.people(plans.with_plan(rows, known.products)),
        CUSTOMERS,
        currency,
        "plan_mix_customers",
        f"{title}, {when}",
        widgets.limited(rows, "customer"),
    )


def currencies() -> pd.DataFrame:
    """Every currency of the chosen customers, each in its own money."""
    ends, held = (
        snapshot.frame(name, **snapshot.narrowed(name, selection))
        for name in ("month_end", "month_end_subscribers")
    )
    return plan_mix.by_currency(ends, held, month)


def beside(*cards: Callable[[View], None]) -> None:
    """Two cards beside each other."""
    for column, card in zip(st.columns(2), cards, strict=True):
        with column:
            card(view)


key_figures()
history = snapshot.kept(
    "history",
    key,
    lambda: plan_mix.over_time(of.month_end, of.month_end_subscribers, known.products, selection),
)
if history.empty:
    states.empty()
else:
    over_time()
    table()
    flows.card(view)
    if against:
        beside(lambda _: changes(), accounts.capacity)
    else:
        accounts.capacity(view)
    beside(shares.by_interval, shares.by_currency)
    beside(extras.attach_rates, accounts.free_to_paid)
    beside(extras.discount_depth, accounts.free)
if history.empty:
    beside(accounts.free_to_paid, accounts.free)
if not selection.converted:
    widgets.currencies(snapshot.kept("currencies", key, currencies), currency)

"""Overview: how the business stands, what moved it, and what is new to the reader."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import ahead_then, filters, formatting, kpis, news, states, widgets
from dashboard import largest as moves
from dashboard.charts import growth as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.metrics import churn, growth, overview, plan_mix, receivables, renewals
from dashboard.metrics.rates import customers, kept, mrr
from dashboard.onboarding import attention
from dashboard.receivables import kpis as receivable_kpis
from dashboard.receivables.figures import Owing
from dashboard.renewals.figures import Renewing

AHEAD = ahead_then.DAYS
SPARK = 13  # months
LARGEST = 10
MONTHS = (
    Column("month", "Month", "month"),
    Column("start", "MRR at start", "monthly"),
    *(Column(step, charts.NAMES[step], "moved") for step in growth.STEPS),
    Column("end", "MRR at end", "monthly"),
    Column("net_new", "Net new", "moved", help=growth.net_new.formula),
    Column("growth", "Growth", "share", help=growth.growth.formula),
)
MOVES = (
    Column("customer", "Customer"),
    Column("delta_arr", "MRR", "moved"),
    Column("what", "Movement"),
    Column("day", "Day", "day"),
    Column("reason", "Reason"),
    Column("detail", "In detail", "long"),
)

snapshot = widgets.begin("overview", "How does the business stand, and what changed?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against=True)
of = figures(snapshot, selection)
currency, current, now = selection.currency, known.current, snapshot.now
key = of.key
whole = next((month for month in reversed(known.months) if month != current), "")
whole_against = filters.compared(known, whole, against)


def series() -> pd.DataFrame:
    """The headline figures of every month that a key figure, its change or its spark needs."""
    months = known.months
    wanted = [months.index(month) for month in (against, whole_against) if month in months]
    earliest = min(len(months) - SPARK - 1, *wanted, len(months))
    return snapshot.kept(
        "overview series",
        (*key, against, whole_against),
        lambda: overview.series(of.facts, selection, months[max(0, earliest) :]),
    )


def spark(rows: pd.DataFrame, column: str) -> list[float | None]:
    """A column's last whole months; None where it is not defined."""
    whole = rows.loc[rows.index != current, column].iloc[-SPARK:]
    return [None if formatting.is_missing(value) else float(value) for value in whole]


def now_figures(rows: pd.DataFrame) -> None:
    """The current month so far, against the chosen month."""
    last, before = rows.loc[current], rows.loc[against] if against in rows.index else None
    at = {name: (kpis.value(last, name), kpis.value(before, name)) for name in overview.AT_AN_END}
    (arr, was), (held, held_was), (average, average_was) = at.values()
    since = f", with the change since {formatting.month(against)}" if before is not None else ""
    kpis.row(
        [
            kpis.money(plan_mix.run_rate, arr, currency, before=was, spark=spark(rows, "arr"), explain="arr"),
            kpis.money(
                overview.annual,
                arr,
                currency,
                before=was,
                spark=spark(rows, "arr"),
                explain="annual",
            ),
            kpis.count(
                plan_mix.subscribers,
                held,
                before=held_was,
                spark=spark(rows, "subscribers"),
                explain="subscribers",
            ),
            kpis.money(
                plan_mix.arr_per_subscriber,
                average,
                currency,
                before=average_was,
                spark=spark(rows, "per_subscriber"),
                explain="arpa",
            ).named("MRR per subscriber"),
        ],
        f"Now{since}.",
        asked=kpis.Asked(snapshot, selection, current),
    )


def month_figures(rows: pd.DataFrame) -> None:
    """The last whole month against the chosen one; the current one is never compared as if whole."""
    last = rows.loc[whole] if whole in rows.index else None
    before = rows.loc[whole_against] if whole_against in rows.index else None

    def rate(metric: kpis.Declared, column: str, rise: str = "normal") -> kpis.Kpi:
        draw = kpis.number if metric.unit == "ratio" else kpis.share
        return draw(
            metric,
            kpis.value(last, column),
            before=kpis.value(before, column),
            rise=rise,
            spark=spark(rows, column),
            explain=overview.OF_A_MONTH[column],
        )

    told = "No month is over yet."
    if last is not None:
        against_it = f" against {formatting.month(whole_against)}" if before is not None else ""
        told = f"{formatting.month(whole)}, the last whole month{against_it}."
    kpis.row(
        [
            rate(kept.net_retention, "net_retention").named("NRR, 12 months"),
            rate(kept.gross_retention, "gross_retention").named("GRR, 12 months"),
            rate(customers.churn_rate, "customer_churn", "inverse").named("Customer churn"),
            rate(mrr.quick_ratio, "quick_ratio"),
        ],
        told,
        asked=kpis.Asked(snapshot, selection, whole or current),
    )


def ahead() -> None:
    """What is known to come: who leaves, what falls due, what is owed already."""
    coming = snapshot.kept("ahead", key, lambda: overview.ahead(*rows_ahead(), selection))
    renewing = Renewing(of, ahead_then.TERMS)
    leaving_then, due_then = ahead_then.figures(of, against)
    told = formatting.plural(coming.leaving, "customer")
    whole = "" if selection.is_whole else " Overdue is of all plans."
    kpis.row(
        [
            kpis.money(
                churn.scheduled_arr,
                coming.leaving_arr,
                currency,
                before=leaving_then,
                rise="inverse",
                explain="scheduled_churn",
            ),
            kpis.money(
                renewals.long_due,
                coming.due_arr,
                currency,
                before=due_then,
                rise="off",
                explain=lambda: renewing.explained(AHEAD),
            ).named("Renewals, 90 days"),
            overdue(),
        ],
        f"Ahead: {told} set to cancel; {formatting.plural(coming.due, 'renewal')} of contracts and "
        f"longer periods until {formatting.day(now + timedelta(days=AHEAD))}."
        f"{ahead_then.told(of, against, leaving_then)} "
        f"Overdue now, with the change in this month.{whole}",
        asked=kpis.Asked(snapshot, selection, current),
    )


def rows_ahead() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who is set to cancel, and what falls due."""
    return of.rows("scheduled_churn", now), renewals.within(Renewing(of, ahead_then.TERMS).due(), now, AHEAD)


def overdue() -> kpis.Kpi:
    """What should have been paid by now, against the end of the month before."""
    owing = Owing(of, now)
    amounts = (int(sums["overdue"]) for sums in owing.now_and_before())
    return receivable_kpis.amount(
        receivables.overdue,
        *amounts,
        currency,
        [],
        lambda: owing.explained(receivables.overdue, receivables.OVERDUE),
    )


def over_time() -> str:
    """The main chart; gives the month picked in it, or the current one."""
    rows = snapshot.kept("growth", key, lambda: growth.monthly(of.month_end, of.movements, selection))
    kinds = growth.kinds_present(rows)
    with widgets.card(
        "MRR and what moved it",
        "MRR at the end of each month above, its movements below. Pick a month to see its largest.",
    ) as alt:
        figure = snapshot.kept(
            "overview chart", key, lambda: charts.with_movements(rows, kinds, currency, current)
        )
        place = widgets.chart(
            figure,
            rows,
            shape(kinds),
            currency,
            "overview_mrr",
            alt=alt,
            select=True,
            partial=current,
        )
    return current if place is None else str(rows["month"].iloc[place])


def shape(kinds: list[str]) -> tuple[Column, ...]:
    """The columns of the months, without kinds that never happened."""
    return tuple(column for column in MONTHS if column.name not in growth.STEPS or column.name in kinds)


def largest(month: str) -> None:
    """The ten largest movements of a month and why they happened."""
    rows = moves.largest(of, month, LARGEST)
    told = f"{formatting.month(month)}{' so far' if month == current else ''}"
    if rows.empty:
        with widgets.card(f"Largest movements, {told}", "Nothing moved in this month."):
            return
    widgets.customers(
        widgets.people(rows).assign(what=rows["kind"].map(charts.NAMES)),
        MOVES,
        currency,
        "overview_largest",
        f"Largest movements, {told}",
        "What moved MRR most, by customer and day, and what was behind it.",
    )


attention.told(snapshot, now)
rows = series()
now_figures(rows)
month_figures(rows)
ahead()
if not rows["arr"].any():
    states.empty()
else:
    left, right = st.columns([3, 2])
    with left:
        month = over_time()
    with right:
        picked = news.card(of)
    if picked:
        news.behind(*picked)
    largest(month)

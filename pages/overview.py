"""Overview: how the business stands, what moved it, and what is new to the reader."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import filters, formatting, kpis, looks, states, widgets
from dashboard import largest as moves
from dashboard.charts import growth as charts
from dashboard.columns import Column
from dashboard.figures import figures
from dashboard.grids import grid
from dashboard.metrics import churn, growth, overview, plan_mix, renewals
from dashboard.metrics.explain import EXPLAINED
from dashboard.metrics.rates import customers, kept, mrr

AHEAD = timedelta(days=90)
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
    Column("day", "Day", "day"),
    Column("what", "Movement"),
    Column("delta_arr", "MRR", "moved"),
    Column("reason", "Reason"),
    Column("detail", "In detail", "long"),
    Column("account_manager", "Account manager"),
)
NEW = (
    Column("what", "What"),
    Column("customers", "Customers", "count"),
    Column("delta_arr", "MRR", "moved"),
)
MOVED = tuple(
    column for column in MOVES if column.name in ("customer", "day", "delta_arr", "account_manager")
)
LEAVING = (
    Column("customer", "Customer"),
    Column("requested_at", "Asked for on", "day"),
    Column("ends_at", "Ends on", "day"),
    Column("arr", "MRR", "monthly"),
    Column("feedback", "Feedback", "word"),
    Column("comment", "Comment", "long"),
    Column("account_manager", "Account manager"),
)
TRIALS = (
    Column("customer", "Customer"),
    Column("started_at", "Began on", "day"),
    Column("ends_at", "Ends on", "day"),
    Column("account_manager", "Account manager"),
)
TITLES = {"leaving": "Asked to cancel", "trial": "Trials began"}
SINCE = {"look": "Since my last visit", "1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days"}

snapshot = widgets.begin("overview", "How does the business stand, and what changed?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against=True)
of = figures(snapshot, selection)
currency, current, now = selection.currency, known.current, snapshot.now
key = of.key


def series() -> pd.DataFrame:
    """The headline figures of every month that a key figure, its change or its spark needs."""
    months = known.months
    earliest = min(len(months) - SPARK - 1, months.index(against) if against in months else len(months))
    return snapshot.kept(
        "overview series",
        (*key, against),
        lambda: overview.series(of.facts, selection, months[max(0, earliest) :]),
    )


def spark(rows: pd.DataFrame, column: str) -> list[float | None]:
    """A column's last whole months; None where it is not defined."""
    whole = rows.loc[rows.index != current, column].iloc[-SPARK:]
    return [None if formatting.is_missing(value) else float(value) for value in whole]


def explained(name: str) -> str | None:
    """The name, where that figure can be explained."""
    return name if name in EXPLAINED else None


def now_figures(rows: pd.DataFrame) -> None:
    """The current month so far, against the chosen month."""
    last, before = rows.loc[current], rows.loc[against] if against in rows.index else None
    at = {name: (kpis.value(last, name), kpis.value(before, name)) for name in overview.AT_AN_END}
    (arr, was), (held, held_was), (average, average_was) = at.values()
    since = f", with the change since {formatting.month(against)}" if before is not None else ""
    kpis.row(
        [
            kpis.money(plan_mix.run_rate, arr, currency, before=was, spark=spark(rows, "arr"), explain="arr"),
            kpis.money(overview.annual, arr, currency, before=was, spark=spark(rows, "arr")),
            kpis.count(
                plan_mix.subscribers,
                held,
                before=held_was,
                spark=spark(rows, "subscribers"),
                explain=explained("subscribers"),
            ),
            kpis.money(
                plan_mix.arr_per_subscriber,
                average,
                currency,
                before=average_was,
                spark=spark(rows, "per_subscriber"),
                explain=explained("arpa"),
            ).named("MRR per subscriber"),
        ],
        f"Now{since}.",
        asked=kpis.Asked(snapshot, selection, current),
    )


def month_figures(rows: pd.DataFrame) -> None:
    """The last whole month against the one before; the current one is never compared as if whole."""
    whole = [str(month) for month in rows.index if month != current][-2:]
    last = rows.loc[whole[-1]] if whole else None
    before = rows.loc[whole[0]] if len(whole) == 2 else None

    def rate(metric: kpis.Declared, column: str, rise: str = "normal") -> kpis.Kpi:
        draw = kpis.number if metric.unit == "ratio" else kpis.share
        return draw(
            metric,
            kpis.value(last, column),
            before=kpis.value(before, column),
            rise=rise,
            spark=spark(rows, column),
            explain=explained(overview.OF_A_MONTH[column]),
        )

    told = "No month is over yet."
    if whole:
        against_it = f" against {formatting.month(whole[0])}" if before is not None else ""
        told = f"{formatting.month(whole[-1])}, the last whole month{against_it}."
    kpis.row(
        [
            rate(kept.net_retention, "net_retention").named("NRR, 12 months"),
            rate(kept.gross_retention, "gross_retention").named("GRR, 12 months"),
            rate(customers.churn_rate, "customer_churn", "inverse").named("Customer churn"),
            rate(mrr.quick_ratio, "quick_ratio"),
        ],
        told,
        asked=kpis.Asked(snapshot, selection, whole[-1] if whole else current),
    )


def ahead() -> None:
    """What is known to come."""
    leaving = churn.scheduled(of.rows("scheduled_churn", now), selection)
    due = renewals.due(of.rows("renewals", now, now + AHEAD), selection)
    shown = [
        kpis.money(
            churn.scheduled_arr,
            churn.scheduled_arr(leaving),
            currency,
            explain=explained("scheduled_churn"),
        ),
        kpis.money(
            renewals.arr_due, renewals.arr_due(due), currency, explain=explained("renewals_due")
        ).named("Renewals due, 90 days"),
    ]
    told = formatting.plural(leaving["customer_id"].nunique(), "customer")
    kpis.row(
        shown,
        f"Ahead: {told} set to cancel; {formatting.plural(len(due), 'renewal')} until "
        f"{formatting.day(now + AHEAD)}.",
        asked=kpis.Asked(snapshot, selection, current),
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


def since_when() -> datetime:
    """From when on things are new: the reader's last visit, or a length of time that they chose."""
    before = looks.since(snapshot)
    chosen = filters.choice("New since", SINCE, "since")
    if chosen == "look":
        if before is None:
            st.caption("This is your first visit, so this is what the last 7 days brought.")
            return now - timedelta(days=7)
        st.caption(formatting.markdown(f"Since {formatting.moment(before)}."))
        return before
    return now - timedelta(days=int(chosen))


def new() -> tuple[str, datetime] | None:
    """What changed since the reader last looked; the kind that was picked, and since when."""
    place, since = None, now
    with widgets.card("What is new", "Movements, trials and cancellations since then."):
        since = since_when()
        rows = news(since)
        if rows.empty:
            st.markdown("Nothing has changed since.")
        else:
            place = grid(rows, NEW, currency, "overview_new", select=True)
        if st.button("Take all as seen", type="tertiary", icon=":material/done_all:", key="seen"):
            looks.seen_all(snapshot)
            st.rerun()
    return None if place is None else (str(rows["kind"].iloc[place]), since)


def behind(kind: str, since: datetime) -> None:
    """The customers behind a line of what is new."""
    if kind == "leaving":
        rows, columns, name = leaving_since(since), LEAVING, "customer_name"
    elif kind == "trial":
        rows, columns, name = trials_since(since), TRIALS, "name"
    else:
        rows = of.rows("moved_since", since, now, amounts=["delta_arr"])
        rows, columns, name = rows.loc[rows["kind"] == kind], MOVED, "name"
    rows = widgets.people(rows.reset_index(drop=True), name)
    title = f"{TITLES.get(kind) or charts.NAMES[kind]}, since {formatting.moment(since)}"
    widgets.customers(rows, columns, currency, "overview_behind", title, widgets.limited(rows, "row"))


def leaving_since(since: datetime) -> pd.DataFrame:
    """Who asked to cancel since then and is still subscribed."""
    rows = churn.scheduled(of.rows("scheduled_churn", now), selection)
    return rows.loc[rows["requested_at"] > since]


def trials_since(since: datetime) -> pd.DataFrame:
    """Whose trial began since then, whatever the plan."""
    rows = of.rows("trials_since", since, now, amounts=[])
    return rows.loc[rows["currency"] == currency]


def news(since: datetime) -> pd.DataFrame:
    """What happened since then, a row for each kind: kind, what, customers, delta_arr."""
    totals = of.rows("moved_since_totals", since, now, amounts=["delta_arr"])
    rows = overview.changes(totals, currency)
    rows = rows.assign(what=rows["kind"].map(charts.NAMES))
    leaving, trials = leaving_since(since), trials_since(since)
    more = [
        ("leaving", TITLES["leaving"], leaving["customer_id"].nunique(), -int(leaving["arr"].sum())),
        ("trial", TITLES["trial"], trials["customer_id"].nunique(), None),
    ]
    extra = pd.DataFrame(more, columns=["kind", "what", "customers", "delta_arr"])
    extra = extra.loc[extra["customers"] > 0].astype({"delta_arr": "Int64"})
    return pd.concat([rows.astype({"delta_arr": "Int64"}), extra], ignore_index=True)


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
        picked = new()
    if picked:
        behind(*picked)
    largest(month)

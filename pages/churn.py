"""Churn: the rates, why they moved in a month, who leaves, who is saved, and what failed payments cost."""

import streamlit as st

from dashboard import filters, formatting, kpis, states, widgets
from dashboard.charts import churn as charts
from dashboard.columns import Column
from dashboard.kpis import Asked as Explained
from dashboard.leaving import groups, month, payments, people, scheduled
from dashboard.leaving.asked import Asked
from dashboard.metrics import churn, movements
from dashboard.metrics.explain import EXPLAINED
from dashboard.store import once

INSIDE = "Inside the month; in no other column. Known for all plans and intervals together only."
FLOW = (
    Column("month", "Month", "month"),
    Column("start", "At start", "count"),
    Column("new", "New", "count"),
    Column("won_back", "Won back", "count"),
    Column("lost", "Lost", "count"),
    Column(
        "moved",
        "Changed plan",
        "change",
        help="Net of those who took up or dropped the chosen plans and stayed.",
    ),
    Column("end", "At end", "count"),
    Column("joined_and_left", "Joined and left", "count", help=INSIDE),
)
RATES = (
    Column("month", "Month", "month"),
    Column("churn_rate", "Customer churn", "share", help=churn.churn_rate.formula),
    Column("stripe_rate", "Stripe's rate", "share", help=churn.stripe_rate.formula),
    Column("gross_churn", "Gross MRR churn", "share", help=movements.gross_churn.formula),
    Column("net_churn", "Net MRR churn", "share", help=movements.net_churn.formula),
    Column("start", "Subscribers at start", "count"),
    Column("lost", "Lost", "count"),
    Column("churn", "Churned MRR", "moved"),
)
MEASURES = {"customers": "Customers", "mrr": "MRR"}
PARTS = {
    "month": "One month",
    "who": "Who leaves",
    "saved": "Scheduled and saved",
    "payments": "Failed payments",
    "list": "Everyone who left",
}
SPARK = 13  # months

snapshot = widgets.begin("churn", "Who leaves, why, and what does it cost?")
known = filters.facts(snapshot)
selection, against = filters.bar(known, against="whole")
asked = Asked(snapshot, known, selection)
currency, current = selection.currency, known.current
flow = asked.flow()


def key_figures() -> None:
    """The last whole month against the one to compare with; the current one is never compared as if whole."""
    whole = flow.loc[flow["month"] != current]
    last = whole.iloc[-1] if len(whole) else None
    months = (against,) if against and len(whole) else ()
    earlier = asked.over(months).flow()
    before = earlier.iloc[0] if len(earlier) and earlier["start"].iloc[0] else None

    def spark(column: str) -> list[float | None]:
        return [None if formatting.is_missing(each) else float(each) for each in whole[column].iloc[-SPARK:]]

    def explained(name: str) -> str | None:
        return name if name in EXPLAINED else None

    def rate(metric: kpis.Declared, column: str, name: str) -> kpis.Kpi:
        now, then = kpis.value(last, column), kpis.value(before, column)
        return kpis.share(
            metric, now, before=then, rise="inverse", spark=spark(column), explain=explained(name)
        )

    gone, gone_before = (kpis.value(row, "lost") for row in (last, before))
    leaving = once(churn.scheduled, asked.frame("scheduled_churn", snapshot.now), selection)
    kpis.row(
        [
            rate(churn.churn_rate, "churn_rate", "customer_churn").named("Customer churn"),
            rate(movements.gross_churn, "gross_churn", "gross_mrr_churn"),
            rate(movements.net_churn, "net_churn", "net_mrr_churn"),
            kpis.count(
                churn.lost,
                gone,
                before=gone_before,
                rise="inverse",
                spark=spark("lost"),
                explain=explained("customers_lost"),
            ).named("Customers lost"),
            kpis.money(
                churn.scheduled_arr,
                once(churn.scheduled_arr, leaving),
                currency,
                explain=explained("scheduled_churn"),
            ),
        ],
        _when(None if last is None else str(last["month"]), None if before is None else str(before["month"])),
        asked=None if last is None else Explained(snapshot, selection, str(last["month"])),
    )


def _when(last: str | None, before: str | None) -> str:
    if last is None:
        return "No month is over yet. Scheduled churn is as of now."
    compared = f" against {formatting.month(before)}" if before else ""
    return f"{formatting.month(last)}, the last whole month{compared}. Scheduled churn is as of now."


def rates() -> str | None:
    """The main chart; the month that was clicked."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader("Churn rate", anchor=False)
            measure = filters.choice("Rate", MEASURES, "rate")
        st.caption("By month. Click a month to see below why it rose or fell.")
        figure = asked.kept("rates", lambda: charts.rates(flow, measure, current), measure)
        place = widgets.chart(
            figure, flow, RATES, currency, f"churn_rates_{measure}", alt="Churn rates by month.", select=True,
            partial=current,
        )  # fmt: skip
    return _month(place)


def _month(place: int | None) -> str | None:
    return None if place is None else str(flow["month"].iloc[place])


def subscribers() -> str | None:
    """Won above the line, lost below it; the month that was clicked."""
    with widgets.card("Subscribers won and lost", "By month; the current month is not over yet.") as alt:
        figure = asked.kept("flow chart", lambda: charts.flow(flow, current))
        place = widgets.chart(
            figure, flow, FLOW, currency, "churn_subscribers", alt=alt, select=True, partial=current
        )
    return _month(place)


def parts() -> None:
    """The part that the reader chose; only that one is read and drawn."""
    part = filters.choice("Part", PARTS, "part")
    if part == "month":
        month.draw(asked)
    elif part == "who":
        groups.draw(asked)
    elif part == "saved":
        scheduled.draw(asked)
    elif part == "payments":
        payments.draw(asked)
    else:
        people.draw(asked)


key_figures()
if not flow[["start", "new", "won_back", "end"]].to_numpy().any():
    states.empty()
else:
    clicked = {"rates": rates()}
    left, right = st.columns(2)
    with left:
        clicked["subscribers"] = subscribers()
    with right:
        clicked["kinds"] = _month(groups.kinds(asked))
    month.follow(clicked)
    parts()

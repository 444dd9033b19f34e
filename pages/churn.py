"""Churn: who came and left by month, what it did to MRR, why, and who is set to leave."""

import streamlit as st

from dashboard import filters, formatting, kpis, states, widgets
from dashboard.charts import churn as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import churn, movements, plans

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
    Column("churn_rate", "Churn rate", "share", help=churn.churn_rate.formula),
    Column("stripe_rate", "Stripe's rate", "share", help=churn.stripe_rate.formula),
)
BRIDGE = (
    Column("month", "Month", "month"),
    Column("start", "MRR at start", "monthly"),
    Column("new", "New", "moved"),
    Column("reactivation", "Won back", "moved"),
    Column("expansion", "Expansion", "moved"),
    Column("contraction", "Contraction", "moved"),
    Column("churn", "Churn", "moved"),
    Column("transfer", "Between plans", "moved"),
    Column("end", "MRR at end", "monthly"),
    Column("gross_churn", "Gross churn", "share", help=movements.gross_churn.formula),
    Column("net_churn", "Net churn", "share", help=movements.net_churn.formula),
)
REASONS = (
    Column("voluntary", "Kind", "word"),
    Column("why", "Reason"),
    Column("customers", "Customers", "count"),
    Column("arr", "MRR lost", "monthly"),
)
LOST = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link"),
    Column("day", "Left on", "day"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "MRR lost", "monthly"),
    Column("voluntary", "Kind", "word"),
    Column("why", "Reason"),
    Column("comment", "Comment"),
)
MOVED = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link"),
    Column("day", "Day", "day"),
    Column("what", "Movement"),
    Column("delta_arr", "MRR", "moved"),
    Column("account_manager", "Account manager"),
)
LEAVING = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link"),
    Column("ends_at", "Ends on", "day"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "MRR", "monthly"),
    Column("account_manager", "Account manager"),
    Column("requested_at", "Asked for on", "day"),
    Column("feedback", "Feedback", "word"),
    Column("comment", "Comment"),
)

snapshot = widgets.begin("churn", "Who leaves, why, and what does it cost?")
known = filters.facts(snapshot)
selection, _ = filters.bar(known)
currency, current = selection.currency, known.current
key = (*selection.key, current)
flow = snapshot.kept(
    "flow",
    key,
    lambda: churn.flow(snapshot.frame("month_end_subscribers"), snapshot.frame("transitions"), selection),
)
bridge = snapshot.kept(
    "bridge", key, lambda: movements.bridge(known.month_end, snapshot.frame("movements"), selection)
)
churned = snapshot.frame("churned", months=tuple(selection.months))
leaving = churn.scheduled(snapshot.frame("scheduled_churn", snapshot.now), selection)


def key_figures() -> None:
    """The last whole month against the one before; the current one is never compared as if whole."""
    whole = [month for month in selection.months if month != current][-2:]
    rows = flow.set_index("month").join(bridge.set_index("month")[["gross_churn", "net_churn"]])
    last = rows.loc[whole[-1]] if whole else None
    before = rows.loc[whole[0]] if len(whole) == 2 else None

    def rate(metric: kpis.Declared, column: str) -> kpis.Kpi:
        return kpis.share(metric, kpis.value(last, column), before=kpis.value(before, column), rise="inverse")

    gone, gone_before = (kpis.value(row, "lost") for row in (last, before))
    kpis.row(
        [
            rate(churn.churn_rate, "churn_rate").named("Customer churn"),
            rate(movements.gross_churn, "gross_churn"),
            rate(movements.net_churn, "net_churn"),
            kpis.count(churn.lost, gone, before=gone_before, rise="inverse").named("Customers lost"),
            kpis.money(churn.scheduled_arr, churn.scheduled_arr(leaving), currency),
        ],
        _when(whole),
    )


def _when(whole: list[str]) -> str:
    if not whole:
        return "No month is over yet. Scheduled churn is as of now."
    against = f" against {formatting.month(whole[0])}" if len(whole) == 2 else ""
    return f"{formatting.month(whole[-1])}, the last whole month{against}. Scheduled churn is as of now."


def subscribers() -> None:
    """The main chart: won above the line, lost below it. A month of its table opens who moved in it."""
    note = "By month; the current month is not over yet. Select a month in the table to see its customers."
    with widgets.card("Subscribers won and lost", note) as alt:
        figure = snapshot.kept("flow chart", key, lambda: charts.flow(flow, current))
        place = widgets.chart(
            figure, flow, FLOW, currency, "churn_subscribers", alt=alt, select=True, partial=current
        )
    if place is not None:
        moved(str(flow["month"].iloc[place]))


def moved(month: str) -> None:
    """Who came, left, grew or shrank in a month, by name."""
    chosen = {"products": selection.products, "intervals": selection.intervals}
    rows = snapshot.frame(
        "customers_of_month", month, currencies=[currency], kinds=movements.OF_CUSTOMERS, **chosen
    )
    with widgets.card(f"Customers who moved in {formatting.month(month)}", widgets.limited(rows, "movement")):
        told = widgets.people(rows).assign(what=rows["kind"].map(charts.NAMES))
        grid(told, MOVED, currency, "churn_moved")


def money() -> None:
    """What the same months did to MRR."""
    with widgets.card("MRR movements", "MRR at the start plus these is MRR at the end, exactly.") as alt:
        widgets.chart(
            snapshot.kept("movements chart", key, lambda: charts.movements(bridge, currency, current)),
            bridge,
            BRIDGE,
            currency,
            "churn_mrr_movements",
            alt=alt,
            partial=current,
        )


def reasons() -> None:
    """Why customers left, as Stripe was told."""
    frame = snapshot.kept("reasons", key, lambda: churn.reasons(churned, selection))
    with widgets.card(
        "Reasons", "Of customers who left in the period. None given is said so, never guessed."
    ) as alt:
        if frame.empty:
            st.markdown("Nobody left in this period.")
        else:
            figure = snapshot.kept("reasons chart", key, lambda: charts.reasons(frame))
            widgets.chart(figure, frame, REASONS, currency, "churn_reasons", alt=alt)


def scheduled() -> None:
    """Who is set to leave and still counts."""
    told = formatting.plural(leaving["customer_id"].nunique(), "customer")
    with widgets.card("Scheduled churn", f"{told} set to cancel; they count in MRR until the day."):
        if len(leaving):
            rows = widgets.people(plans.with_plan(leaving, known.products), "customer_name")
            grid(rows, LEAVING, currency, "churn_scheduled")


def customers() -> None:
    """Every customer who left in the period, by name."""
    rows = snapshot.kept("lost", key, lambda: churn.lost_customers(churned, selection))
    told = formatting.plural(rows["customer_id"].nunique(), "customer")
    with widgets.card("Customers who left", f"{told} in the period, the latest first."):
        if len(rows):
            rows = widgets.people(plans.with_plan(rows, known.products), "customer_name")
            grid(rows, LOST, currency, "churn_customers")


key_figures()
if not flow[["start", "new", "won_back", "end"]].to_numpy().any():
    states.empty()
else:
    subscribers()
    left, right = st.columns(2)
    with left:
        money()
    with right:
        reasons()
    scheduled()
    customers()

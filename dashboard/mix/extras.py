"""What comes on top of plans and what is taken off: add-ons and discounts."""

import streamlit as st

from dashboard import widgets
from dashboard.charts import mix as charts
from dashboard.columns import Column
from dashboard.metrics import addons, discounts
from dashboard.mix.view import View

ATTACHED = (
    Column("month", "Month", "month"),
    Column("addon", "Add-on"),
    Column("customers", "Customers", "count"),
    Column("subscribers", "Of subscribers", "count"),
    Column("rate", "Attach rate", "share", help=addons.attach_rate.formula),
)
DEPTH = (
    Column("plan", "Plan"),
    Column("list_arr", "List MRR", "monthly"),
    Column("off", "Discounts", "monthly"),
    Column("arr", "MRR", "monthly"),
    Column("depth", "Depth", "share", help=discounts.depth.formula),
    Column("share", "Discounted", "share", help="The share of the list value that any coupon reaches."),
    Column("subscriptions", "Subscriptions", "count"),
)


def attach_rates(view: View) -> None:
    """The share of subscribers who hold each add-on, month by month."""
    snapshot, of = view.known.snapshot, view.of
    frame = snapshot.kept(
        "attach rates",
        view.key,
        lambda: addons.attached(of.month_end_subscribers, view.known.products, view.selection),
    )
    with widgets.card("Add-ons", "The share of subscribers of a plan who hold each add-on.") as alt:
        if frame.empty:
            st.markdown("Nobody holds an add-on in this period.")
            return
        figure = snapshot.kept("attach chart", view.key, lambda: charts.attached(frame, view.colours))
        widgets.chart(figure, frame, ATTACHED, view.currency, "plan_mix_addons", alt=alt, partial=view.month)


def discount_depth(view: View) -> None:
    """What coupons in force take off the list value of each plan."""
    snapshot, of = view.known.snapshot, view.of
    given = view.sums("discounts_in_force", snapshot.now, amounts=["arr", "list_arr"], month=view.month)
    frame = snapshot.kept(
        "discount depth",
        view.key,
        lambda: discounts.by_plan(given, of.month_end, view.known.products, view.selection, view.month),
    )
    with widgets.card("Discounts", "What coupons now in force take off the list value, by plan.") as alt:
        if not frame["off"].any():
            st.markdown("No recurring coupon is in force.")
            return
        figure = snapshot.kept("discounts chart", view.key, lambda: charts.discounts(frame, view.colours))
        widgets.chart(figure, frame, DEPTH, view.currency, "plan_mix_discounts", alt=alt)

"""Data health: what the figures rest on, what the history cannot tell, and what was not read."""

import pandas as pd
import streamlit as st

from dashboard import cache, filters, formatting, kpis, states, widgets
from dashboard.charts import health as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import health, readings
from dashboard.store import finished, once
from dashboard.syncing import cards as sync_cards

RESTS_ON = (
    Column("month", "Month", "month"),
    Column("group", "Rests on"),
    Column("arr", "MRR", "monthly"),
)
UNDATED = (
    Column("month", "Month", "month"),
    Column("changes", "Changes", "count"),
    Column("arr", "MRR may be off by", "monthly"),
)
UNKNOWN = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link", help="The subscription."),
    Column("delta_arr", "MRR", "moved"),
    Column("earliest_at", "Not before", "day"),
    Column("latest_at", "Not after", "day", help="Empty: it may also have been just now."),
    Column("placed_at", "Shown on", "day", help="The day on which charts and exports have it."),
    Column("what", "What is known", "long"),
    Column("subscription", "Subscription"),
)
NOT_SHOWN = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link", help="The subscription."),
    Column("meaning", "What is missing", "long"),
    Column("from_at", "From", "day"),
    Column("to_at", "Until", "day", help="Empty: still so."),
    Column("arr", "Counted MRR", "monthly"),
    Column("subscription", "Subscription"),
)
PAUSED = (
    Column("customer", "Customer"),
    Column("stripe", "Stripe", "link", help="The subscription."),
    Column("arr", "Counted MRR", "monthly"),
    Column("since", "Paused since", "day", help="Empty: Stripe keeps no date of it, and no event tells."),
    Column("resumes_at", "Resumes", "day", help="Empty: no date is set."),
    Column("behavior", "Its invoices", "word"),
    Column("subscription", "Subscription"),
)
CURRENCIES = (
    Column("currency", "Currency", "code"),
    Column("complete", "Complete", "share", help=health.complete.formula),
    Column("unknown", "Undated", "count", help="Customers with changes that nothing dates."),
    Column("arr", "MRR not dated", "own_monthly"),
    Column("customers", "Customers", "count", help="All who ever had recurring revenue."),
)
RESOURCES = (
    Column("name", "What"),
    Column("told", "State"),
    Column("read", "Last read"),
    Column("sentence", "Why not", "long"),
)

snapshot = widgets.begin("data_health", "Can these figures be trusted, and what is missing?")
known = filters.facts(snapshot)
selection = filters.months_and_currency(known)
currency, months, current = selection.currency, selection.months, known.current
key = (*selection.key, current)
everything = snapshot.frame("unknown_history")
customers_of = snapshot.frame("ever_subscribed", snapshot.now)
by_currency = once(health.by_currency, everything, customers_of)
unknown = once(health.of_currency, everything, currency)
not_shown = once(health.billed_in, snapshot.frame("not_shown"), currency)
paused = once(health.billed_in, snapshot.frame("paused_collection", snapshot.now), currency)


@st.fragment(run_every=widgets.REFRESH_SECONDS)
def key_figures() -> None:
    """How old and how whole the data is; kept current, since age is."""
    status = widgets.latest(snapshot)
    told = by_currency.loc[by_currency["currency"] == currency]
    ever = int(told["customers"].sum())
    concerned = once(health.customers_unknown, unknown)
    kpis.row(
        [
            kpis.age(readings.age, status.last_success_at or status.committed_at),
            kpis.count(readings.not_read, readings.not_read(status.resources)),
            kpis.count(health.customers_unknown, concerned).named("History unknown"),
            kpis.money(health.arr_unknown, once(health.arr_unknown, unknown), currency).named(
                "MRR not dated"
            ),
            kpis.share(health.complete, health.complete(ever, concerned)),
        ],
        f"Version {status.version} of the data, made {formatting.moment(status.committed_at)}. The last "
        f"three are of customers in {currency.upper()}.",
    )


def rests_on() -> None:
    """The main chart: the evidence behind the MRR of every month."""
    frame = snapshot.kept(
        "rests on",
        key,
        lambda: health.rests_on(snapshot.frame("evidence_changes", snapshot.now), currency, months),
    )
    note = "At the end of each month. Events say what happened when it did; nothing is more certain."
    with widgets.card("What MRR rests on", note) as alt:
        figure = snapshot.kept("rests on chart", key, lambda: charts.rests_on(frame, currency, current))
        widgets.chart(figure, frame, RESTS_ON, currency, "data_health_rests_on", alt=alt, partial=current)


def undated() -> None:
    """How much of a month's MRR may belong to another month."""
    frame = snapshot.kept("undated", key, lambda: health.undated(unknown, months, snapshot.now))
    note = "Changes that happened before or after a month's end, while nothing says which."
    with widgets.card("How far a month may be off", note) as alt:
        if not frame["arr"].any():
            st.markdown("Every change of these months is dated.")
        else:
            figure = snapshot.kept("undated chart", key, lambda: charts.undated(frame, currency, current))
            widgets.chart(figure, frame, UNDATED, currency, "data_health_undated", alt=alt, partial=current)


def currencies() -> None:
    """How many customers and how much MRR in all, each currency in its own money."""
    with widgets.card(
        "Every currency", "Customers with changes that nothing dates, and the share without any."
    ):
        grid(by_currency, CURRENCIES, currency, "data_health_currencies")


def unknown_history() -> None:
    """Every change that nothing dates, by customer."""
    changes = formatting.plural(len(unknown), "change")
    customers = formatting.plural(once(health.customers_unknown, unknown), "customer")
    amount = formatting.mrr(once(health.arr_unknown, unknown), currency)
    note = f"{changes} at {customers}, {amount} of MRR in all, the largest first."
    with widgets.card("What the history cannot tell", note):
        grid(at_stripe("unknown", unknown), UNKNOWN, currency, "data_health_unknown")


def missing() -> None:
    """Prices, coupons and statuses that Stripe did not show."""
    told = formatting.plural(not_shown["customer_id"].nunique(), "customer")
    with widgets.card(
        "What Stripe did not show", f"{told}. Nothing is guessed: each row says what it counts."
    ):
        grid(at_stripe("not shown", not_shown), NOT_SHOWN, currency, "data_health_not_shown")


def paused_collection() -> None:
    """Subscriptions that count while nothing is collected."""
    count = formatting.plural(len(paused), "subscription")
    note = (
        f"{count}, in MRR all the same. Stripe keeps no date of a pause, so charts cannot show when it began."
    )
    with widgets.card("Collection paused", note):
        grid(at_stripe("paused", paused), PAUSED, currency, "data_health_paused")


def at_stripe(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of subscriptions with their customer's name, and their page in Stripe's dashboard."""

    def build() -> pd.DataFrame:
        whose = rows if "customer_id" in rows.columns else rows.assign(customer_id=rows["customer"])
        named = widgets.people(whose, "customer_name")
        return named.assign(stripe=[cache.subscription_url(str(each)) for each in rows["subscription"]])

    return snapshot.kept(f"{name} at Stripe", (currency,), build)


def sources() -> None:
    """What was read from Stripe, with the reason for what was not."""
    status = snapshot.status
    frame = finished(status, "resources", lambda: read_at(readings.resources(status.resources)))
    failed = f" The last sync failed: {status.last_error.rstrip('.')}." if status.last_error else ""
    with widgets.card("Read from Stripe", f"What is amiss comes first.{failed}"):
        for sentence in readings.unheard(snapshot.frame("event_gaps")):
            st.markdown(formatting.markdown(sentence))
        if frame.empty:
            st.markdown("No sync has listed what it reads yet.")
        else:
            grid(frame, RESOURCES, currency, "data_health_resources")


def read_at(frame: pd.DataFrame) -> pd.DataFrame:
    """Resources with the moment of their last reading in words."""
    return frame.assign(read=[formatting.moment(at) for at in frame["read_at"]])


def application() -> None:
    """The copy of the company's own database."""
    state = readings.application(snapshot.status.resources)
    with widgets.card("Application database", "The company's own: accounts, capacity and use."):
        for sentence in readings.told(state, snapshot.frame("application_extent")):
            st.markdown(formatting.markdown(sentence))


key_figures()
if by_currency.empty:
    states.empty("No customer has had recurring revenue yet, so there is no history to judge.")
else:
    rests_on()
    is_whole = unknown.empty and not_shown.empty
    left, right = st.columns(2)
    with left:
        if is_whole:
            states.nothing_missing()
            application()
        else:
            undated()
    with right:
        currencies()
        if not is_whole:
            application()
    if len(unknown):
        unknown_history()
    if len(not_shown):
        missing()
    if len(paused):
        paused_collection()
sync_cards.draw(snapshot)
sources()

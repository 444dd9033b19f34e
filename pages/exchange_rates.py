"""Exchange rates: what they convert, what is left out for want of one, and the table that finance keeps."""

import pandas as pd
import streamlit as st

from dashboard import access, cache, dialogs, exchange, filters, formatting, kpis, rate_forms, states, widgets
from dashboard.charts import exchange as charts
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics import conversion
from dashboard.metrics import exchange as rating
from dashboard.store import once

CONVERTED = (
    Column("month", "Month", "month"),
    Column("code", "Currency"),
    Column("own_mrr", "MRR as billed"),
    Column("rate", "Rate"),
    Column("dated", "Rate of", "day"),
    Column("arr", "MRR converted", "monthly"),
)
LEFT_OUT = (
    Column("currency", "Currency", "code"),
    Column("arr", "ARR now", "own"),
    Column("subscribers", "Subscribers", "count"),
    Column("span", "Months without a rate"),
)

snapshot = widgets.begin("exchange_rates", "What turns every currency into one, and what is left out?")
known = filters.facts(snapshot)
months = filters.period(known)
rates = snapshot.frame("exchange_rates")
holdings = snapshot.frame("month_end_subscribers")
current, to = known.current, cache.reporting_currency()
others = [code for code in known.currencies if code != to]
key = (*months[:1], *months[-1:], to)
converted = snapshot.kept(
    "converted",
    key,
    lambda: rating.converted(known.month_end, conversion.rates_into(to, rates), months),
)
left_out = once(rating.left_out, converted, holdings, current)


def key_figures() -> None:
    """How much is converted, and how old the rates are."""
    share = once(rating.subscribers_converted, left_out, holdings, current)
    kpis.row(
        [
            kpis.money(rating.arr_converted, once(rating.arr_converted, converted, current), to),
            kpis.share(rating.subscribers_converted, share).named("Subscribers in"),
            kpis.count(rating.without_rate, rating.without_rate(left_out)).named("Without a rate"),
            kpis.count(rating.kept, rating.kept(rates)),
            kpis.age(rating.age, rating.newest(rates), snapshot.now).named("Newest rate"),
        ],
        f"Now, in {to.upper()}, the reporting currency of the settings.",
    )


def over_time() -> None:
    """The main chart: every month in the reporting currency, by what it was billed in."""
    title = f"MRR in {to.upper()} by currency"
    with widgets.card(
        title, "Each month at the rate that held at its end; what has no rate is left out."
    ) as alt:
        figure = snapshot.kept(
            "converted chart", key, lambda: charts.by_currency(converted, [to, *others], to, current)
        )
        table = snapshot.kept("converted told", key, in_words)
        widgets.chart(figure, table, CONVERTED, to, "exchange_rates_converted", alt=alt, partial=current)


def in_words() -> pd.DataFrame:
    """Every month with what was billed, in its own money."""
    pairs = zip(converted["own"], converted["currency"], strict=True)
    return converted.assign(
        code=converted["currency"].str.upper(), own_mrr=[formatting.mrr(*pair) for pair in pairs]
    )


def missing() -> None:
    """What no rate converts, each currency in its own money."""
    with widgets.card("Left out", f"Nothing turns these into {to.upper()}, so no converted figure has them."):
        if left_out.empty:
            st.markdown("Nothing: every currency has a rate in every month shown.")
            return
        grid(snapshot.kept("left out told", key, spanned), LEFT_OUT, to, "left_out")


def spanned() -> pd.DataFrame:
    """What is left out, with its months in words."""
    spans = left_out[["months", "first", "last"]].itertuples(index=False)
    return left_out.assign(span=[_span(*row) for row in spans])


def _span(number: int, first: str, last: str) -> str:
    if first == last:
        return formatting.month(first)
    return f"{number}, {formatting.month(first)} to {formatting.month(last)}"


def newest_first() -> pd.DataFrame:
    """The rates, those of the same day as they came, the last first."""
    return rates.iloc[::-1].sort_values("date", ascending=False, kind="stable", ignore_index=True)


def table(editable: bool) -> None:
    """Every rate; a selected one can be taken out."""
    note = "The newest first." + (" Select one to delete it." if editable else "")
    with widgets.card("Rates", note):
        if rates.empty:
            st.markdown("No rate is kept yet.")
            return
        newest = snapshot.kept("newest rates", (), newest_first)
        shown = once(rate_forms.with_codes, newest)
        place = grid(shown, rate_forms.RATES, to, "exchange_rates", select=editable)
        if place is not None:
            rate_forms.deletion(newest.iloc[place])


dialogs.say_what_was_done()
editable = access.permitted(exchange.EDIT)
book = rate_forms.Book(rates, known.month_end, known.months, to, others, snapshot.now.date())
key_figures()
if converted.empty:
    states.empty("There is no recurring revenue yet, so there is nothing to convert.")
else:
    over_time()
    missing()
if editable:
    rate_forms.one_rate(book)
    rate_forms.a_file(book)
table(editable)

"""What a quote comes to, beside its fields: key figures, its lines, its years, and every broken rule."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from dashboard import formatting, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.quotes import fields, pricing, sealing
from dashboard.quotes.pricing import Priced, Year
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.decisions import Figures
from dashboard.quoting.state import Editing
from dashboard.store import finished, once
from data.catalog import Catalog
from data.quotes.states import EDITABLE

LINES = (
    Column("name", "Line"),
    Column("at_list", "List", "amount"),
    Column("net", "Net", "amount"),
    Column("off", "Off", "share"),
)
YEARS = (
    Column("year", "Year"),
    Column("capacity", "Capacity", "count"),
    Column("at_list", "At list", "amount", "What is billed once is in it as it is."),
    Column("billed", "Billed", "amount", "What recurs in the year, and in the first what is billed once."),
)


def priced(snapshot: Snapshot, editing: Editing) -> Priced | None:
    """The quote worked out, once for the same quote and catalogue; None while something is missing."""
    quote, sold = editing.reading.quote, quote_desk.sold()
    if quote is None:
        return None
    kept: tuple[Priced, Catalog] = snapshot.kept(
        "priced quote", (repr(quote), id(sold)), lambda: (pricing.price(quote, sold), sold)
    )
    return kept[0]


def figures(snapshot: Snapshot, editing: Editing, found: Priced | None) -> None:
    """Everything that follows from the fields."""
    agreed = quote_decisions.agreed([editing.draft]).get(editing.draft.id)
    if agreed and (found is None or agreed != sealing.figures(found)):
        with widgets.card("What it comes to", "Before taxes, at the price list of the day it was approved."):
            _key_figures(agreed)
            st.caption(OTHER_PRICES)
        return
    since = "at today's price list" if editing.draft.state in EDITABLE else "as it was agreed"
    with widgets.card("What it comes to", f"Before taxes, {since}."):
        if found is None:
            st.markdown("It can be worked out when what is marked beside the fields is mended.")
        else:
            _key_figures(sealing.figures(found))
            for sentence in (*_terms(editing, found), *_today(snapshot, editing, found)):
                st.caption(formatting.markdown(sentence))
            if told := _for_nothing(found):
                st.warning(formatting.markdown(told), icon=":material/money_off:")
        if editing.draft.state in EDITABLE:
            _broken(editing)
        if found is not None:
            _tables(found)


def _key_figures(found: Figures) -> None:
    code = found.currency
    figures = (
        ("Total contract value", formatting.amount(found.total, code), TOTAL),
        ("ARR", formatting.amount(found.arr, code), ARR),
        ("First invoice", formatting.amount(found.first_invoice, code), FIRST),
        ("Effective discount", formatting.percent(found.discount), EFFECTIVE),
    )
    for pair in (figures[:2], figures[2:]):
        for column, (label, value, told) in zip(st.columns(2), pair, strict=True):
            column.metric(label, formatting.markdown(value), help=told)


TOTAL = "Everything that is billed in the committed term, fees that are billed once included, taxes not."
ARR = "What recurs in the first billing period, less the discounts that hold in it, as a year of it."
FIRST = "The first billing period and the fees that are billed once."
OTHER_PRICES = "The price list has changed since: the lines as they were agreed are in the order form."
EFFECTIVE = "How far all that recurs in the term is below the price list, as a share of the price list."


def _terms(editing: Editing, found: Priced) -> Iterator[str]:
    """When it is billed, for which part of a running period, and what the ramp leads to."""
    start, join, code = found.quote.start, found.quote.joins, found.quote.currency
    if join and found.quote.share:
        days = formatting.plural((join.renews_on - (start or join.renews_on)).days, "day")
        length, renews = (join.renews_on - join.period_start).days, formatting.day(join.renews_on)
        yield f"First it is billed for {days} of {length}, until the renewal on {renews}."
    told = (
        f"The first invoice is made on {formatting.day(start)}"
        if start
        else "The first invoice is made on acceptance"
    )
    days = editing.value("net_days")
    invoiced = editing.value("collection") == "send_invoice" and isinstance(days, int)
    yield (
        f"{told} and is due {formatting.plural(days, 'day')} later."
        if invoiced
        else f"{told} and paid at once."
    )
    if found.quote.joins is None and found.quote.term > 12:
        yield f"On average {formatting.amount(found.acv, code)} recurs in a year of the term (ACV)."
    if found.last_arr != found.arr:
        last = formatting.amount(found.last_arr, code)
        yield f"In the last period of the term the ARR is {last}."


def _for_nothing(found: Priced) -> str:
    """That added capacity costs nothing, where it does not: what runs includes it, or has one price."""
    quote = found.quote
    plan = next((each for each in found.whole.charges if each.key == quote.plan), None)
    if quote.joins is None or not quote.capacity or plan is None or plan.at_list:
        return ""
    entry = quote_desk.sold().entry(quote.plan)
    name, added = entry.name if entry else quote.plan, formatting.count(quote.capacity)
    why = "has one price whatever the capacity" if entry and entry.rule == "flat" else "includes them already"
    return f"The {added} that are added cost nothing: {name} {why}."


def _today(snapshot: Snapshot, editing: Editing, found: Priced) -> Iterator[str]:
    """Against what the customer pays today."""
    customer, code = editing.value("customer_id"), found.quote.currency
    if not customer:
        return
    rows = snapshot.frame("customer_subscriptions", str(customer), snapshot.now)
    mine, others = once(_paid, rows, code)
    if found.quote.joins:
        paid, together = formatting.amount(mine, code), formatting.amount(mine + found.arr, code)
        yield f"Pays {paid} a year today, and {together} with this."
        return
    difference = found.arr - mine
    paid, change = formatting.amount(mine, code), formatting.amount(abs(difference), code)
    yield f"Pays {paid} a year today; this is {change} {'more' if difference >= 0 else 'less'}."
    if others:
        yield f"What is paid in {', '.join(others)} is not in this."


def _paid(rows: pd.DataFrame, currency: str) -> tuple[int, list[str]]:
    """What subscriptions come to a year in a currency, and the other currencies that something is paid in."""
    mine = rows["currency"] == currency
    others = rows.loc[~mine & (rows["arr"] > 0), "currency"]
    return int(rows.loc[mine, "arr"].sum()), sorted({str(each).upper() for each in others})


def _tables(found: Priced) -> None:
    code = found.quote.currency
    every = formatting.interval(found.quote.interval).lower()
    part = bool(found.quote.share)
    st.markdown("**The part until the renewal**" if part else f"**The first billing period, {every}**")
    sold = quote_desk.sold()
    grid(finished(found, "lines", lambda: lines(found, sold)), LINES, code, "quote_lines", files=False)
    if found.quote.joins and not found.quote.term:
        return
    st.markdown("**Each year of the term**")
    grid(finished(found, "years", lambda: years(found)), YEARS, code, "quote_years", files=False)


def lines(found: Priced, sold: Catalog) -> pd.DataFrame:
    """name, at_list, net, off (a share; missing where list is 0) of the first period's lines, and fees."""
    rows = []
    for charge in found.periods[0].charges:
        entry = sold.entry(charge.key)
        off = (charge.at_list - charge.net) / charge.at_list if charge.at_list else None
        rows.append((entry.name if entry else charge.key, charge.at_list, charge.net, off))
    rows += [(fee.name, fee.amount, fee.amount, 0.0) for fee in found.quote.fees]
    rows.append(("First invoice", found.periods[0].at_list + found.fees, found.first_invoice, None))
    table = pd.DataFrame(rows, columns=["name", "at_list", "net", "off"])
    return table.astype({"at_list": "Int64", "net": "Int64", "off": "Float64"})


def years(found: Priced) -> pd.DataFrame:
    """year in words, capacity, at_list and billed of each year, fees in both, and their sums."""
    rows: list[tuple[str, int | None, int, int]] = [
        (
            _year(year, found),
            year.capacity,
            year.at_list + year.fees,
            year.billed,
        )
        for year in found.years
    ]
    rows.append(("Term", None, sum(row[2] for row in rows), found.total))
    table = pd.DataFrame(rows, columns=["year", "capacity", "at_list", "billed"])
    return table.astype({name: "Int64" for name in table.columns if name != "year"})


def _year(year: Year, found: Priced) -> str:
    told = f"{year.number}" if year.months == 12 else f"{year.number} ({year.months} months)"
    return f"{told}, and the part before" if found.quote.share and year.number == 1 else told


def _broken(editing: Editing) -> None:
    sold = quote_desk.sold()
    for each in editing.reading.broken:
        told = formatting.markdown(f"{fields.label(each.field, sold)}: {each.told}")
        st.markdown(f":material/error: {told}")
    if not editing.reading.broken:
        st.success("No rule is broken.", icon=":material/check_circle:")

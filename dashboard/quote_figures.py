"""What a quote comes to, beside its fields: key figures, its lines, its years, and every broken rule."""

import pandas as pd
import streamlit as st

from dashboard import formatting, quote_desk, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.quote_state import Editing
from dashboard.quotes import fields, pricing
from dashboard.quotes.pricing import Priced
from data.catalog import Catalog

LINES = (
    Column("name", "Line"),
    Column("at_list", "List", "amount"),
    Column("net", "Net", "amount"),
    Column("off", "Off", "share"),
)
YEARS = (
    Column("year", "Year"),
    Column("capacity", "Capacity", "count"),
    Column("at_list", "List", "amount"),
    Column("net", "Net", "amount"),
    Column("fees", "Once", "amount"),
    Column("billed", "Billed", "amount"),
)


def priced(editing: Editing) -> Priced | None:
    """The quote worked out; None while something is missing."""
    quote = editing.reading.quote
    return pricing.price(quote, quote_desk.sold()) if quote else None


def figures(snapshot: Snapshot, editing: Editing) -> None:
    """Everything that follows from the fields."""
    with widgets.card("What it comes to", "Before taxes, at today's price list."):
        found = priced(editing)
        if found is None:
            st.markdown("It can be worked out when what is marked beside the fields is mended.")
        else:
            _key_figures(found)
            _today(snapshot, editing, found)
    if found is not None:
        _tables(found)
    _broken(editing)


def _key_figures(found: Priced) -> None:
    code = found.quote.currency
    figures = (
        ("Total contract value", formatting.amount(found.total, code), TOTAL),
        ("ARR", formatting.amount(found.arr, code), ARR),
        ("First invoice", formatting.amount(found.first_invoice, code), FIRST),
        ("Effective discount", formatting.percent(found.effective_discount), EFFECTIVE),
    )
    for pair in (figures[:2], figures[2:]):
        for column, (label, value, told) in zip(st.columns(2), pair, strict=True):
            column.metric(label, formatting.markdown(value), help=told)


TOTAL = "Everything that is billed in the committed term, fees that are billed once included, taxes not."
ARR = "What recurs in the first billing period, less the discounts that hold in it, as a year of it."
FIRST = "The first billing period and the fees that are billed once."
EFFECTIVE = "How far all that recurs in the term is below the price list, as a share of the price list."


def _today(snapshot: Snapshot, editing: Editing, found: Priced) -> None:
    """Against what the customer pays today."""
    customer = editing.value("customer_id")
    if found.last_arr != found.arr:
        told = formatting.amount(found.last_arr, found.quote.currency)
        st.caption(formatting.markdown(f"In the last period of the term the ARR is {told}."))
    if not customer:
        return
    rows = snapshot.frame("customer_subscriptions", str(customer), snapshot.now)
    code = found.quote.currency
    mine = int(rows.loc[rows["currency"] == code, "arr"].sum())
    difference = found.arr - mine
    word = "more" if difference >= 0 else "less"
    paid, change = formatting.amount(mine, code), formatting.amount(abs(difference), code)
    told = f"Pays {paid} a year today; this is {change} {word}."
    others = sorted(
        {str(each).upper() for each in rows.loc[(rows["currency"] != code) & (rows["arr"] > 0), "currency"]}
    )
    if others:
        told = f"{told} What is paid in {', '.join(others)} is not in this."
    st.caption(formatting.markdown(told))


def _tables(found: Priced) -> None:
    code = found.quote.currency
    every = formatting.interval(found.quote.interval).lower()
    with widgets.card("Lines", f"The first billing period, {every}."):
        grid(lines(found, quote_desk.sold()), LINES, code, "quote_lines", files=False)
    with widgets.card("Years", "Each year of the term; the last may be shorter."):
        grid(years(found), YEARS, code, "quote_years", files=False)


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
    """year in words, capacity, at_list, net, fees and billed of each year, and their sums."""
    rows = [
        (
            f"{year.number}" if year.months == 12 else f"{year.number} ({year.months} months)",
            year.capacity,
            year.at_list,
            year.net,
            year.fees,
            year.billed,
        )
        for year in found.years
    ]
    table = pd.DataFrame(rows, columns=["year", "capacity", "at_list", "net", "fees", "billed"])
    sums = table[["at_list", "net", "fees", "billed"]].sum()
    table.loc[len(table)] = ["Term", None, *sums]
    return table.astype({name: "Int64" for name in table.columns if name != "year"})


def _broken(editing: Editing) -> None:
    if not editing.reading.broken:
        st.success("Nothing stands in the way of this quote.", icon=":material/check_circle:")
        return
    sold = quote_desk.sold()
    with widgets.card("To be mended", "Each is told beside its field too."):
        for each in editing.reading.broken:
            st.markdown(
                f":material/error: {formatting.markdown(f'{fields.label(each.field, sold)}: {each.told}')}"
            )

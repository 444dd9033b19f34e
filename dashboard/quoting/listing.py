"""The list of quotes: for whom, how far, what they are worth, what is in the way, who changed them last."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from dashboard import access, filters, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics.text import known
from dashboard.quotes.pricing import price
from dashboard.quotes.sealing import figures
from dashboard.quotes.states import STATES
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import sending as quote_sending
from dashboard.quoting.decisions import Figures
from dashboard.quoting.desk import Draft
from data.quotes.drafts import MOST_LISTED, number_in
from data.quotes.states import EDITABLE

FOUND = 200  # customers whose quotes a text finds
LIST = (
    Column("number", "Quote"),
    Column("name", "For"),
    Column("state", "State"),
    Column("plan", "Plan"),
    Column("term", "Months", "count"),
    Column("total", "Contract value", "own", "Everything billed in the term, before taxes"),
    Column("arr", "ARR", "own"),
    Column("off", "Off list", "share"),
    Column("wrong", "To be mended", "count"),
    Column("expires_on", "Expires", "day"),
    Column("saved_by", "Changed by"),
    Column("saved_at", "Changed", "day"),
    Column("created_by", "Begun by"),
)


def table(snapshot: Snapshot, drafts: Sequence[Draft]) -> None:
    """The quotes; a selected row opens one."""
    said = f"The {MOST_LISTED} changed last." if len(drafts) == MOST_LISTED else "The one changed last first."
    note = f"{formatting.plural(len(drafts), 'quote')}. {said} Select one to open it."
    with widgets.card("Quotes", note):
        rows = frame(snapshot, drafts)
        place = grid(rows, LIST, "", "quotes", select=True)
    if place is not None:
        navigation.open_quote(str(rows["id"].iloc[place]))


def narrowed(snapshot: Snapshot) -> Sequence[Draft] | None:
    """The quotes that a text and states leave, both kept in the address; None: neither is asked for.

    Raises NotChangedError.
    """
    with st.container(horizontal=True, gap="small"):
        text = filters.search("Search", "q", "Number, customer, prospect or who began it")
        states = filters.chips("State", "Any state", "state", list(STATES), STATES.__getitem__)
    if not text and not states:
        return None
    hits = snapshot.frame("find", text, limit=FOUND)["customer_id"].dropna() if text else ()
    return quote_desk.listed(states=states, text=text, named=sorted({str(each) for each in hits}))


def named(text: str) -> bool:
    """A way to the quote whose number somebody types where they look for customers; whether there is one."""
    number = number_in(text)
    if number is None or not access.permitted("view quotes"):
        return False
    try:
        found = [each for each in quote_desk.listed(text=text) if each.number == number]
    except quote_desk.NotChangedError:
        return False  # customers are found without it
    for draft in found:
        if st.button(f"Open quote {draft.name}", icon=":material/contract_edit:", key="open_found_quote"):
            navigation.open_quote(draft.id)
    return bool(found)


def frame(snapshot: Snapshot, drafts: Sequence[Draft]) -> pd.DataFrame:
    """A row for each quote with the columns of LIST, currency and id; what is not worked out is missing.

    Kept for quotes of these versions and states; what may still change is priced by the catalogue of today.
    """
    catalog, today = quote_desk.sold(), quote_desk.today()
    key = (id(catalog), today, *((draft.id, draft.version, draft.state) for draft in drafts))
    kept: tuple[pd.DataFrame, object] = snapshot.kept(
        "quotes", key, lambda: (_frame(snapshot, drafts), catalog)
    )
    return kept[0]


def _frame(snapshot: Snapshot, drafts: Sequence[Draft]) -> pd.DataFrame:
    names, agreed = _names(snapshot, drafts), quote_decisions.agreed(drafts)
    ends = quote_sending.last_days([draft.id for draft in drafts])
    rows = [_row(draft, names, agreed.get(draft.id), ends.get(draft.id)) for draft in drafts]
    whole = {"term": "Int64", "total": "Int64", "arr": "Int64", "off": "Float64", "wrong": "Int64"}
    return pd.DataFrame(rows).astype(whole)


def _row(draft: Draft, names: dict[str, str], agreed: Figures | None, ends: date | None) -> dict[str, object]:
    fields, reading = draft.fields, quote_desk.reading(draft.fields)
    found = agreed or (figures(price(reading.quote, quote_desk.sold())) if reading.quote else None)
    customer = str(fields.get("customer_id") or "")
    plan = quote_desk.sold().entry(str(fields.get("plan")))
    off = found.discount if found else None
    return {
        "id": draft.id,
        "number": draft.name,
        "name": names.get(customer, customer) or fields.get("prospect") or "Nobody yet",
        "state": STATES[draft.state],
        "plan": plan.name if plan else None,
        "term": found.term if found else None,
        "total": found.total if found else None,
        "arr": found.arr if found else None,
        "currency": found.currency if found else None,
        "off": None if off is None else float(off),
        "wrong": len(reading.broken) if draft.state in EDITABLE else None,
        "expires_on": pd.to_datetime(str(ends or fields.get("expires_on", "")), errors="coerce"),
        "saved_by": draft.saved_by,
        "saved_at": draft.saved_at,
        "created_by": draft.created_by,
    }


def _names(snapshot: Snapshot, drafts: Sequence[Draft]) -> dict[str, str]:
    """The names of the customers that quotes are for."""
    ids = tuple(
        sorted({str(each.fields["customer_id"]) for each in drafts if each.fields.get("customer_id")})
    )
    if not ids:
        return {}
    rows = snapshot.frame("customer_page", snapshot.now, among=ids, limit=len(ids))
    return {str(row["id"]): known(row["name"]) or str(row["id"]) for row in rows.to_dict("records")}

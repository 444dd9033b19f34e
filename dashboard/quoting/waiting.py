"""Quotes that wait for somebody's approval, on the page of approvals."""

import streamlit as st

from dashboard import formatting, navigation
from dashboard.cache import Snapshot
from dashboard.quotes.pricing import price
from dashboard.quoting import deciding as quote_deciding
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.desk import Draft
from dashboard.quoting.forms import called

MOST = 20


def section(snapshot: Snapshot) -> int:
    """The quotes that wait, those for oneself first; how many. What waited too long is closed."""
    try:
        quote_decisions.let_expire()
        waiting = quote_decisions.waiting()
        drafts = [draft for key in waiting if (draft := quote_desk.latest(key))]
    except quote_desk.NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
        return 0
    drafts.sort(key=lambda draft: not quote_decisions.for_me(draft, waiting[draft.id]))
    for draft in drafts[:MOST]:
        _quote(snapshot, draft)
    if len(drafts) > MOST:
        told = f"{formatting.plural(len(drafts) - MOST, 'more quote waits', 'more quotes wait')}: "
        st.caption(f"{told}they come up when these are decided.")
    return len(drafts)


def _quote(snapshot: Snapshot, draft: Draft) -> None:
    asked = quote_decisions.asked_of(draft.id)
    customer = str(draft.fields.get("customer_id") or "")
    name = called(snapshot, customer) if customer else str(draft.fields.get("prospect") or "Nobody yet")
    with st.container(border=True, key=f"quote_{draft.id}"):
        st.subheader(formatting.markdown(f"Quote {draft.name} for {name}"), anchor=False)
        last = next(iter(quote_decisions.history(draft.id)))
        figures = last.figures or {}
        value = formatting.amount(figures.get("total"), str(figures.get("currency", "")))
        arr = formatting.amount(figures.get("arr"), str(figures.get("currency", "")))
        at = formatting.moment(last.at)
        st.caption(
            formatting.markdown(
                f"Asked by {last.person} ({last.role}), {at}. {value} in the term, ARR {arr}."
            )
        )
        st.markdown(formatting.markdown(f"Why: {last.reason}"))
        quote_deciding.asked(asked)
        quote = quote_desk.reading(draft.fields).quote
        if quote:
            mine = bool(quote_decisions.for_me(draft, asked))
            with st.expander("What it differs in, and earlier quotes", expanded=mine):
                quote_deciding.evidence(snapshot, draft, price(quote, quote_desk.sold()))
        quote_deciding.decide(draft, asked)
        if st.button(
            "Open the quote", key=f"open_{draft.id}", type="tertiary", icon=":material/open_in_new:"
        ):
            navigation.open_quote(draft.id)

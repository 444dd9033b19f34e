"""What people note about an open invoice: the notes so far, and a form for the next."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting
from dashboard.cache import Snapshot
from dashboard.metrics.text import known
from dashboard.receivables import notes as receivable_notes
from data import money

WEEK = timedelta(days=7)


def beside(snapshot: Snapshot, invoice_id: str, currency: str, *, is_open: bool = True) -> None:
    """The notes on an invoice; while it is open, a form for another on the left of them."""
    written = snapshot.frame("receivable_notes", invoice_id)
    if not is_open or not access.permitted(receivable_notes.EDIT):
        told(written, currency)
        return
    fields, history = st.columns(2, gap="large")
    with fields:
        form(invoice_id, currency, snapshot.now.date())
    with history:
        told(written, currency)


def told(written: pd.DataFrame, currency: str) -> None:
    """The notes on an invoice as people read them."""
    if written.empty:
        st.markdown("Nothing is noted yet.")
    for row in written.to_dict("records"):
        heading = receivable_notes.KINDS[row["kind"]].partition(":")[0]
        if not formatting.is_missing(row["promised_on"]):
            heading += f" by {formatting.day(row['promised_on'])}"
        if not formatting.is_missing(row["amount"]):
            heading += f", {formatting.amount(int(row['amount']), currency)}"
        st.markdown(f"**{formatting.markdown(heading)}**")
        if known(row["text"]):
            st.markdown(formatting.markdown(known(row["text"])))
        when = f"{row['written_by']}, {formatting.moment(row['written_at'])}"
        st.caption(formatting.markdown(when))


def form(invoice_id: str, currency: str, today: date) -> None:
    """The fields of a note and the button that keeps it; what is missing is said beside the button."""
    kind = st.selectbox(
        "What it is",
        list(receivable_notes.KINDS),
        format_func=receivable_notes.KINDS.__getitem__,
        key=f"note_kind_{invoice_id}",
    )
    promised = amount = None
    if kind == "promise":
        promised = st.date_input(
            "Will be paid by",
            value=today + WEEK,
            min_value=today,
            key=f"note_day_{invoice_id}",
            format="YYYY-MM-DD",
        )
    if kind in ("promise", "dispute"):
        amount = _amount(currency, f"note_amount_{invoice_id}")
    text = st.text_area("Note", key=f"note_text_{invoice_id}", max_chars=receivable_notes.LONGEST)
    day = promised if isinstance(promised, date) else None
    note, missing = receivable_notes.drafted(invoice_id, kind, text or "", day, amount)
    if st.button("Keep note", type="primary", key="keep_note", disabled=note is None) and note:
        _keep(note)
    for sentence in missing:
        st.caption(sentence)


def _amount(currency: str, key: str) -> int | None:
    """An amount typed in, in minor units; None for all that is open."""
    places = money.decimals(currency)
    typed = st.number_input(
        f"Amount in {currency.upper()}",
        value=None,
        min_value=0.0,
        step=float(10**-places),
        format=f"%.{places}f",
        key=key,
        help="Empty: all that is open.",
        placeholder="All that is open",
    )
    return None if typed is None else round(typed * 10**places)


def _keep(note: receivable_notes.Note) -> None:
    try:
        receivable_notes.write(note)
    except receivable_notes.NotWrittenError as error:
        st.error(str(error), icon=":material/error:")
    else:
        st.session_state[dialogs.DONE] = "The note is kept."
        st.rerun()

"""Months that broke a promise: the claim, the draft of the credit note, and the way to issue it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting, widgets
from dashboard.actions.base import Command
from dashboard.actions.invoices import CREDIT
from dashboard.addons import uptime
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.customer import acting
from dashboard.customer.acting import Offer, Subject
from dashboard.grids import grid
from dashboard.metrics.text import known
from dashboard.onboarding import credits as addon_credits
from dashboard.onboarding.credits import STANDS, Credit, Share
from dashboard.onboarding.desk import AddonError, Kept
from data import clock

OWED = (
    Column("month", "Month", "month"),
    Column("uptime", "Uptime"),
    Column("percent", "Of the fee"),
    Column("credit", "Credit", "amount"),
    Column("claim_until", "To be claimed before", "day"),
    Column("claimed_on", "Claimed", "day"),
    Column("stands", "Credit note"),
)


def card(snapshot: Snapshot, kept: Kept, now: datetime) -> None:
    """The credits that months came to, and what is to be done about one of them."""
    try:
        owed = addon_credits.owed(kept, now)
    except AddonError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    if not owed:
        return
    note = "A customer claims a credit; then a credit note is drafted and issued."
    with widgets.card("Credits", note):
        currencies = [str(each.terms["currency"]) for each in owed]
        grid(_table(owed, now).assign(currency=currencies), *priced(OWED, currencies), "addon_credits")
        months = {each.month.month: each for each in owed}
        chosen = st.selectbox("Month", list(months), format_func=formatting.month, key="credit_month")
        if chosen in months:
            _one(snapshot, kept, months[chosen], now)


def priced(columns: Sequence[Column], currencies: Sequence[str]) -> tuple[list[Column], str]:
    """The columns and the currency of their amounts; where there are several, each amount has its own."""
    several = len(set(currencies)) > 1
    own = [replace(each, kind="own") if each.kind == "amount" and several else each for each in columns]
    return own, currencies[0]


def _table(owed: list[Credit], now: datetime) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month": [each.month.month for each in owed],
            "uptime": [uptime.told(each.month.uptime) if each.month.uptime else None for each in owed],
            "percent": [f"{each.month.percent}%" for each in owed],
            "credit": pd.Series([each.month.credit for each in owed], dtype="Int64"),
            "claim_until": [each.month.claim_until for each in owed],
            "claimed_on": pd.Series([each.claim and each.claim.claimed_on for each in owed], dtype="object"),
            "stands": [_stands(each, now) for each in owed],
        }
    )


def _stands(credit: Credit, now: datetime) -> str:
    if credit.note:
        other = credit.issued != credit.month.credit
        amount = f" of {formatting.amount(credit.issued, str(credit.terms['currency']))}" if other else ""
        return f"{STANDS[credit.note.state]}{amount}, {formatting.day(credit.note.at)}"
    if credit.claim:
        return "Draft"
    return "The time to claim is over" if now >= credit.month.claim_until else "Not claimed"


def _one(snapshot: Snapshot, kept: Kept, credit: Credit, now: datetime) -> None:
    """One month: note the claim, or issue what was claimed."""
    if credit.note:
        st.markdown(formatting.markdown(f"{_stands(credit, now)}."))
        if credit.left <= 0 or credit.claim is None:
            return
    if credit.claim is None:
        _claim(kept, credit, now)
        return
    told = formatting.amount(credit.left, str(credit.terms["currency"]))
    st.markdown(
        f"**Draft credit note of {formatting.markdown(told)}**, and its tax where the invoice has one"
    )
    st.markdown(formatting.markdown(addon_credits.memo(credit.month, credit.terms)))
    said = f" {credit.claim.note}" if credit.claim.note else ""
    st.caption(formatting.markdown(f"Claimed {formatting.day(credit.claim.claimed_on)}.{said}"))
    with st.container(horizontal=True):
        if access.permitted(CREDIT):
            _issue(snapshot, kept, credit)
        if (
            credit.note is None
            and addon_credits.may_claim()
            and st.button("Take the claim back", key="claim_back")
        ):
            back = partial(addon_credits.claim, kept, credit.month.month, None, "")
            dialogs.make(back, "The claim is taken back.")


def _claim(kept: Kept, credit: Credit, now: datetime) -> None:
    if not addon_credits.may_claim():
        st.caption("Nobody has noted a claim.")
        return
    left, right = st.columns([1, 2])
    begins = clock.month_start(clock.next_month(credit.month.month)).date()
    last = min(now, credit.month.claim_until - timedelta(days=1)).date()
    day = left.date_input("Claimed on", last, min_value=begins, max_value=now.date(), key="claim_day")
    told = right.text_input(
        "Note", key="claim_note", max_chars=500, placeholder="Such as the ticket's number"
    )
    if st.button("Note the claim", key="claim_note_it", type="primary"):
        note = partial(addon_credits.claim, kept, credit.month.month, day, told or "")
        dialogs.make(note, "The claim is noted.")


def _issue(snapshot: Snapshot, kept: Kept, credit: Credit) -> None:
    """The button that leads to the preview; nothing where there is no invoice to credit."""
    currency, month = str(credit.terms["currency"]), credit.month.month
    rows = snapshot.frame("creditable_invoices", kept.customer_id, currency, month)
    shares = {
        str(row["invoice_id"]): addon_credits.share(credit, row["left"], row["total"], row["untaxed"])
        for row in rows.astype({"left": "int64", "total": "int64", "untaxed": "int64"}).to_dict("records")
    }
    whole = [name for name, each in shares.items() if each.amount == credit.left]
    some = rows.loc[rows["invoice_id"].isin(whole or [n for n, each in shares.items() if each.amount])]
    if some.empty:
        told = f"No invoice of this customer in {currency.upper()} has anything left to credit"
        st.caption(formatting.markdown(f"{told}. A draft can be credited once it is final."))
        return
    if not whole:
        st.caption("No invoice has so much left: each credits a part, one after the other.")
    elif not some["covers"].any():
        st.caption(f"No invoice for {formatting.month(month)} is large enough: choose another one.")
    empty = some.iloc[:0]
    subject = Subject(snapshot, kept.customer_id, empty, empty, some.reset_index(drop=True))

    def form(subject: Subject) -> Command | None:
        named = {
            str(row["invoice_id"]): _named(row, shares[str(row["invoice_id"])], currency, month)
            for row in subject.invoices.to_dict("records")
        }
        invoice = str(acting.choice("Invoice", named, "credit_invoice"))
        of = shares[invoice]
        if of.tax:
            tax, both = formatting.amount(of.tax, currency), formatting.amount(of.amount + of.tax, currency)
            st.caption(
                formatting.markdown(f"With {tax} of tax, at the rate of the whole invoice: {both} in all.")
            )
        status = subject.invoices.set_index("invoice_id").loc[invoice, "status"]
        refund = status == "paid" and st.checkbox("Refund it to the card", key="credit_refund")
        if status == "paid" and not refund:
            st.caption("It is kept as credit for later invoices.")
        return addon_credits.command(kept, credit, invoice, of, bool(refund))

    acting.button(Offer("Issue credit note", "receipt_long", CREDIT, form, bool), subject, "credit_issue")


def _named(row: Mapping[Any, Any], of: Share, currency: str, month: str) -> str:
    """An invoice to choose, with what of the credit it can take."""
    return (
        f"{known(row['number']) or 'Without number'}, {formatting.day(row['created_at'])}, "
        f"{formatting.amount(int(row['total']), currency)}, {formatting.word(row['status'])}"
        f"{f', covers {formatting.month(month)}' if row['covers'] else ''}"
        f": credits {formatting.amount(of.amount, currency)}"
    )

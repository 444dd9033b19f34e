"""The parts of the page of reconciliation: the table, one finding in full, what cannot be compared."""

import re
from datetime import date

import pandas as pd
import streamlit as st

from dashboard import access, cache, dialogs, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.findings import desk as finding_desk
from dashboard.grids import Whole, grid
from dashboard.metrics import reconciliation
from dashboard.metrics.text import known
from dashboard.store import once

OPEN = (
    Column("name", "Kind"),
    Column("detail", "What disagrees", "long", wide=True),
    Column("amount", "Amount", "amount"),
    Column("rhythm", "Rhythm"),
    Column("since", "Since", "day"),
    Column("assignee", "Assigned to"),
    Column("snoozed_until", "Snoozed until", "day"),
    Column("reason", "Why", "long"),
)
CLOSED = (
    Column("name", "Kind"),
    Column("detail", "What disagreed", "long", wide=True),
    Column("customer", "Customer"),
    Column("first_seen_at", "Found", "day"),
    Column("closed_at", "Closed", "day"),
    Column("amount", "Amount", "amount"),
)
ADDRESS = re.compile(r"[^\s()]+@[^\s()]+")
HISTORY = (
    Column("written_at", "When", "day"),
    Column("written_by", "Who"),
    Column("assignee", "Assigned to"),
    Column("snoozed_until", "Snoozed until", "day"),
    Column("reason", "Why", "long"),
)


def by_kind(rows: pd.DataFrame) -> pd.DataFrame:
    """Findings by kind, with in words whether they cost by the month."""
    return _rhythm(reconciliation.by_kind(rows))


def _told(rows: pd.DataFrame, *, personal: bool) -> pd.DataFrame:
    return _rhythm(rows).assign(detail=[_said(str(detail), personal) for detail in rows["detail"]])


def _said(detail: str, personal: bool) -> str:
    """What disagrees; personal: for somebody who may see addresses of people."""
    return formatting.led(detail if personal else ADDRESS.sub("an e-mail address", detail))


def _personal() -> bool:
    return access.permitted("see personal data")


def _rhythm(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(rhythm=rows["per"].map({"month": "A month", "once": "Once"}))


def table(rows: pd.DataFrame, whole: Whole, notes: pd.DataFrame, currency: str, snapshot: Snapshot) -> None:
    """The first findings; a selected one opens below. The files have the whole."""
    personal = _personal()
    shown = once(_told, rows, personal=personal)
    shape = tuple(
        each for each in OPEN if each.name not in reconciliation.NOTED or shown[each.name].notna().any()
    )
    files = Whole(whole.rows, lambda: _told(whole.build(), personal=personal))
    place = grid(shown, shape, currency, "reconciliation_findings", select=True, whole=files)
    if place is None:
        st.caption("Select a row to see how it is put right, to assign it or to put it off.")
        return
    one(rows.iloc[place], notes, currency, snapshot)


def one(row: "pd.Series[str]", notes: pd.DataFrame, currency: str, snapshot: Snapshot) -> None:
    """One finding: what it is and how it is put right on the left, who does it and when on the right."""
    with st.container(border=True):
        left, right = st.columns(2, gap="large")
        with left:
            _what(row, currency)
        with right:
            if access.permitted(finding_desk.EDIT):
                _form(row, snapshot)
        found = reconciliation.history(notes, str(row["finding"]))
        if len(found):
            st.markdown("**What was written, the newest first**")
            grid(found, HISTORY, currency, "reconciliation_history")


def _what(row: "pd.Series[str]", currency: str) -> None:
    kind = reconciliation.KINDS[str(row["kind"])]
    st.markdown(f"#### {kind.name}")
    st.markdown(formatting.markdown(_said(str(row["detail"]), _personal())))
    rhythm = "a month" if row["per"] == "month" else "once"
    if formatting.is_missing(row["amount"]):
        st.markdown("The amount is not known.")
    else:
        amount = formatting.markdown(formatting.amount(int(row["amount"]), currency))
        st.markdown(f"**{amount}** {rhythm}: {kind.worth}.")
    st.markdown(kind.advice)
    with st.container(horizontal=True):
        _links(row)


def _links(row: "pd.Series[str]") -> None:
    """Where it is put right."""
    mend, name = str(row["mend"]), str(row["mend_id"])
    if mend == "account" and st.button("Open account", icon=":material/person:", key="open_account"):
        navigation.open_account(name)
    if mend == "invoice" and st.button("Open invoice", icon=":material/receipt_long:", key="open_invoice"):
        navigation.open_invoice(name)
    if mend == "set-up" and st.button("Open set-up", icon=":material/extension:", key="open_setup"):
        navigation.open_setup(name)
    customer = known(row["customer_id"])
    if (
        mend != "account"
        and customer
        and st.button("Open customer", icon=":material/person:", key="open_customer")
    ):
        navigation.open_customer(customer)
    links = {"subscription": cache.subscription_url, "quote": cache.quote_url, "customer": cache.customer_url}
    if mend in links:
        st.link_button(f"Mend the {mend} at Stripe", links[mend](name), icon=":material/open_in_new:")
    elif customer:
        st.link_button("Customer at Stripe", cache.customer_url(customer), icon=":material/open_in_new:")


def _form(row: "pd.Series[str]", snapshot: Snapshot) -> None:
    """Assign it, or put it off; nothing here closes it."""
    today, name = snapshot.now.date(), str(row["finding"])
    with st.form(f"finding_{name}", border=False):
        assignee = st.text_input("Assigned to", known(row["assignee"]), max_chars=120)
        until = st.date_input(
            "Snooze until", _day(row["snoozed_until"]), format="YYYY-MM-DD", help="Empty: not put off."
        )
        reason = st.text_area("Why it is put off", known(row["reason"]), max_chars=1000, height=90)
        pressed = st.form_submit_button("Save", type="primary")
    if not pressed:
        return
    written, wrong = finding_desk.note(name, assignee, until, reason, today)
    if written is None:
        st.error(wrong, icon=":material/error:")
    else:
        dialogs.make(lambda: finding_desk.write(snapshot.url, written), "Saved the finding.")


def _day(value: object) -> date | None:
    return None if formatting.is_missing(value) else pd.Timestamp(str(value)).date()


def closed(rows: pd.DataFrame, currency: str) -> None:
    """Findings that the data no longer shows."""
    if rows.empty:
        st.markdown("None was closed in the last 90 days.")
        return
    named = {code: kind.name for code, kind in reconciliation.KINDS.items()}
    told = widgets.people(rows, "customer_name").assign(
        name=rows["kind"].map(named),
        detail=rows["detail"].map(lambda detail: _said(detail, _personal()), na_action="ignore"),
    )
    whole = told.assign(amount=rows["amount"].where(rows["currency"] == currency))
    grid(whole, CLOSED, currency, "reconciliation_closed")


def what_is_not_compared(snapshot: Snapshot) -> None:
    """What there is nothing to compare with, so that silence is not taken for agreement."""
    compared = snapshot.frame("findings_compare", snapshot.now).iloc[0]
    missing = []
    if not compared["accounts"]:
        missing.append("accounts (no application database was read)")
    if not compared["addons"]:
        missing.append("which add-ons are live (set APPLICATION_ADDONS_SQL)")
    if missing:
        st.caption(f":material/info: Not compared: {', '.join(missing)}.")

"""The parts of the page of renewals: the board, the table to read or to edit, one renewal in full."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from dashboard import access, cache, dialogs, filters, formatting, navigation, widgets
from dashboard.columns import Column, harmless, places
from dashboard.grids import grid
from dashboard.metrics import renewals
from dashboard.metrics.text import known
from dashboard.renewals import desk as renewal_desk
from dashboard.store import once
from data import money

SHOWN = 5  # renewals of a month on the board
DUE = (
    Column("customer", "Customer"),
    Column("plan", "Plan"),
    Column("interval", "Interval", "interval"),
    Column("arr", "ARR", "amount"),
    Column("due_at", "Due", "day"),
    Column(
        "notice_at", "Notice until", "day", help="Until when notice may be given, where the terms say it."
    ),
    Column("reasons", "Why at risk", "long"),
    Column("owner", "Owner"),
    Column("expects", "Forecast"),
    Column("next_step", "Next step", "long"),
    Column("price_end_at", "Price until", "day"),
    Column("term_end_at", "Term ends", "day"),
    Column("invoice_at", "Next invoice", "day"),
    Column("goes_on", "Renews itself"),
    Column("discount", "Discount"),
    Column("discount_ends_at", "Discount ends", "day"),
    Column("note", "Note", "long"),
    Column("ends", "Falls due with"),
)
HISTORY = (
    Column("written_at", "When", "day"),
    Column("written_by", "Who"),
    Column("due_on", "Renewal of", "day"),
    Column("owner", "Owner"),
    Column("expects", "Forecast"),
    Column("next_step", "Next step", "long"),
    Column("note", "Note", "long"),
)
EDITED = {"Owner": "owner", "Forecast": "category", "Next step": "next_step", "Note": "note"}
ENDS = {"schedule": "Contract end", "quote": "Term of the quote", "period": "Period end"}


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """Renewals as the tables show them."""
    rows = widgets.people(rows, "customer_name")
    return rows.assign(
        reasons=["; ".join(renewals.told(risks)) for risks in rows["risks"]],
        ends=rows["governs"].map(ENDS),
        expects=rows["category"].map(renewals.CATEGORIES),
        goes_on=rows["auto_renews"].map({True: "Yes", False: "No"}),
    )


class Month(NamedTuple):
    """The sums of what falls due in a month, and the largest of it."""

    sums: pd.DataFrame
    largest: pd.DataFrame


def board(columns: Mapping[str, Month], currency: str) -> None:
    """A column for each month: what falls due, the largest first, those at risk marked."""
    with st.grid(len(columns), min_column_width=190):
        for month, rows in columns.items():
            with st.container(border=True, height="stretch", gap="xsmall"):
                _month(month, rows, currency)


def _month(month: str, rows: Month, currency: str) -> None:
    st.markdown(f"**{formatting.month(month)}**")
    count, told = once(_summed, rows.sums, currency)
    if not count:
        st.caption("Nothing.")
        return
    st.caption(told)
    lines = once(_lines, rows.largest, currency)
    for line in lines:
        st.markdown(line)
    if count > len(lines):
        st.caption(f"and {formatting.count(count - len(lines))} smaller")


def _summed(sums: pd.DataFrame, currency: str) -> tuple[int, str]:
    """How many renewals there are, and what they are worth in words."""
    count, risky = renewals.number(sums), renewals.arr_at_risk(sums)
    worth = formatting.short(renewals.arr_due(sums), currency)
    at_risk = f", {formatting.short(risky, currency)} at risk" if risky else ""
    return count, formatting.markdown(f"{worth} in {formatting.plural(count, 'renewal')}{at_risk}")


def _lines(largest: pd.DataFrame, currency: str) -> list[str]:
    """The largest renewals as they stand on the board."""
    rows = widgets.people(largest.head(SHOWN), "customer_name").to_dict("records")
    return [_line(row, currency) for row in rows]


def _line(row: Mapping[Any, Any], currency: str) -> str:
    """A renewal in three short lines of Markdown."""
    name = formatting.markdown(str(row["customer"]))
    worth = formatting.markdown(formatting.short(row["arr"], currency))
    owner = formatting.markdown(known(row["owner"]) or "no owner")
    facts = f"{worth} · {row['due_at'].day} {row['due_at']:%b} · {owner}"
    risks = row["risk_count"]
    badge = f" :orange-badge[{formatting.plural(risks, 'risk')}]" if risks else ""
    return f"{name}{badge}  \n:small[{facts}]"


def table(rows: pd.DataFrame, notes: pd.DataFrame, currency: str, url: str) -> None:
    """The renewals, to read (a selected one opens below) or to edit."""
    mode = "read"
    if access.permitted(renewal_desk.EDIT):
        mode = filters.choice("Table", {"read": "Read", "edit": "Edit in the table"}, "mode")
    if mode == "edit":
        _edit(rows, currency, url)
        return
    shown = once(told, rows)
    place = grid(shown, DUE, currency, "renewals_customers", select=True)
    if place is None:
        st.caption("Select a row for its evidence, its history and what is written beside it.")
    else:
        one(shown.iloc[place], notes, currency, url)


def _edit(rows: pd.DataFrame, currency: str, url: str) -> None:
    """Owner, forecast, next step and note as cells; nothing is kept before the button is pressed."""
    shown = widgets.people(rows, "customer_name")
    held = pd.DataFrame(
        {
            "Customer": [harmless(str(name)) for name in shown["customer"]],
            "ARR": [float(money.major(int(arr), currency)) for arr in shown["arr"]],
            "Due": shown["due_at"],
            "Why at risk": ["; ".join(renewals.told(risks)) for risks in shown["risks"]],
            "Owner": shown["owner"].astype("object").where(shown["owner"].notna(), None),
            "Forecast": shown["category"].map(renewals.CATEGORIES).astype("object"),
            "Next step": shown["next_step"].astype("object").where(shown["next_step"].notna(), None),
            "Note": shown["note"].astype("object").where(shown["note"].notna(), None),
        }
    )
    key = f"renewals_edit_{len(rows)}_{hash(tuple(rows['subscription_id'])) & 0xFFFFFF:x}_{_stamp(rows)}"
    st.data_editor(
        held,
        key=key,
        hide_index=True,
        num_rows="fixed",
        placeholder=formatting.DASH,
        disabled=[name for name in held.columns if name not in EDITED],
        column_config={
            "ARR": st.column_config.NumberColumn(format=f"{formatting.sign(currency)}%,.{places(currency)}f"),
            "Due": st.column_config.DateColumn(format="D MMM YYYY"),
            "Why at risk": st.column_config.TextColumn(width="medium"),
            "Owner": st.column_config.TextColumn(max_chars=120),
            "Forecast": st.column_config.SelectboxColumn(options=list(renewals.CATEGORIES.values())),
            "Next step": st.column_config.TextColumn(max_chars=500, width="medium"),
            "Note": st.column_config.TextColumn(max_chars=2000, width="medium"),
        },
    )
    edits: Mapping[int, Mapping[str, Any]] = st.session_state[key]["edited_rows"]
    _offer(_notes(shown, edits), url)


def _stamp(rows: pd.DataFrame) -> str:
    """Changes when what is kept beside these renewals changes, so that an editor begins afresh."""
    held = tuple(
        tuple(known(value) for value in row) for row in rows[list(renewals.NOTED)].itertuples(index=False)
    )
    return f"{hash(held) & 0xFFFFFF:x}"


def _notes(rows: pd.DataFrame, edits: Mapping[int, Mapping[str, Any]]) -> list[renewal_desk.Note]:
    found = [
        renewal_desk.changed(rows.iloc[int(place)], **{EDITED[name]: value for name, value in cells.items()})
        for place, cells in edits.items()
    ]
    return [note for note in found if note is not None]


def _offer(notes: Sequence[renewal_desk.Note], url: str) -> None:
    number = formatting.plural(len(notes), "renewal")
    label = f"Save {number}" if notes else "Nothing changed yet"
    if st.button(label, type="primary", disabled=not notes, key="save_renewals"):
        dialogs.make(lambda: renewal_desk.write(url, notes), f"Saved {number}.")


def one(row: "pd.Series[Any]", notes: pd.DataFrame, currency: str, url: str) -> None:
    """One renewal: what is known on the left, what people add on the right, all that was written below."""
    with st.container(border=True):
        st.markdown(f"#### {formatting.markdown(str(row['customer']))}")
        left, right = st.columns(2, gap="large")
        with left:
            _facts(row, currency)
        with right:
            if access.permitted(renewal_desk.EDIT):
                _form(row, url)
        _history(notes, str(row["subscription_id"]))


def _facts(row: "pd.Series[Any]", currency: str) -> None:
    dates = [("Due", "due_at"), ("Notice until", "notice_at"), ("Price until", "price_end_at")]
    dates += [
        ("Term ends", "term_end_at"),
        ("Next invoice", "invoice_at"),
        ("Discount ends", "discount_ends_at"),
    ]
    lines = [
        f"**{formatting.markdown(formatting.amount(row['arr'], currency))}** a year, {row['ends'].lower()}."
    ]
    lines += [f"{label}: {formatting.day(row[name])}" for label, name in dates if pd.notna(row[name])]
    if formatting.is_missing(row["notice_at"]):
        lines.append("No notice period in the terms.")
    st.markdown("  \n".join(lines))
    st.markdown("**Why at risk**")
    reasons = renewals.with_evidence(row["risks"], row["evidence"])
    st.markdown(
        "\n".join(f"- {formatting.markdown(reason)}" for reason in reasons) or "The data shows no reason."
    )
    with st.container(horizontal=True):
        if st.button("Open customer", icon=":material/person:", key="open_customer"):
            navigation.open_customer(str(row["customer_id"]))
        st.link_button("Subscription at Stripe", cache.subscription_url(str(row["subscription_id"])))


def _form(row: "pd.Series[Any]", url: str) -> None:
    key = f"{row['subscription_id']}_{row['due_at']:%Y%m%d}"
    names = [None, *renewals.CATEGORIES]
    held = known(row["category"]) or None
    with st.form(f"renewal_{key}", border=False):
        owner = st.text_input("Owner", known(row["owner"]), max_chars=120)
        category = st.selectbox(
            "Forecast", names, names.index(held), lambda code: renewals.CATEGORIES.get(code, "Not said")
        )
        step = st.text_input("Next step", known(row["next_step"]), max_chars=500)
        note = st.text_area("Note", known(row["note"]), max_chars=2000, height=90)
        pressed = st.form_submit_button("Save renewal", type="primary")
    written = renewal_desk.changed(row, owner=owner, category=category, next_step=step, note=note)
    if pressed and written is None:
        st.caption("Nothing was changed.")
    elif pressed and written is not None:
        dialogs.make(lambda: renewal_desk.write(url, [written]), "Saved the renewal.")


def _history(notes: pd.DataFrame, subscription_id: str) -> None:
    found = renewals.history(notes, subscription_id)
    if found.empty:
        return
    st.markdown("**What was written, the newest first**")
    found = found.assign(expects=found["category"].map(renewals.CATEGORIES))
    grid(found, HISTORY, "usd", "renewal_history")

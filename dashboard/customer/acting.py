"""Doing something for a customer: a form, what it leads to beside it, why, and the button that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard import access, desk, formatting
from dashboard.actions.base import Command, Preview
from dashboard.cache import Snapshot
from dashboard.dialogs import DONE

SHOWN, LIVE, MARK = "_shown", "_live", "_mark"
T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """The customer that is acted for, and what the forms need to know."""

    snapshot: Snapshot
    customer_id: str
    subscriptions: pd.DataFrame  # those that have not ended
    items: pd.DataFrame
    invoices: pd.DataFrame


@dataclass(frozen=True)
class Nothing:
    """There is nothing to do by a form; why: a sentence, empty where the form has said it."""

    why: str = ""


Form = Callable[[Subject], Command | Nothing | None]


@dataclass(frozen=True)
class Offer:
    """An action as the page offers it; the form gives the command, None while something is missing.

    Nothing says why there is none.
    """

    label: str
    icon: str
    permission: str
    form: Form
    possible: Callable[[Subject], bool]


def menu(title: str, icon: str, offers: Mapping[str, Offer], subject: Subject) -> None:
    """A button that opens the actions of a kind which the person may do and which make sense here."""
    open_to = {
        key: each
        for key, each in offers.items()
        if access.permitted(each.permission) and each.possible(subject)
    }
    if not open_to:
        return
    chosen = st.menu_button(
        title,
        list(open_to),
        icon=f":material/{icon}:",
        format_func=lambda key: f":material/{open_to[key].icon}: {open_to[key].label}",
        key=f"menu_{icon}",
    )
    if chosen:
        _open(open_to[chosen], subject)


def button(offer: Offer, subject: Subject, key: str) -> None:
    """A button of its own for one action."""
    if st.button(offer.label, icon=f":material/{offer.icon}:", key=key):
        _open(offer, subject)


def _open(offer: Offer, subject: Subject) -> None:
    for kept in (SHOWN, LIVE, MARK):
        st.session_state.pop(kept, None)

    @st.dialog(offer.label, width="large")
    def dialog() -> None:
        fields, result = st.columns(2, gap="large")
        with fields:
            command = offer.form(subject)
            if isinstance(command, Nothing):
                st.markdown(formatting.markdown(command.why))
                return
        with result:
            _result(command)

    dialog()


def _result(command: Command | None) -> None:
    """The preview of what the form says now, and the way to do it."""
    st.markdown("**What it leads to**")
    if command is None:
        st.caption("Fill in the form first.")
        return
    known: tuple[Command, Preview] | None = st.session_state.get(SHOWN)
    if known is None or known[0] != command:
        if not st.button("Preview", key="act_preview", icon=":material/visibility:"):
            st.caption("The preview comes from Stripe and changes nothing.")
            return
        try:
            with st.spinner("Asking Stripe"):
                known = (command, desk.preview(command))
        except desk.ActionError as error:
            st.error(formatting.markdown(str(error)), icon=":material/block:")
            return
        st.session_state[SHOWN] = known
    told(known[1])
    _confirm(*known)


def told(shown: Preview) -> None:
    """A preview: what is, what would be, money, run rate, e-mails and warnings."""
    rows = pd.DataFrame(shown.rows, columns=["", "Now", "After"])
    st.table(rows.map(formatting.markdown), hide_index=True, border="horizontal")
    if shown.arr_after is not None and shown.arr_before is not None and shown.currency:
        before, after = (formatting.mrr(arr, shown.currency) for arr in (shown.arr_before, shown.arr_after))
        change = before if before == after else f"{before} → {after}"
        st.markdown(formatting.markdown(f"MRR: {change}. {shown.effect}."))
    elif shown.effect:
        st.markdown(formatting.markdown(f"{shown.effect}."))
    _money(shown)
    if shown.mails:
        st.info("\n\n".join(map(formatting.markdown, shown.mails)), icon=":material/mail:")
    if shown.warnings:
        st.warning("\n\n".join(map(formatting.markdown, shown.warnings)), icon=":material/warning:")


def _money(shown: Preview) -> None:
    money = shown.money
    if money is None:
        return
    when = "now" if money.now or money.at is None else f"on {formatting.day(money.at)}"
    due, total = (formatting.amount(each, money.currency) for each in (money.due, money.total))
    rest = "" if money.due == money.total else f", of which {due} is due after the balance"
    if money.total < 0:
        rest = ", kept as credit for later invoices"
    st.markdown(formatting.markdown(f"Billed {when}: {total}{rest}."))
    lines = [(text, formatting.amount(amount, money.currency)) for text, amount in money.lines]
    st.table(
        pd.DataFrame(lines, columns=["Line", "Amount"]).map(formatting.markdown),
        hide_index=True,
        border="horizontal",
    )


def _confirm(command: Command, shown: Preview) -> None:
    reason = st.text_input(
        "Why", key="act_reason", placeholder="Kept with the change, for those who ask later"
    )
    try:
        over = desk.over(shown, command)
    except desk.ActionError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    if over:
        st.warning("\n\n".join(map(formatting.markdown, over)), icon=":material/approval_delegation:")
    verb = "Ask for approval" if over else desk.name_of(command)
    if not st.button(verb, type="primary", key="act_confirm", disabled=not (reason or "").strip()):
        return
    try:
        if over:
            desk.ask(command, shown, str(reason))
        else:
            with st.spinner("Stripe is doing it"):
                desk.carry_out(command, shown, str(reason))
    except desk.ActionError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    st.session_state.pop(SHOWN, None)
    name = desk.name_of(command).lower()
    st.session_state[DONE] = f"Asked: {name}. It waits on the Approvals page." if over else f"Done: {name}."
    st.rerun()


def mark() -> str:
    """A name for what the open form makes, so that it is found again when its answer is lost."""
    return str(st.session_state.setdefault(MARK, uuid4().hex))


def live(name: str, read: Callable[[], T]) -> T | None:
    """What Stripe has now, read when the form opens; None, and said why, where it cannot be read."""
    known: tuple[str, T] | None = st.session_state.get(LIVE)
    if known is None or known[0] != name:
        try:
            known = (name, read())
        except desk.ActionError as error:
            st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
            return None
        st.session_state[LIVE] = known
    return known[1]


def choice(label: str, options: Mapping[Any, str], key: str, **named: Any) -> Any:
    """One of some options, told in words."""
    return st.selectbox(label, list(options), format_func=lambda each: options[each], key=key, **named)

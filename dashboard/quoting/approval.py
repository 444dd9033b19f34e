"""The state of a quote on its page: who has to agree, what may be done now, and how it came to be there."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.quotes import rules, states
from dashboard.quotes.pricing import Priced
from dashboard.quoting import deciding as quote_deciding
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting.decisions import Kept
from dashboard.quoting.desk import Draft
from dashboard.quoting.state import Editing
from data.quotes.states import ACCEPTED, APPROVED, DRAFT, EDITABLE, WAITING

MOVES = (
    Column("at", "When"),
    Column("state", "State"),
    Column("version", "Version", "count"),
    Column("person", "By"),
    Column("reason", "Why", "long"),
)


def state(snapshot: Snapshot, editing: Editing, found: Priced | None) -> None:
    """How far the quote is, whose turn it is, and the buttons of whoever looks."""
    draft = editing.draft
    with widgets.card(states.STATES[draft.state], SAID[draft.state]):
        moves = quote_decisions.history(draft.id)
        if draft.state == DRAFT:
            _draft(snapshot, editing, found, moves)
        elif draft.state in (WAITING, APPROVED):
            asked = quote_decisions.asked_of(draft.id)
            quote_deciding.asked(asked)
            if draft.state == WAITING:
                quote_deciding.decide(draft, asked)
                if found:
                    mine = bool(quote_decisions.for_me(draft, asked))
                    with st.expander("What it differs in, and earlier quotes", expanded=mine):
                        quote_deciding.evidence(snapshot, draft, found)
        elif moves:
            st.markdown(formatting.markdown(_last(moves[0])))
        _ways(editing)
        _relatives(editing)
        if moves:
            with st.expander("How it came here"):
                key = (draft.id, len(moves), moves[0].at, access.permitted(quote_decisions.COMMENTS))
                rows = snapshot.kept("moves", key, lambda: _frame(moves))
                grid(rows, MOVES, "", "quote_moves", files=False)


SAID = {
    "draft": "It can be changed; nobody outside has seen it.",
    "waiting": "For approval: whoever has to agree decides on exactly this; a change takes it back.",
    "approved": "It can be sent as it is; a change makes the approval void.",
    "sent": "The customer has it; it does not change any more.",
    "accepted": "The customer has agreed.",
    "declined": "The customer said no.",
    "expired": "Nobody accepted it in time.",
    "withdrawn": "It was taken back before anybody accepted it.",
    "superseded": "Another quote took its place.",
}


def _draft(snapshot: Snapshot, editing: Editing, found: Priced | None, moves: Sequence[Kept]) -> None:
    """Whose agreement the quote would need as it is, and the way to ask."""
    if moves and moves[0].reason:
        told = f"Back to draft: {moves[0].reason}"
        st.warning(formatting.markdown(told), icon=":material/undo:")
    if found is None:
        st.markdown("Whose approval it needs is told when it can be worked out.")
        return
    needed = quote_decisions.needed(snapshot, editing.fields, found)
    told = formatting.markdown(rules.in_words(needed))
    if needed:
        st.warning(told, icon=":material/approval_delegation:")
    else:
        st.success(told, icon=":material/check_circle:")
    if editing.may:
        _ask(snapshot, editing, needed)


def _ask(snapshot: Snapshot, editing: Editing, needed: dict[str, list[str]]) -> None:
    name = editing.draft.id
    reason = ""
    if needed:
        reason = st.text_input("Why", key=f"why_{name}", placeholder="For whoever approves") or ""
    verb = (
        f"Ask {rules.listed([rules.ROLES[role].lower() for role in needed])}" if needed else "Ready to send"
    )
    blocked = bool(editing.reading.broken or editing.failed or (needed and not reason.strip()))
    help_text = "When everything is mended" + (" and a reason is given." if needed else ".")
    if st.button(
        verb, key=f"ask_{name}", type="primary", disabled=blocked, help=help_text if blocked else None
    ):
        dialogs.make(
            lambda: _asked(snapshot, editing, reason),
            "Asked: it waits on the Approvals page." if needed else "It can be sent.",
        )


def _asked(snapshot: Snapshot, editing: Editing, reason: str) -> None:
    quote_decisions.ask(snapshot, editing.draft, reason)


def _ways(editing: Editing) -> None:
    """Back to draft, out of the way, or on to another quote."""
    draft = editing.draft
    if not access.permitted(states.EDIT):
        return
    with st.container(horizontal=True):
        if draft.state in (WAITING, APPROVED) and st.button(
            "Take it back to change it", key=f"back_{draft.id}", icon=":material/undo:"
        ):
            dialogs.make(lambda: quote_decisions.take_back(draft), "It is a draft again.")
        if draft.state in EDITABLE:
            with st.popover("Withdraw", icon=":material/block:"):
                why = st.text_input("Why it is withdrawn", key=f"give_up_why_{draft.id}") or ""
                if st.button("Withdraw this quote", key=f"give_up_{draft.id}", disabled=not why.strip()):
                    dialogs.make(lambda: quote_decisions.give_up(draft, why), "Withdrawn.")
        elif draft.state != ACCEPTED and not quote_decisions.is_revised(draft) and st.button(
            "Revise", key=f"revise_{draft.id}", icon=":material/edit_document:",
            help="A new quote with the same fields; sending it takes this one's place.",
        ):  # fmt: skip
            _revise(editing)


def _revise(editing: Editing) -> None:
    try:
        key = quote_decisions.revise(editing.draft)
    except quote_decisions.NotMovedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    navigation.open_quote(key)


def _relatives(editing: Editing) -> None:
    """The quote that this one revises, and the one that revises it."""
    draft = editing.draft
    later = quote_decisions.revision(draft.id)
    with st.container(horizontal=True):
        if draft.revises and st.button(_revised(draft), key="revised", type="tertiary"):
            navigation.open_quote(draft.revises)
        if later and st.button(
            f"Its revision {later.name} ({states.STATES[later.state].lower()})",
            key="revision",
            type="tertiary",
        ):
            navigation.open_quote(later.id)


def _revised(draft: Draft) -> str:
    earlier = quote_desk.latest(str(draft.revises))
    return f"It revises {earlier.name}" if earlier else "The quote that this revises"


def _last(move: Kept) -> str:
    why = f": {move.reason}" if move.reason else ""
    return f"By {move.person}, {formatting.moment(move.at)}{why}."


def _frame(moves: Sequence[Kept]) -> pd.DataFrame:
    rows = [
        (formatting.moment(each.at), states.STATES[each.to_state], each.version, each.person, each.reason)
        for each in moves
    ]
    return pd.DataFrame(rows, columns=["at", "state", "version", "person", "reason"]).astype(
        {"version": "Int64"}
    )

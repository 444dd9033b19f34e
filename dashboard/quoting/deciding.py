"""Deciding on a quote: how it differs from the standard, what was given before, and a yes or a no."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting
from dashboard.cache import Snapshot
from dashboard.metrics.text import known
from dashboard.quotes import rules, standard, states
from dashboard.quotes.pricing import Priced
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import letters as quote_letters
from dashboard.quoting.decisions import Asked, Offer
from dashboard.quoting.desk import Draft


def evidence(snapshot: Snapshot, draft: Draft, found: Priced) -> None:
    """What an approver wants to see: the differences from the standard, and the discounts of the past."""
    st.markdown("**Against the standard**")
    rows = standard.differences(found, draft.fields, quote_desk.sold())
    _table(rows, ["", "Standard", "Here"], "Everything is as the price list and the standard terms say.")
    if running := _running(snapshot, draft):
        st.markdown("**Discounts that the customer has now**")
        _table(running, ["Coupon", "Off", "Until"], "")
    st.markdown("**Earlier quotes for this customer, and of whoever began this one**")
    earlier = _earlier(snapshot, quote_decisions.offers(draft))
    _table(earlier, ["For", "State", "Value"], "None was asked for, approved or sent so far.")


def _running(snapshot: Snapshot, draft: Draft) -> list[tuple[str, ...]]:
    """The discounts that the customer has at Stripe now: coupon, size, until when."""
    customer = str(draft.fields.get("customer_id") or "")
    rows = snapshot.frame("customer_discounts", customer).to_dict("records") if customer else []
    return [(known(each["coupon"]) or str(each["coupon_id"]), _size(each), _until(each)) for each in rows]


def _size(discount: Mapping[Any, Any]) -> str:
    if percent := known(discount["percent_off"]):
        return f"{percent}%"
    return formatting.amount(discount["amount_off"], str(discount["currency"]))


def _until(discount: Mapping[Any, Any]) -> str:
    end = discount["end_at"]
    return "No end" if formatting.is_missing(end) else f"Until {formatting.day(end)}"


def _table(rows: Sequence[Sequence[str]], names: list[str], none: str) -> None:
    """Rows of words that wrap, or the sentence that there are none."""
    if rows:
        table = pd.DataFrame(rows, columns=names).map(formatting.markdown)
        st.table(table, hide_index=True, border="horizontal")
    else:
        st.caption(none)


def _earlier(snapshot: Snapshot, offers: Sequence[Offer]) -> list[tuple[str, ...]]:
    """For whom and by whom, state and since when, value with the discount of each."""
    ids = tuple(sorted({each.customer_id for each in offers if each.customer_id}))
    found = (
        snapshot.frame("customer_page", snapshot.now, among=ids, limit=len(ids)) if ids else pd.DataFrame()
    )
    names = {str(row["id"]): known(row["name"]) or str(row["id"]) for row in found.to_dict("records")}
    return [
        (
            f"{names.get(each.customer_id or '', each.prospect or each.customer_id or 'Nobody')}, "
            f"by {each.created_by}",
            f"{states.STATES[each.state]}, {formatting.day(each.at)}",
            _worth(each),
        )
        for each in offers
    ]


def _worth(offer: Offer) -> str:
    """The value and what is off the list: in one column, since a phone has room for three."""
    value, off = formatting.amount(offer.figures["total"], offer.figures["currency"]), _off(offer)
    return f"{value}, {formatting.percent(off)} off list" if off else value


def _off(offer: Offer) -> Fraction | None:
    at_list = int(offer.figures["recurring_list"])
    return Fraction(at_list - int(offer.figures["recurring_net"]), at_list) if at_list else None


def asked(rows: Sequence[Asked]) -> None:
    """Who has to agree, because of what, and what they said."""
    for each in rows:
        st.markdown(formatting.markdown(_told(each)))
    if rows and access.permitted(quote_decisions.COMMENTS):
        _mailed(rows[0])


def _mailed(first: Asked) -> None:
    """Who was told by e-mail that the quote waits, and who was not."""
    if first.state != "waiting" or not quote_letters.are_sent():
        return
    letters = quote_letters.of_round(first.quote_id, first.asked_at)
    told = list({each.recipient: each for each in letters}.values())  # of each the last
    for words, people in (
        ("Told by e-mail", [each.recipient for each in told if each.state == "sent"]),
        (
            "Being told by e-mail",
            [each.recipient for each in told if each.state == "waiting" and not each.error],
        ),
    ):
        if people:
            st.caption(formatting.markdown(f"{words}: {rules.listed(people)}."))
    for each in told:
        if each.error:
            again = "not told yet" if each.state == "waiting" else "not told, and not tried any more"
            st.caption(formatting.markdown(f"{each.recipient} is {again}. {each.error}"))
    if not told:
        st.caption("Nobody who may approve it is known by an e-mail address: tell them.")


def _told(each: Asked) -> str:
    role = rules.ROLES.get(each.role, each.role)
    because = f"because {rules.listed(each.because)}"
    said = f": “{each.comment}”" if each.comment else ""
    at = formatting.moment(each.decided_at)
    again = f"; reminded {formatting.moment(each.reminded_at)}" if each.reminded_at else ""
    return {
        "waiting": f"{role}: asked, {because}. Waits until {formatting.moment(each.expires_at)}{again}.",
        "approved": f"{role}: approved by {each.decided_by}, {at}{said}.",
        "declined": f"{role}: not approved by {each.decided_by}, {at}{said}.",
        "closed": f"{role}: not decided, since the quote went back before.",
        "expired": f"{role}: nobody decided in time.",
    }[each.state]


def decide(draft: Draft, rows: Sequence[Asked]) -> None:
    """The comment and the buttons, for those who may decide; for the others why they may not."""
    open_to_me = quote_decisions.for_me(draft, rows)
    if not open_to_me:
        st.caption(_why_not(draft, rows))
        return
    comment = st.text_input("Comment", key=f"comment_{draft.id}", placeholder="Kept with the decision") or ""
    for each in open_to_me:
        role = rules.ROLES[each.role].lower()
        with st.container(horizontal=True):
            yes = st.button(f"Approve as {role}", key=f"agree_{draft.id}_{each.role}", type="primary")
            no = st.button(
                "Do not approve",
                key=f"refuse_{draft.id}_{each.role}",
                disabled=not comment.strip(),
                help="With a comment: whoever asked reads it.",
            )
        if yes or no:
            dialogs.make(
                lambda each=each, yes=yes: _decided(draft, each, comment, agreed=yes),  # type: ignore[misc]
                "Approved." if yes else "Not approved: the quote is a draft again.",
            )


def _decided(draft: Draft, each: Asked, comment: str, *, agreed: bool) -> None:
    quote_decisions.decide(draft, each, comment, agreed=agreed)


def _why_not(draft: Draft, rows: Sequence[Asked]) -> str:
    if access.permitted(states.APPROVE) and quote_decisions.mine(draft, rows):
        return "It waits for somebody else: nobody approves a quote that they asked for, began or typed into."
    return "It waits for somebody who may approve it."

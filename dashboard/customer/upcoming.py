"""What Stripe will charge at the next renewal, asked of Stripe itself when somebody wants to know."""

import pandas as pd
import streamlit as st

from dashboard import desk, formatting, widgets
from dashboard.actions.upcoming import Upcoming
from dashboard.cache import Snapshot
from dashboard.metrics import customer
from dashboard.store import once

KEPT = "_upcoming"
NOTE = "The next invoice of each subscription, by Stripe's own preview; it is asked live and changes nothing."


def upcoming(snapshot: Snapshot, customer_id: str, running: pd.DataFrame, items: pd.DataFrame) -> None:
    """The renewal date of each subscription, and on demand what will be charged then."""
    with widgets.card("Next renewal", NOTE):
        renewing = once(customer.renewing, running)
        if renewing.empty:
            st.markdown("No subscription of this customer goes on, so nothing will be charged by itself.")
            return
        key = snapshot.status.version, customer_id
        if st.button("Ask Stripe what will be charged", key="ask_upcoming", icon=":material/event_repeat:"):
            try:
                with st.spinner("Asking Stripe"):
                    asked = desk.upcoming([str(each) for each in renewing["subscription_id"]])
                st.session_state[KEPT] = key, asked
            except desk.ActionError as error:
                st.error(formatting.markdown(f"Stripe was not heard: {error}"), icon=":material/cloud_off:")
        known = st.session_state.get(KEPT)
        answers = known[1] if known and known[0] == key else []
        _told(renewing, items, {each.subscription_id: each for each in answers})


def _told(renewing: pd.DataFrame, items: pd.DataFrame, answers: dict[str, Upcoming]) -> None:
    """Each subscription with what it holds, when it renews, and, once asked, what is charged then."""
    for row in renewing.to_dict("records"):
        held = items.loc[items["subscription_id"] == row["subscription_id"], "product"].dropna()
        named = formatting.markdown(", ".join(dict.fromkeys(map(str, held))) or str(row["subscription_id"]))
        st.markdown(f"**{named}** renews on **{formatting.day(row['renews_at'])}**.")
        if answer := answers.get(str(row["subscription_id"])):
            _charged(answer)


def _charged(answer: Upcoming) -> None:
    """One previewed invoice with its lines."""
    asked = f"Asked of Stripe on {formatting.moment(answer.asked_at)}."
    money = answer.invoice
    if money is None:
        st.markdown("Stripe says that nothing is coming.")
        st.caption(asked)
        return
    total, due = (formatting.amount(each, money.currency) for each in (money.total, money.due))
    when = formatting.day(money.at) if money.at else "the period's end"
    balance = "" if total == due else f"; {due} after the customer's balance"
    st.markdown(formatting.markdown(f"{total} will be charged on {when}{balance}."))
    lines = [(text, formatting.amount(amount, money.currency)) for text, amount in money.lines]
    table = pd.DataFrame(lines, columns=["Line", "Amount"]).map(formatting.markdown)
    st.table(table, hide_index=True, border="horizontal")
    st.caption(f"{asked} Changes until then change it.")

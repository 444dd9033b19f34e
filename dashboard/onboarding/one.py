"""One set-up: where it stands, its form, what may happen next, what happened."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import streamlit as st

from dashboard import access, address, dialogs, formatting, navigation, states
from dashboard.addons.states import CUSTOM_DOMAIN, SINGLE_SIGN_ON, STATES, UPTIME_SLA, onward
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.onboarding import crediting, domain, promise, sign_on, telling
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import Kept
from data import clock

HISTORY = (
    Column("at", "When", "day"),
    Column("person", "Who"),
    Column("what", "What", "long"),
    Column("stands", "State afterwards"),
    Column("reason", "Why", "long"),
)
FORMS: Mapping[str, Callable[[Kept, bool], None]] = {
    SINGLE_SIGN_ON: sign_on.form,
    CUSTOM_DOMAIN: domain.form,
    UPTIME_SLA: promise.form,
}
VERBS = {
    "requested": "Request again",
    "waiting": "Ask the customer",
    "verified": "Mark as verified",
    "tested": "Mark as tested",
    "active": "Activate",
    "enforced": "Enforce",
    "disabled": "Disable",
}


def one(snapshot: Snapshot, name: str, now: datetime) -> None:
    """The set-up that the address names."""
    try:
        kept = addon_desk.one(name)
    except addon_desk.AddonError as error:
        st.error(str(error), icon=":material/error:")
        return
    if st.button("All add-ons", icon=":material/arrow_back:", type="tertiary", key="addons_back"):
        address.write(setup="")
        st.rerun()
    if kept is None:
        states.empty("There is no set-up of that id. It may be a link of another database.")
        return
    _head(snapshot, kept, now)
    editable = access.permitted(addon_desk.EDIT)
    asked = _as_drawn(kept)
    FORMS[kept.kind](asked, editable)
    if kept.kind == UPTIME_SLA:
        crediting.card(snapshot, kept, clock.now())
    if editable:
        _onward(asked)
    telling.of_one(snapshot, kept, editable)
    _history(snapshot, kept)


def _as_drawn(kept: Kept) -> Kept:
    """The set-up with the version that the person saw when they pressed: a newer one is not changed."""
    drawn = st.session_state.get("_addon_drawn")
    st.session_state["_addon_drawn"] = (kept.id, kept.version)
    return replace(kept, version=drawn[1]) if drawn and drawn[0] == kept.id else kept


def _head(snapshot: Snapshot, kept: Kept, now: datetime) -> None:
    names = {key: each.name for key, each in addon_desk.offered().items()}
    profile = snapshot.frame("customer_profile", kept.customer_id)
    called = profile["name"].iloc[0] if len(profile) else None
    who = kept.customer_id if formatting.is_missing(called) else str(called)
    with st.container(border=True, gap="xsmall"):
        st.subheader(formatting.markdown(f"{names.get(kept.addon, kept.addon)} for {who}"), anchor=False)
        since = f"{formatting.age(kept.since, now)} ({formatting.moment(kept.since)})"
        st.markdown(f"**{STATES[kept.state]}** since {since}.")
        if kept.reason:
            st.markdown(formatting.markdown(kept.reason))
        st.caption(
            formatting.markdown(f"Requested by {kept.created_by}, {formatting.moment(kept.created_at)}")
        )
        if st.button("Open customer", icon=":material/person:", key="addon_open_customer", type="tertiary"):
            navigation.open_customer(kept.customer_id)


def _onward(kept: Kept) -> None:
    """The states that it may go to; what keeps it from one is said."""
    with st.container(border=True, gap="small"):
        st.subheader("What happens next", anchor=False)
        reason = st.text_input(
            "Reason", key=f"addon_reason_{kept.id}_{kept.state}", max_chars=500,
            placeholder="Kept with the change; needed to disable",
        )  # fmt: skip
        with st.container(horizontal=True):
            for place, to in enumerate(onward(kept.kind, kept.state)):
                missing = addon_desk.in_the_way(kept, to)
                idle = bool(missing) or (to == "disabled" and not (reason or "").strip())
                label = _verb(kept.state, to)
                if st.button(
                    label, key=f"addon_to_{to}", type="secondary" if place else "primary", disabled=idle
                ):
                    done = f"{STATES[to]}."
                    dialogs.make(partial(addon_desk.move, kept, to, reason or ""), done)
        for to in onward(kept.kind, kept.state):
            for sentence in addon_desk.in_the_way(kept, to):
                st.caption(formatting.markdown(f"{_verb(kept.state, to)}: {sentence}"))


def _verb(state: str, to: str) -> str:
    back = {("enforced", "active"): "Stop enforcing", ("verified", "waiting"): "Back to the customer"}
    return {**back, ("tested", "waiting"): "Back to the customer"}.get((state, to), VERBS[to])


def _history(snapshot: Snapshot, kept: Kept) -> None:
    rows = snapshot.frame("addon_events", kept.id)
    with st.expander("What happened, the newest first", icon=":material/history:"):
        grid(rows.assign(stands=rows["state"].map(STATES)), HISTORY, "usd", "addon_history")

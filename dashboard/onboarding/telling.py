"""What our own system is told of add-ons, and what it has not acknowledged."""

from functools import partial

import pandas as pd
import streamlit as st

from dashboard import access, dialogs, formatting, widgets
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import Kept
from data.config import settings

STATES = {
    "waiting": "Waiting",
    "acknowledged": "Acknowledged",
    "dead": "Given up after many tries",
    "given up": "Given up by a person",
}
TYPES = {
    "addon.active": "Is live",
    "addon.enforced": "Is enforced",
    "addon.changed": "Is live with other settings",
    "addon.disabled": "Is no longer live",
    "quote.accepted": "A quote was accepted",
}
OPEN = (
    Column("called", "Customer"),
    Column("told", "What it is told"),
    Column("stands", "State"),
    Column("attempts", "Tries", "count"),
    Column("error", "What it answered last", "long"),
    Column("created_at", "Since", "day"),
)
OF_ONE = (*OPEN[1:], Column("settled_at", "Settled", "day"))
UNSET = "PROVISIONING_URL is not set, so our own system is told nothing: what waits goes out once it is."


def everywhere(snapshot: Snapshot) -> str | None:
    """What waits to be acknowledged, of everybody; the set-up of a selected row."""
    rows = snapshot.frame("provisioning")
    if rows.empty:
        return None
    with widgets.card("Not acknowledged by our system", "The oldest first. Select a row to open its set-up."):
        _unset()
        editable = access.permitted(addon_desk.EDIT)
        _dead(rows, editable)
        place = grid(_told(rows), OPEN, "", "addon_provisioning", select=True)
        chosen = rows.iloc[place] if place is not None else None
        if chosen is None or str(chosen["type"]).startswith("addon."):
            return None if chosen is None else str(chosen["subject"])
        if editable and chosen["attempts"] and not chosen["held"]:
            _decide(str(chosen["id"]))
    return None


def _dead(rows: pd.DataFrame, editable: bool) -> None:
    """What is not tried any more, and the way to try all of it again."""
    dead = rows.loc[rows["state"] == "dead", "id"].tolist()
    if not dead:
        return
    st.error(gave_up(len(dead)), icon=":material/notification_important:")
    if editable and st.button("Send all of them again", key="tell_all_again", icon=":material/replay:"):
        dialogs.make(partial(_all_again, dead), "They are sent again.")


def gave_up(count: int) -> str:
    """That requests are not tried any more, in a sentence."""
    told = formatting.plural(count, "request was", "requests were")
    return f"{told} not acknowledged by our own system and {'is' if count == 1 else 'are'} tried no more."


def _all_again(names: list[str]) -> None:
    for name in names:
        addon_desk.send_again(name)


def of_one(snapshot: Snapshot, kept: Kept, editable: bool) -> None:
    """What our own system was told of a set-up; the first that it has not acknowledged can be sent again."""
    rows = snapshot.frame("provisioning", kept.id)
    if rows.empty:
        return
    with widgets.card("Told to our own system", "Each goes out until it is acknowledged, in this order."):
        grid(_told(rows), OF_ONE, "", "addon_told")
        unsettled = rows.loc[rows["state"].isin(["waiting", "dead"])]
        if len(unsettled):
            _unset()
        if editable and len(unsettled) and unsettled["attempts"].iloc[0]:
            _decide(str(unsettled["id"].iloc[0]))


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    stands = rows["state"].map(STATES)
    return rows.assign(
        called=rows["name"].fillna(rows["customer_id"]),
        told=rows["type"].map(TYPES).fillna(rows["type"]),
        stands=stands.mask(rows["held"], "Waits for the one before"),
    )


def _unset() -> None:
    if not settings().provisioning_url:
        st.warning(UNSET, icon=":material/settings:")


def _decide(name: str) -> None:
    """Send it again, or give it up for a reason."""
    reason = st.text_input("Why it is given up", key=f"tell_reason_{name}", max_chars=500)
    with st.container(horizontal=True):
        if st.button("Send again now", key="tell_again", icon=":material/replay:"):
            dialogs.make(partial(addon_desk.send_again, name), "It is sent again.")
        if st.button("Give it up", key="tell_give_up", disabled=not (reason or "").strip()):
            give_up = partial(addon_desk.give_up, name, reason or "")
            dialogs.make(give_up, "It is given up; what comes after it is told.")

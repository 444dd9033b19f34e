"""On Data health: what Stripe sent by itself and what waits, with a button for each thing that helps."""

import pandas as pd
import streamlit as st

from dashboard import access, formatting, sync_desk, widgets
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.sync_desk import Queue

DEAD = (
    Column("type", "Event"),
    Column("received", "Received"),
    Column("attempts", "Tried", "count"),
    Column("error", "Why not", "long"),
    Column("id", "Id"),
)


def draw() -> None:
    """The card."""
    with widgets.card("News from Stripe", "Webhooks ring, a sync reads what they are about."):
        queue = sync_desk.queue()
        for sentence in told(queue):
            st.markdown(formatting.markdown(sentence))
        if queue is not None and len(queue.dead):
            rows = queue.dead.assign(received=[formatting.moment(at) for at in queue.dead["received_at"]])
            grid(rows, DEAD, "", "data_health_dead")
        with st.container(horizontal=True):
            if access.permitted(sync_desk.SYNC) and st.button("Sync now", icon=":material/sync:"):
                with st.spinner("Reading what changed at Stripe"):
                    st.toast(formatting.markdown(sync_desk.sync_now()))
            if queue is not None and len(queue.dead) and access.permitted(sync_desk.REPLAY):
                _replay(queue.dead)


def told(queue: Queue | None) -> list[str]:
    """What is known of the inbox, a sentence each."""
    if queue is None:
        return ["The inbox of webhooks cannot be read; syncs go on without it."]
    if not queue.awaited:
        return ["No webhooks are set up, so changes arrive with the next sync. The README says how to."]
    if queue.counts.empty:
        return ["No webhook has come in the last 30 days."]
    newest = queue.counts["newest"].max()
    sentences = [f"The last one came {formatting.moment(newest)}."]
    for state, words in (
        ("waiting", "for the next sync"),
        ("dead", "no more: they were tried in vain"),
    ):
        if count := queue.count(state):
            verb = "waits" if count == 1 else "wait"
            sentences.append(f"{formatting.plural(count, 'event')} {verb} {words}.")
    return sentences


def _replay(dead: pd.DataFrame) -> None:
    if st.button("Try the dead ones again", icon=":material/replay:"):
        st.toast(formatting.markdown(sync_desk.replay(list(dead["id"]))))

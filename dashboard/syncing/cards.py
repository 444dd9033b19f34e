"""On Data health: what Stripe sent by itself and what waits, with a button for each thing that helps."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from dashboard import access, cache, formatting, navigation, widgets
from dashboard.columns import Column
from dashboard.grids import grid
from dashboard.metrics.reconciliation import KINDS
from dashboard.syncing import desk as sync_desk
from dashboard.syncing.desk import Queue

DEAD = (
    Column("type", "Event"),
    Column("received", "Received"),
    Column("attempts", "Tried", "count"),
    Column("error", "Why not", "long"),
    Column("id", "Id"),
)


def draw(snapshot: cache.Snapshot) -> None:
    """The cards."""
    _news()
    latest = widgets.latest(snapshot)
    left, right = st.columns(2)
    with left, widgets.card("Requests to Stripe", "Syncs keep below what Stripe allows."):
        until = latest.last_success_at or snapshot.now  # by this machine's clock, as syncs are dated
        for sentence in asked(snapshot.frame("request_use", until)):
            st.markdown(formatting.markdown(sentence))
    with right, widgets.card("Reconciliation", "What Stripe, quotes and the application disagree about."):
        _disagreements(snapshot.frame("findings_open"))


def _news() -> None:
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


def asked(frame: pd.DataFrame) -> Iterator[str]:
    """How much Stripe was asked of what it allows, a sentence each; of the frame request_use."""
    use = frame.iloc[0]
    limit, busiest = use["limit"], use["busiest"]
    most = ""
    if limit is not None:
        all_in_all, one = formatting.count(limit["overall"]), formatting.count(limit["per_endpoint"])
        most = f" The limit is {all_in_all} a second, {one} to one endpoint."
    requests = formatting.plural(int(use["requests"]), "request")
    syncs = formatting.plural(int(use["syncs"]), "sync")
    rate = "" if formatting.is_missing(busiest) else f", at most {_decimal(busiest)} a second"
    yield f"In the hour before the last sync ended {requests} in {syncs}{rate}.{most}"
    if limit is None:
        return
    if limit["waited"] >= 0.1:
        yield f"In the last sync requests waited {_decimal(limit['waited'])} s for their turn."
    if limit["refused"]:
        times = formatting.plural(limit["refused"], "time")
        yield f"Stripe said {times} in the last sync that there were too many."
    for endpoint, slowed in limit["slowed"].items():
        yield f"For that it had slowed down when it ended: {endpoint}, {_decimal(slowed)} a second at most."


def _decimal(number: float) -> str:
    return f"{number:,.1f}"


def _disagreements(found: pd.DataFrame) -> None:
    total = int(found["findings"].sum())
    told = formatting.plural(total, "finding")
    st.markdown(f"{told} open, snoozed ones included." if total else "Nothing disagrees.")
    for kind, count in found[["kind", "findings"]].itertuples(index=False):
        named = KINDS[kind].name if kind in KINDS else formatting.word(kind)
        st.markdown(f"- {formatting.markdown(named)}: {formatting.count(count)}")
    if access.permitted("view reconciliation"):
        st.page_link(navigation.PAGES / "reconciliation.py", label="Reconciliation", icon=":material/rule:")


def _replay(dead: pd.DataFrame) -> None:
    if st.button("Try the dead ones again", icon=":material/replay:"):
        st.toast(formatting.markdown(sync_desk.replay(list(dead["id"]))))

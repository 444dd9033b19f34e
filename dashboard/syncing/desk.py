"""What people may do about the data itself: sync now, let dead webhooks be tried again."""

from dataclasses import dataclass

import pandas as pd

from dashboard import access
from data import clock, refresh, webhooks
from data.config import settings

SYNC, REPLAY = "sync now", "replay webhooks"


@dataclass(frozen=True)
class Queue:
    """The inbox of webhooks as it is now; frames as `data.webhooks` gives them."""

    counts: pd.DataFrame
    dead: pd.DataFrame

    @property
    def awaited(self) -> bool:
        """Whether webhooks are set up, or once were."""
        return settings().stripe_webhook_secrets is not None or not self.counts.empty

    def count(self, state: str) -> int:
        """How many events are in a state: waiting, done, dead."""
        return int(self.counts.loc[self.counts["state"] == state, "events"].sum())


def queue() -> Queue | None:
    """The inbox; None when it cannot be read."""
    url = settings().database_url.get_secret_value()
    try:
        return Queue(webhooks.queue(url), webhooks.dead(url))
    except webhooks.InboxError:
        return None


def sync_now() -> str:
    """Read what changed at Stripe; what came of it, in a sentence."""
    access.require(SYNC)
    try:
        done = refresh.refresh(settings(), with_application=False)
    except refresh.RefreshError as error:
        return str(error)
    return f"Read in {done.synced.seconds:.1f} s: {done.synced.events} events, {done.synced.objects} objects."


def replay(ids: list[str]) -> str:
    """Let dead events be tried again; what came of it, in a sentence."""
    access.require(REPLAY)
    try:
        again = webhooks.replay(settings().database_url.get_secret_value(), ids, clock.now())
    except webhooks.InboxError:
        return "The database did not take it, so nothing was changed. Try again."
    return f"{again} events are tried again with the next sync."

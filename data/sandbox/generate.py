"""A generated history: a believable subscription business, the same again for the same seed."""

from data.sandbox.billing import DAY, Billing, dunning
from data.sandbox.billing.periods import shifted
from data.sandbox.events import EVENT_DAYS
from data.sandbox.history import cast
from data.sandbox.history.reactions import Reactions
from data.sandbox.history.shop import Shop
from data.sandbox.history.signups import plan_signups
from data.sandbox.history.story import Story
from data.sandbox.store import Store


def generate(store: Store, *, customers: int = 400, months: int = 24, seed: int = 7, until: int) -> None:
    """Fill an empty store with so many customers over so many months up to `until`, where its clock stops.

    Seventeen of the customers are there so that every state can be seen; fewer customers there never are.
    Only the events of the last 30 days are kept, as Stripe does.
    """
    store.set_meta("salt", f"seed-{seed}")
    with store.bulk(until):
        store.set_now(shifted(until, "month", -months))
        _live(store, customers, seed, until)


def _live(store: Store, customers: int, seed: int, until: int) -> None:
    billing = Billing(store, events_from=until - EVENT_DAYS * DAY)
    shop = Shop(billing)
    story = Story(billing, seed, until)
    billing.listener = Reactions(story, shop)
    dunning.set_settings(store, dunning.Settings(subscription="unpaid"))
    length = until - story.start
    story.plan(story.start + int(length * 0.30), _retire_starter, shop)
    story.plan(story.start + max(int(length * 0.4), 60 * DAY), _cancel_after_retries)
    story.plan(story.start + int(length * 0.52), _raise_prices, shop)
    free = max(customers - cast.SIZE, 0)
    plan_signups(story, shop, free)
    cast.plan_cast(story, shop, free)
    story.run()
    billing.save()


def _retire_starter(story: Story, shop: Shop) -> None:
    shop.retire("starter")


def _raise_prices(story: Story, shop: Shop) -> None:
    shop.raise_professional()


def _cancel_after_retries(story: Story) -> None:
    dunning.set_settings(story.billing.store, dunning.Settings())

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
    """Fill an empty store with so many customers over so many months up to `until`, where its clock stops."""
    History(store, customers, months, seed, until).tell(until)


class History:
    """A history that can be told in parts: between two of them others may use the account.

    Seventeen of the customers are there so that every state can be seen; fewer customers there never are.
    Only the events of the last 30 days are kept, as Stripe does.
    """

    def __init__(
        self,
        store: Store,
        customers: int,
        months: int,
        seed: int,
        until: int,
        *,
        plain_names: bool = False,
    ) -> None:
        """Nothing has happened yet in the empty store; until: where the history ends, epoch seconds.

        plain_names: no company is named to try what shows it; all else is the same.
        """
        self.until = until
        self._plain_names = plain_names
        self._store, self._seed, self._customers = store, seed, customers
        self._begins = shifted(until, "month", -months)
        self._story: Story | None = None
        self._shop: Shop | None = None

    @property
    def over(self) -> bool:
        """Whether it has been told to its end."""
        return self._story is not None and self._store.now >= self.until

    def tell(self, to: int) -> None:
        """Go on to an instant, at most the end, where the store's clock stops."""
        if self._story is None:
            self._store.set_meta("salt", f"seed-{self._seed}")
        with self._store.bulk(self.until):
            if self._story is None:
                self._store.set_now(self._begins)
            billing = Billing(self._store, events_from=self.until - EVENT_DAYS * DAY)
            story, shop = self._at_work(billing)
            story.run(min(to, self.until))
            billing.save()
            self._story, self._shop = story, shop

    def _at_work(self, billing: Billing) -> tuple[Story, Shop]:
        """The story and the shop with a unit of work that knows what others did since the last."""
        if self._story is None or self._shop is None:
            begun = Story(billing, self._seed, self.until, plain_names=self._plain_names)
            story, shop = begun, _begun(begun, self._customers)
        else:
            story, shop = self._story, self._shop
            story.billing = shop.billing = billing
        billing.listener = Reactions(story, shop)
        return story, shop


def _begun(story: Story, customers: int) -> Shop:
    """The shop opens, and who comes when is planned."""
    shop = Shop(story.billing)
    dunning.set_settings(story.billing.store, dunning.Settings(subscription="unpaid"))
    length = story.until - story.start
    story.plan(story.start + int(length * 0.30), _retire_starter, shop)
    story.plan(story.start + max(int(length * 0.4), 60 * DAY), _cancel_after_retries)
    story.plan(story.start + int(length * 0.52), _raise_prices, shop)
    free = max(customers - cast.SIZE, 0)
    plan_signups(story, shop, free)
    cast.plan_cast(story, shop, free)
    return shop


def _retire_starter(story: Story, shop: Shop) -> None:
    shop.retire("starter")


def _raise_prices(story: Story, shop: Shop) -> None:
    shop.raise_professional()


def _cancel_after_retries(story: Story) -> None:
    dunning.set_settings(story.billing.store, dunning.Settings())

"""Who takes part in the examples, where they are kept, and the clock that they are made by."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from dashboard.access import PERMISSIONS
from dashboard.actions import running
from dashboard.actions.base import Actor, Command
from dashboard.examples.beginning import pass_time
from data import catalog, clock
from data.catalog import Catalog
from data.config import Settings
from data.fx.rates import RateTable
from data.sign_in_settings import SALES

Json = dict[str, Any]
DAY = 86_400


@dataclass(frozen=True)
class Person:
    """Somebody on the staff, named as the sandbox names whoever chooses the role."""

    role: str

    @property
    def name(self) -> str:
        """Under which they are kept."""
        return f"local {self.role}"


SELLER = Person(SALES)


@dataclass
class World:
    """The app's own database, the sandbox, and what of the examples there is by now."""

    chosen: Settings
    gateway: Any
    started: float = field(default_factory=time.time)  # the present of the examples, epoch seconds
    quotes: dict[str, str] = field(default_factory=dict)  # ids by the names that the story has for them
    subscriptions: dict[str, tuple[str, str]] = field(default_factory=dict)  # and their customers, by name
    taken: set[str] = field(default_factory=set)  # customers to whom something has happened
    requests: list[str] = field(default_factory=list)  # for approval, in their order

    @property
    def url(self) -> str:
        """Of the app's own database."""
        return self.chosen.database_url.get_secret_value()

    @cached_property
    def sold(self) -> Catalog:
        """What is sold."""
        return catalog.current()

    @property
    def rates(self) -> RateTable:
        """Of exchange: there are none."""
        return RateTable(self.chosen.reporting_currency, ())

    def actor(self, person: Person) -> Actor:
        """Somebody with what their role may do."""
        limits = self.chosen.limits_of(person.role)
        return Actor(
            person.name, person.role, lambda named: person.role in PERMISSIONS[named], limits, self.rates
        )

    @contextmanager
    def days_ago(self, days: float, *, at_stripe: bool) -> Iterator[None]:
        """In the block it is so many days ago; at_stripe: there too, which cannot be taken back."""
        if at_stripe:
            pass_time(self.chosen, int(self.started - days * DAY))
        late = time.time() - self.started
        with clock.behind(timedelta(days=days, seconds=late)):
            yield

    def do(self, person: Person, command: Command, reason: str) -> None:
        """What somebody does at Stripe: previewed, confirmed, noted. Raises ActionError."""
        actor = self.actor(person)
        shown = running.preview(self.gateway, actor, command)
        running.execute(self.url, self.gateway, actor, command, shown, reason)

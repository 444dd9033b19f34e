"""What people do to have add-ons work, as the pages do it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dashboard.addons import changing, saml, states
from dashboard.examples import quoting
from dashboard.examples.provider import metadata
from dashboard.examples.world import Person, World
from data import clock
from data.addons import claims, storage
from data.addons.storage import By, Kept
from data.sign_in_settings import FINANCE, SALES


def _by(role: str = SALES) -> By:
    return By(Person(role).name, role)


def _kept(world: World, quote: str, addon: str) -> Kept:
    """The set-up that the acceptance of a quote began."""
    customer = str(quoting.offer_of(world, quote).customer_id)
    found = storage.of(world.url, customer, addon)
    assert found is not None
    return found


def move(world: World, quote: str, addon: str, to: str, reason: str = "") -> None:
    """Lead a set-up to another state."""
    kept = _kept(world, quote, addon)
    after = changing.moved(kept, to, reason)
    tell = states.told(kept.state, to, ())
    storage.change(world.url, kept, after, changing.led(kept, to), _by(), tell)


def sign_on(world: World, quote: str, host: str, days: int) -> None:
    """The customer has sent the file of an identity provider whose certificate ends in so many days."""
    found = saml.read(metadata(host, clock.now() + timedelta(days)))
    changed: Mapping[str, Any] = {"protocol": "saml", "metadata": found.kept()}
    kept = _kept(world, quote, "sso")
    after = changing.with_settings(kept, changed)
    storage.change(world.url, kept, after, "SAML metadata read", _by())


def down(world: World, quote: str, months_ago: int, minutes: int) -> None:
    """Downtime of a month is noted."""
    kept, now = _kept(world, quote, "sla"), clock.month_of(clock.now())
    month = clock.months_before(now, months_ago)
    storage.note_downtime(world.url, kept, {month: minutes}, "typed", _by())


def claim(world: World, quote: str, months_ago: int, told: str) -> None:
    """The customer claims the credit of a month."""
    kept, now = _kept(world, quote, "sla"), clock.now()
    month = clock.months_before(clock.month_of(now), months_ago)
    claims.note(world.url, kept, month, now.date(), told, _by(FINANCE))

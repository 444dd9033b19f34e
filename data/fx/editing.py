"""Changes of the exchange rates by people: each a transaction of its own, and failures in words."""

from collections.abc import Iterable

from data.fx import storage
from data.fx.rates import ExchangeRate
from data.writing import transaction


def keep(url: str, rates: Iterable[ExchangeRate]) -> None:
    """Keep rates over those of the same day and pair, all or none. Raises NotChangedError."""
    with transaction(url) as connection:
        storage.save(connection, rates)


def remove(url: str, rate: ExchangeRate) -> None:
    """Take a rate out; nothing happens where it is gone already. Raises NotChangedError."""
    with transaction(url) as connection:
        storage.remove(connection, rate)

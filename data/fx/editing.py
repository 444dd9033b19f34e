"""Changes of the exchange rates by people: each a transaction of its own, and failures in words."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from data.database import open_engine
from data.fx import storage
from data.fx.rates import ExchangeRate


class NotChangedError(Exception):
    """The database did not take a change; the message is a sentence for a person."""


def keep(url: str, rates: Iterable[ExchangeRate]) -> None:
    """Keep rates over those of the same day and pair, all or none. Raises NotChangedError."""
    with _writing(url) as connection:
        storage.save(connection, rates)


def remove(url: str, rate: ExchangeRate) -> None:
    """Take a rate out; nothing happens where it is gone already. Raises NotChangedError."""
    with _writing(url) as connection:
        storage.remove(connection, rate)


@contextmanager
def _writing(url: str) -> Iterator[Connection]:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise NotChangedError(
            "The database did not take the change, so nothing was changed. Try again; "
            "`python -m dashboard doctor` checks the database."
        ) from error
    finally:
        engine.dispose()

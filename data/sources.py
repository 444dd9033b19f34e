"""What the settings point at, opened: the database, Stripe, the application database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from data.application import ApplicationMapping
from data.config import Settings
from data.database import open_engine
from data.gateway import Gateway
from data.limiter import Limiter
from data.migrations import migrate


@contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """The app's own database, migrated; closed after the block."""
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


def open_gateway(settings: Settings) -> Gateway:
    """The way to Stripe, or to what stands in for it; the caller closes it."""
    if settings.stripe_api_key is None:
        raise ValueError("without a key there is no gateway: start the sandbox first")
    return Gateway(
        settings.stripe_api_key.get_secret_value(), settings.stripe_api_base, limiter=_limiter(settings)
    )


def _limiter(settings: Settings) -> Limiter | None:
    """A limiter with the rates that were set; None leaves the choice to the gateway."""
    named = {"stripe_requests_per_second", "stripe_requests_per_second_endpoint"}
    if not named & settings.model_fields_set:
        return None
    return Limiter(settings.stripe_requests_per_second_endpoint, settings.stripe_requests_per_second)


@contextmanager
def open_application(settings: Settings) -> Iterator[Engine | None]:
    """The company's application database, read-only; None where it is not set."""
    if settings.application_database_url is None:
        yield None
        return
    engine = open_engine(settings.application_database_url.get_secret_value(), read_only=True)
    try:
        yield engine
    finally:
        engine.dispose()


def application_mapping(settings: Settings) -> ApplicationMapping:
    """The two SELECTs of the settings, or those of the generated application database."""
    chosen = {"accounts": settings.application_accounts_sql, "use": settings.application_use_sql}
    return ApplicationMapping(**{name: sql for name, sql in chosen.items() if sql})

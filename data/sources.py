"""What the settings point at, opened: the database, Stripe, the application database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data import customer_standing, due_dates, ledger
from data.application import ApplicationMapping
from data.config import Settings
from data.database import open_engine
from data.gateway import Gateway
from data.limiter import Limiter
from data.migrations import NewerDatabaseError, migrate
from data.sync import lock


class DatabaseFailedError(Exception):
    """The app's own database cannot be used; the message is a sentence without SQL or secrets."""


@contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """The app's own database, migrated; closed after the block.

    Raises DatabaseFailedError, also for what fails in the block.
    """
    with _failing_in_words(settings) as engine:
        _migrate(engine)
        yield engine


def migrate_database(settings: Settings) -> list[str]:
    """Run the migrations that are missing; gives their ids. Raises DatabaseFailedError."""
    with _failing_in_words(settings) as engine:
        return _migrate(engine)


def _migrate(engine: Engine) -> list[str]:
    """Run the missing migrations; what they emptied of the ledger does not wait for the next sync.

    One process does it, others wait. Raises DatabaseFailedError where it takes too long.
    """
    missing = migrate(engine)
    if _is_built(engine):
        return missing
    try:
        with lock.sync_lock(engine, lock.PATIENCE):
            anew = ledger.rebuild_outdated(engine)
            customer_standing.build_missing(engine, anew=anew)
            due_dates.build_missing(engine, anew=anew)
    except lock.SyncRunningError:
        told = "Another process is bringing the database up to date with this version, or syncs it."
        raise DatabaseFailedError(f"{told} Wait for it to end, then try again.") from None
    return missing


def _is_built(engine: Engine) -> bool:
    """Whether all that is kept beside the mirror is there, by the rules of this version."""
    with engine.connect() as connection:
        return not (
            ledger.is_outdated(connection)
            or customer_standing.is_missing(connection)
            or due_dates.is_missing(connection)
        )


@contextmanager
def _failing_in_words(settings: Settings) -> Iterator[Engine]:
    try:
        engine = open_engine(settings.database_url.get_secret_value())
    except OSError as error:
        told = f"The folder of the database cannot be made: {error.filename}: {error.strerror}."
        raise DatabaseFailedError(f"{told} Set VAR_FOLDER or DATABASE_URL.") from None
    try:
        yield engine
    except NewerDatabaseError as error:
        raise DatabaseFailedError(f"{error}: install the version of the app that made it.") from None
    except SQLAlchemyError as error:
        told = f"The database failed: {first_line(error)}. Check DATABASE_URL and that the server is up."
        raise DatabaseFailedError(told) from error
    finally:
        engine.dispose()


def first_line(error: SQLAlchemyError) -> str:
    """The driver's own words: the first line, without SQL or parameters."""
    words = str(getattr(error, "orig", None) or type(error).__name__).strip()
    return (words.splitlines() or [type(error).__name__])[0].rstrip(".")


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
    """The SELECTs of the settings, or those of the generated application database."""
    chosen = {
        "accounts": settings.application_accounts_sql,
        "use": settings.application_use_sql,
        "addons": settings.application_addons_sql,
    }
    return ApplicationMapping(**{name: sql for name, sql in chosen.items() if sql})

"""python -m dashboard resume: finish actions that were cut short."""

from collections import Counter

from dashboard.actions import opening, resuming
from dashboard.actions.base import ActionError
from dashboard.commands.console import checked_settings, err, fail
from dashboard.commands.embedded import SandboxFailedError, stripe_or_sandbox
from data.sources import DatabaseFailedError, migrate_database


def resume() -> None:
    """Finish changes at Stripe that were begun and have no known end.

    What Stripe did is closed as done; what it may not have done is sent again under its old key, while Stripe
    remembers that; nothing is done twice. Exit code 1: Stripe or the database did not answer.
    """
    checked_settings()
    try:
        with stripe_or_sandbox() as settings:
            migrate_database(settings)
            with opening.gateway(settings) as gateway:
                found = resuming.resume(settings.database_url.get_secret_value(), gateway)
    except (SandboxFailedError, ActionError, DatabaseFailedError) as error:
        fail(str(error))
    counted = Counter(found.values())
    told = ", ".join(f"{number} {state}" for state, number in sorted(counted.items()))
    err.print(told or "Nothing is unfinished")

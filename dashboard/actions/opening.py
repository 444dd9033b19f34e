"""The way to Stripe for as long as an action takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.actions.base import ActionError
from data.config import Settings
from data.gateway import Gateway, GatewayError
from data.sources import open_gateway


@contextmanager
def gateway(settings: Settings) -> Iterator[Gateway]:
    """The way to Stripe. Raises ActionError for what keeps it from answering."""
    if settings.stripe_api_key is None:
        raise ActionError(
            "There is no key for Stripe: set STRIPE_API_KEY, or start the app with its sandbox."
        )
    try:
        with open_gateway(settings) as opened:
            yield opened
    except GatewayError as error:
        raise ActionError(error.sentence) from error

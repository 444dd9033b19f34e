"""A webhook as it comes in: signed, of this kind of account, whole; then it is in the inbox."""

import logging
from typing import Any

import orjson

from data import clock, webhooks
from data.config import Settings
from data.gateway import check_signature
from data.gateway_errors import NotSignedError

LOG = logging.getLogger(__name__)
OLDEST = 300  # seconds: a signature that is older may be somebody's copy


class RefusedWebhookError(Exception):
    """The webhook was not taken; status for the answer, the message is a sentence."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status = status


def receive(settings: Settings, body: bytes, signature: str | None) -> bool:
    """Keep a webhook's event; False when it was known or is not for this account's mode.

    Raises RefusedWebhookError: 404 not set up, 400 not signed or not an event, 503 try again.
    """
    if settings.stripe_webhook_secrets is None:
        raise RefusedWebhookError(404, "Webhooks are not set up here.")
    secrets = [part.strip() for part in settings.stripe_webhook_secrets.get_secret_value().split(",")]
    try:
        check_signature(body, signature, secrets, OLDEST)
    except NotSignedError as error:
        raise RefusedWebhookError(400, str(error)) from None
    event = _event(body)
    if "livemode" in event and bool(event["livemode"]) != settings.is_live:
        return False
    try:
        return webhooks.store(settings.database_url.get_secret_value(), event, clock.now())
    except webhooks.InboxError:
        LOG.exception("A webhook could not be kept")
        raise RefusedWebhookError(503, "The event could not be kept; send it again.") from None


def _event(body: bytes) -> dict[str, Any]:
    """The event in a signed body. Raises RefusedWebhookError when it is none."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedWebhookError(400, "The body is not JSON.") from None
    if not isinstance(event, dict) or not all(
        isinstance(event.get(name), str) and 0 < len(event[name]) < 256 for name in ("id", "type")
    ):
        raise RefusedWebhookError(400, "The body is not an event.")
    return event

"""What a customer will be charged next, by Stripe's own preview; it changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.actions.base import Money
from dashboard.actions.objects import invoice_of
from data.gateway import Gateway


@dataclass(frozen=True)
class Upcoming:
    """The next invoice of a subscription as Stripe would make it at an instant; None: nothing is coming."""

    subscription_id: str
    invoice: Money | None
    asked_at: datetime


def upcoming(gateway: Gateway, subscriptions: Sequence[str]) -> list[Upcoming]:
    """The next invoice of each subscription. Raises GatewayError."""
    return [_of(gateway, each) for each in subscriptions]


def _of(gateway: Gateway, subscription_id: str) -> Upcoming:
    at = gateway.clock.now()
    return Upcoming(subscription_id, invoice_of(gateway, subscription_id, {}, at), gateway.clock.now())

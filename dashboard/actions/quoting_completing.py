"""What follows an acceptance: noted where Stripe tells it, later years planned; tried until it is done."""

import json
import logging
from collections.abc import Iterator

from dashboard.actions import carrying, running
from dashboard.actions.base import ActionError
from dashboard.actions.quoting_ramp import PlanRamp
from data import clock
from data.gateway import Gateway, GatewayError
from data.quotes import offers as quote_offers
from data.quotes import settling as quote_settling
from data.quotes.offers import Offer
from data.writing import NotChangedError

LOG = logging.getLogger(__name__)
SYSTEM = ("system", "system", "The customer has accepted the quote")


def waiting(url: str) -> list[Offer]:
    """Note what customers did at Stripe; what is accepted and lacks something. Raises NotChangedError."""
    quote_settling.settle(url, clock.now())
    return list(quote_offers.incomplete(url))


def complete(url: str, gateway: Gateway, offers: list[Offer]) -> Iterator[tuple[str, str]]:
    """Put in place what accepted quotes still lack; gives those that could not be, and why."""
    for offer in offers:
        try:
            _complete(url, gateway, offer)
        except (ActionError, GatewayError, NotChangedError) as error:
            yield offer.id, str(error)
        except Exception as error:  # of one offer: the others still go on
            LOG.exception("What was accepted was not completed")
            yield offer.id, f"The app failed ({type(error).__name__}): the log has the details."


def _complete(url: str, gateway: Gateway, offer: Offer) -> None:
    if len(offer.wanted["stages"]) == 1 and not offer.wanted["terms"].get("ends"):
        quote_offers.complete(url, offer.id, clock.now())
        return
    command = PlanRamp(str(offer.customer_id), offer.quote_id, offer.id, json.dumps(offer.wanted))
    handler = carrying.handler_of(command)
    obj = handler.read(gateway, command)
    if handler.achieved(command, obj):
        quote_offers.complete(url, offer.id, clock.now())
        return
    if refusal := handler.guard(command, obj):
        raise ActionError(refusal)
    shown = handler.preview(command, obj, gateway, clock.now())
    running.start(url, gateway, command, shown, SYSTEM)

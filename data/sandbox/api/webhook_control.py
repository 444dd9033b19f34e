"""The sandbox's own endpoints about webhooks: what was sent, and what is to go wrong."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from data.sandbox.api.control import json_response, refused, told
from data.sandbox.webhooks.delivery import Deliveries
from data.sandbox.webhooks.faults import webhook_fault_of


class WebhookControl:
    """Answers about one store's deliveries."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    async def sent(self, _request: Request) -> Response:
        """Each attempt in order, with the receiver's status (0: not reached), and how many wait."""
        return json_response({"waiting": self._deliveries.waiting(), "sent": list(self._deliveries.log)})

    async def faults(self, _request: Request) -> Response:
        """The faults that are set, with what is left of their counts."""
        return json_response({"faults": [vars(fault) for fault in self._deliveries.faults]})

    async def add_fault(self, request: Request) -> Response:
        """Let deliveries go wrong; see WebhookFault."""
        try:
            self._deliveries.faults.append(webhook_fault_of(await told(request)))
        except ValueError as error:
            return refused(str(error))
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        """Send as it should be again."""
        self._deliveries.faults.clear()
        return await self.faults(request)


def routes(deliveries: Deliveries) -> list[BaseRoute]:
    """GET deliveries; GET, POST and DELETE their faults."""
    control = WebhookControl(deliveries)
    return [
        Route("/sandbox/webhooks", control.sent, methods=["GET"]),
        Route("/sandbox/webhooks/faults", control.faults, methods=["GET"]),
        Route("/sandbox/webhooks/faults", control.add_fault, methods=["POST"]),
        Route("/sandbox/webhooks/faults", control.clear_faults, methods=["DELETE"]),
    ]

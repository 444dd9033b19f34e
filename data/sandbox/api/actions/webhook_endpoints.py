"""POST and DELETE /v1/webhook_endpoints: addresses on this machine to which events are sent."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from data.sandbox.api.actions.asked import flag, present, required
from data.sandbox.api.calls import Call
from data.sandbox.api.errors import invalid
from data.sandbox.api.parameters import Parameters, listing, only_known
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import working
from data.sandbox.store import Store
from data.sandbox.webhooks.delivery import ENDPOINTS, newest_event

Json = dict[str, Any]
KNOWN = {"url", "enabled_events", "description", "metadata", "expand"}


def create(store: Store, call: Call) -> Json:
    """A new endpoint; its signing secret is told this once."""
    parameters = call.parameters()
    only_known(parameters, {*KNOWN, "api_version", "connect"})
    required(parameters, "url", "enabled_events")
    if flag(parameters, "connect"):
        raise invalid("connect", "The sandbox has no connected accounts.")
    with store.transaction():
        made = new_endpoint(store, parameters["url"], api_version=parameters.get("api_version"))
        made |= _values(parameters, made)
        store.put(ENDPOINTS, made)
        return _told(made, secret=True)


def new_endpoint(store: Store, url: str, secret: str | None = None, api_version: str | None = None) -> Json:
    """An endpoint for all events from now on, kept. Raises StripeError for an address elsewhere."""
    made: Json = {
        "id": store.new_id("we_1"),
        "object": "webhook_endpoint",
        "api_version": api_version,
        "application": None,
        "created": store.now,
        "description": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "secret": secret or store.new_id("whsec_"),
        "since": newest_event(store),
        "status": "enabled",
        "url": _loopback(url),
    }
    store.put(ENDPOINTS, made)
    return made


def forward(store: Store, url: str, secret: str | None = None) -> Json:
    """The endpoint for all events at an address, made where there is none; a secret replaces what it had.

    Raises StripeError for an address on another machine.
    """
    known = next((each for each in store.all(ENDPOINTS) if each["url"] == url), None)
    if known is None:
        return new_endpoint(store, url, secret)
    store.put(ENDPOINTS, known | {"secret": secret or known["secret"], "status": "enabled"})
    return known | {"secret": secret or known["secret"]}


def update(store: Store, call: Call) -> Json:
    """Another address, other events, or none for a while."""
    parameters = call.parameters()
    only_known(parameters, {*KNOWN, "disabled"})
    with working(store) as billing:
        identity = call.path_params["id"]
        endpoint = present(billing, ENDPOINTS, "webhook endpoint", identity, "webhook_endpoint", 404)
        values = _values(parameters, endpoint)
        if (off := flag(parameters, "disabled")) is not None:
            values["status"] = "disabled" if off else "enabled"
            if not off and endpoint["status"] == "disabled":
                values["since"] = newest_event(store)  # what happened meanwhile is not sent, however late
        return _told(billing.change(ENDPOINTS, endpoint, None, **values))


def delete(store: Store, call: Call) -> Json:
    """Send nothing there any more."""
    only_known(call.parameters(), set())
    with working(store) as billing:
        identity = call.path_params["id"]
        endpoint = present(billing, ENDPOINTS, "webhook endpoint", identity, "webhook_endpoint", 404)
        billing.remove(ENDPOINTS, endpoint)
        return {"id": identity, "object": "webhook_endpoint", "deleted": True}


def _values(parameters: Parameters, before: Json) -> Json:
    values: Json = {}
    if "url" in parameters:
        values["url"] = _loopback(parameters["url"])
    if "enabled_events" in parameters:
        values["enabled_events"] = listing("enabled_events", parameters["enabled_events"])
    if "description" in parameters:
        values["description"] = parameters["description"] or None
    if "metadata" in parameters:
        values["metadata"] = new_metadata("metadata", parameters["metadata"], before["metadata"])
    return values


def _loopback(url: Any) -> str:
    parts = urlsplit(str(url))
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if parts.scheme not in ("http", "https") or not here:
        told = "Invalid URL: the sandbox sends events to this machine only (http://127.0.0.1 or localhost)."
        raise invalid("url", told, "url_invalid")
    return str(url)


def _told(endpoint: Json, *, secret: bool = False) -> Json:
    hidden = {"since"} if secret else {"since", "secret"}
    return {name: value for name, value in endpoint.items() if name not in hidden}

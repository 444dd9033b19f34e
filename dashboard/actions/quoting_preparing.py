"""The command that makes what an addition to a running subscription needs at Stripe first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.quoting import SEND
from dashboard.actions.quoting_params import Wanting, coupons_missing, product_id, products_missing
from dashboard.actions.quoting_reading import products, those_there
from data.actions import Step
from data.gateway import Gateway

Json = dict[str, Any]


@dataclass(frozen=True)
class PrepareJoining(Wanting):
    """Make what the addition needs at Stripe: products and coupons; wanted: as for JoinSubscription."""

    customer_id: str
    quote_id: str
    version: int
    seal: str
    wanted: str

    @property
    def subject(self) -> str:
        """The quote, ours."""
        return self.quote_id

    @property
    def subscription_id(self) -> str:
        """What the quote adds to."""
        return str(self.plan["joins"]["subscription"])

    @property
    def marks(self) -> Json:
        """The metadata by which all that the quote makes is known."""
        return {"quote": self.quote_id, "version": str(self.version)}

    @property
    def addition(self) -> str:
        """The same in a phase, whose metadata becomes the subscription's."""
        return f"{self.quote_id}-{self.version}"


def needed(gateway: Gateway, command: PrepareJoining) -> Json:
    """The products by entry and the coupons that are there already. Raises GatewayError."""
    plan = command.plan
    known = those_there(gateway, "/v1/coupons", [each["id"] for each in plan["coupons"]])
    return {"products": products(gateway, plan), "coupons": known}


def _needed_seen(obj: Json) -> Json:
    return {"products": sorted(obj["products"].values()), "coupons": sorted(obj["coupons"])}


def lacking(command: PrepareJoining, obj: Json) -> list[Step]:
    """The steps that make what Stripe lacks; obj: with what needed() found."""
    plan = command.plan
    coupons = coupons_missing(plan, product_ids(command, obj), obj["coupons"])
    return [*products_missing(plan, obj["products"]), *coupons]


def product_ids(command: PrepareJoining, obj: Json) -> dict[str, str]:
    """The product of each entry, also of one that is yet to be made."""
    return {key: obj["products"].get(key) or product_id(key) for key in command.plan["entries"]}


def _prepare_steps(command: PrepareJoining, obj: Json, at: datetime) -> list[Step]:
    return lacking(command, obj)


def missing(gateway: Gateway, command: PrepareJoining) -> bool:
    """Whether Stripe lacks something that it needs. Raises GatewayError."""
    return bool(lacking(command, needed(gateway, command)))


def _preparing(command: PrepareJoining, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    rows = [
        (step.path.rpartition("/")[2].capitalize(), "–", str(step.params.get("name") or step.params["id"]))
        for step in lacking(command, obj)
    ]
    return Preview(tuple(rows), _needed_seen(obj), at, command.plan["currency"])


HANDLERS: dict[type, Handler[Any]] = {
    PrepareJoining: Handler(
        "Prepare addition at Stripe",
        SEND,
        needed,
        _needed_seen,
        lambda command, obj: None if lacking(command, obj) else "Nothing is missing at Stripe.",
        _preparing,
        _prepare_steps,
        lambda command, obj: not lacking(command, obj),
        own=frozenset({"products", "coupons"}),
    ),
}
"""What the command needs and does."""

"""Workspaces of the customers that Stripe knows: plan and seats from their subscriptions."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from data.catalog import DEFAULT_FILE, load
from data.sandbox.company.words import country_of, load_of, segment_of, slug, team_of
from data.sandbox.store import Store

Json = dict[str, Any]
FREE_SEATS = 5
OUTSIDE_CATALOGUE = 0.5
"""The rank of a plan that the catalogue does not know: above Free, below the others."""
LIVE = frozenset(("active", "past_due", "trialing", "unpaid", "paused"))


@dataclass(frozen=True)
class Workspace:
    """A customer of the company as its own application sees it."""

    workspace_id: str
    title: str
    admin_contact: str
    tier: str | None
    seats_purchased: int | None
    success_team: str | None
    size_band: str | None
    country_code: str | None
    opened_at: datetime
    billing_ref: str | None = None
    load: float = 0.0  # share of the seats in use
    last_day: date | None = None  # the last day of use; None: still in use

    def row(self) -> dict[str, Any]:
        """Its row of `workspaces`."""
        names = ("workspace_id", "title", "admin_contact", "success_team", "size_band", "country_code")
        return {name: getattr(self, name) for name in names} | {
            "opened_at": self.opened_at,
            "closed_at": None,
        }

    def billing_row(self) -> dict[str, Any]:
        """Its row of `workspace_billing`."""
        names = ("workspace_id", "tier", "seats_purchased", "billing_ref")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Holding:
    """What a customer holds in Stripe: the highest plan among live subscriptions, and its seats."""

    tier: str = "Free"
    rank: float = 0
    seats: int = 0
    ended_on: date | None = None  # when the last subscription ended


def workspaces_of(store: Store, random: Random) -> list[Workspace]:
    """One workspace for each customer, oldest first."""
    plans = plans_by_product(store)
    subscriptions: dict[str, list[Json]] = defaultdict(list)
    for subscription in store.all("subscriptions"):
        subscriptions[subscription["customer"]].append(subscription)
    customers = [customer for customer in store.all("customers") if not customer.get("deleted")]
    found = [
        _workspace(number, customer, holding(subscriptions[customer["id"]], plans), random)
        for number, customer in enumerate(customers, start=1)
    ]
    return _named_as_stripe_says(found, customers)


def _named_as_stripe_says(found: Sequence[Workspace], customers: Sequence[Json]) -> list[Workspace]:
    """Workspaces under the account ids in their customers' metadata, where no two carry the same."""
    said = [(customer.get("metadata") or {}).get("account_id") for customer in customers]
    times = Counter(said)
    return [
        replace(each, workspace_id=identity) if identity and times[identity] == 1 else each
        for each, identity in zip(found, said, strict=True)
    ]


def plans_by_product(store: Store) -> dict[str, tuple[str, float]]:
    """Plan name and rank of every product that is a plan."""
    catalog = load(DEFAULT_FILE)
    found = {
        obj["id"]: catalog.recognised(obj["id"], obj.get("name"), obj.get("metadata"))
        for obj in store.all("products")
    }
    return {
        identity: (known.name, OUTSIDE_CATALOGUE if known.rank is None else known.rank)
        for identity, known in found.items()
        if known.kind == "plan"
    }


def holding(subscriptions: Sequence[Json], plans: dict[str, tuple[str, float]]) -> Holding:
    """What these subscriptions of one customer amount to."""
    held: list[tuple[float, str, int]] = []
    ended: list[int] = []
    for subscription in subscriptions:
        if subscription["status"] not in LIVE:
            ended.append(subscription.get("ended_at") or subscription["created"])
            continue
        for item in subscription["items"]["data"]:
            plan = plans.get(item["price"]["product"])
            if plan:
                held.append((plan[1], plan[0], _bought(subscription, item)))
    if not held:
        return Holding(ended_on=datetime.fromtimestamp(max(ended), UTC).date() if ended else None)
    rank, tier, _ = max(held)
    return Holding(tier, rank, sum(quantity for _, name, quantity in held if name == tier))


def _bought(subscription: Json, item: Json) -> int:
    """The seats of an item: what the contract says in the subscription's metadata, else the quantity."""
    said = str((subscription.get("metadata") or {}).get("capacity", ""))
    return int(said) if said.isdecimal() else item.get("quantity") or 0


CONTRACT_SEATS = {"Business": (20, 30, 50, 80), "Enterprise": (100, 150, 250, 400, 600)}
"""Seats of plans that are sold as one price rather than by the seat."""


def _workspace(number: int, customer: Json, held: Holding, random: Random) -> Workspace:
    title = customer.get("name") or (customer.get("email") or "").partition("@")[2] or customer["id"]
    segment = segment_of(customer.get("metadata") or {}, held.tier, random)
    country = (customer.get("address") or {}).get("country") or country_of(random)
    return Workspace(
        workspace_id=f"ws_{number:06d}",
        title=title,
        admin_contact=f"workspace-admin@{slug(title) or f'workspace-{number}'}.example",
        tier=held.tier,
        seats_purchased=_seats(held, random),
        success_team=team_of(segment, country, held.rank),
        size_band=segment,
        country_code=country,
        opened_at=datetime.fromtimestamp(customer["created"], UTC),
        billing_ref=customer["id"],
        load=load_of(random),
        last_day=held.ended_on if held.tier == "Free" and random.random() < 0.6 else None,
    )


def _seats(held: Holding, random: Random) -> int:
    if held.rank == 0:
        return FREE_SEATS
    contracts = CONTRACT_SEATS.get(held.tier)
    return random.choice(contracts) if contracts and held.seats <= 1 else max(held.seats, 1)

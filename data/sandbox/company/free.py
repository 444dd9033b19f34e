"""Workspaces that never bought anything: Stripe does not know them."""

from datetime import datetime, timedelta
from random import Random

from data.sandbox.company.words import country_of, segment_of, slug
from data.sandbox.company.workspaces import FREE_SEATS, Workspace

FIRST = (
    *("Amber", "Birch", "Cobalt", "Dune", "Echo", "Fjord", "Glade", "Heron", "Inlet", "Jasper", "Kestrel"),
    *("Lagoon", "Meadow", "Nectar", "Onyx", "Pebble", "Quarry", "Ridge", "Slate", "Tundra", "Willow"),
)
SECOND = (
    *("Analytics", "Bakery", "Cycles", "Dental", "Events", "Foods", "Games", "Housing", "Interiors"),
    *("Journeys", "Kitchens", "Learning", "Mobility", "Optics", "Printing", "Studio", "Textiles", "Works"),
)
DORMANT = 0.45
"""The share of Free workspaces that nobody uses any more."""


def free_workspaces(random: Random, until: datetime, count: int, after: int) -> list[Workspace]:
    """So many Free workspaces, numbered on after those that Stripe knows; more of them are recent."""
    return [_free_workspace(after + number, random, until) for number in range(1, count + 1)]


def _free_workspace(number: int, random: Random, until: datetime) -> Workspace:
    title = f"{random.choice(FIRST)} {random.choice(SECOND)}"
    age = timedelta(days=min(random.expovariate(1 / 200), 900))
    gone = timedelta(days=random.uniform(0, 200)) if random.random() < DORMANT else None
    return Workspace(
        workspace_id=f"ws_{number:06d}",
        title=title,
        admin_contact=f"workspace-admin@{slug(title)}-{number}.example",
        tier="Free",
        seats_purchased=FREE_SEATS,
        success_team=None,
        size_band=segment_of({}, "Free", random),
        country_code=country_of(random),
        opened_at=(until - age).replace(microsecond=0),
        load=random.uniform(0.15, 0.9),
        last_day=None if gone is None else max(until - gone, until - age).date(),
    )

"""Words for what Stripe does not know: segments, countries, teams, and how much is used."""

import re
import unicodedata
from collections.abc import Mapping
from random import Random
from typing import Any

SEGMENTS = {
    "smb": "Small business",
    "mid": "Mid-market",
    "ent": "Enterprise",
    "small": "Small business",
    "mid-market": "Mid-market",
    "enterprise": "Enterprise",
}
SEGMENT_OF_TIER = {
    "Free": ("Small business", "Small business", "Mid-market"),
    "Professional": ("Small business", "Small business", "Mid-market"),
    "Business": ("Small business", "Mid-market", "Mid-market"),
    "Enterprise": ("Mid-market", "Enterprise", "Enterprise"),
}
COUNTRIES = ("US", "US", "US", "US", "GB", "GB", "DE", "DE", "FR", "NL", "CA", "AU", "JP", "SE", "ES", "IE")
AMERICAS = frozenset(("US", "CA", "MX", "BR", "AR", "CL", "CO"))
NORTH = frozenset(("GB", "IE", "SE", "NO", "DK", "FI", "NL", "DE", "BE", "PL", "EE", "CA"))


def segment_of(metadata: Mapping[str, Any], tier: str, random: Random) -> str:
    """The segment that the customer's metadata names, else one that is usual for the plan."""
    named = SEGMENTS.get(str(metadata.get("segment", "")).casefold())
    return named or random.choice(SEGMENT_OF_TIER.get(tier, ("Mid-market",)))


def country_of(random: Random) -> str:
    """A country code, as common as in the business."""
    return random.choice(COUNTRIES)


def team_of(segment: str, country: str | None, rank: float) -> str | None:
    """Who looks after an account: a team; nobody for small accounts on the Free plan."""
    if rank == 0 and segment != "Enterprise":
        return None
    if segment == "Enterprise":
        return f"Enterprise team {'North' if country in NORTH else 'South'}"
    if segment == "Mid-market":
        return f"Mid-market team {'West' if country in AMERICAS else 'East'}"
    return "Customer success desk"


def load_of(random: Random) -> float:
    """The share of seats in use: an eighth over all of them, a fifth below two fifths."""
    kind = random.random()
    if kind < 0.12:
        return random.uniform(1.03, 1.3)
    if kind < 0.32:
        return random.uniform(0.05, 0.35)
    return random.uniform(0.5, 0.97)


def slug(title: str) -> str:
    """A title as a host name's part; empty when nothing of it can be."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")

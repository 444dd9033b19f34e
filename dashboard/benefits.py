"""The catalogue's plans in order, for pages: what each plan gives, and who may serve themselves."""

from data import catalog
from data.config import settings


def ladder() -> list[catalog.Plan]:
    """Every plan, the lowest rank first. Raises data.catalog.CatalogError."""
    return sorted(catalog.current().plan, key=lambda plan: plan.rank)


def plan(name: str | None) -> catalog.Plan | None:
    """The plan of a name or key, in upper or lower case; None when the catalogue has none."""
    wanted = (name or "").casefold()
    return next((each for each in catalog.current().plan if wanted in (each.key, each.name.casefold())), None)


def addon(word: str) -> str:
    """The name of the add-on that a key or name stands for; else the word itself."""
    known = catalog.current().addon
    wanted = word.strip().casefold()
    return next((each.name for each in known if wanted in (each.key.casefold(), *each.all_names())), word)


def self_serve_url() -> str | None:
    """Where customers change plan and card themselves, by the settings."""
    return settings().self_serve_url


def served(found: catalog.Plan | None, manager: str) -> str:
    """Who may change a customer's subscription besides staff, in words."""
    if found is None:
        return "Its plan is not in the catalog, so whether it may serve itself is not known."
    if found.self_serve:
        return "Looks after itself: may change plan and card in the billing portal."
    who = f"its account manager, {manager}" if manager else "an account manager, and none is named"
    return f"Does not serve itself: every change goes through {who}."


def limits(found: catalog.Plan) -> str:
    """What a plan gives at most, in words: "At most 5 seats, 3 workspaces"."""
    return "At most " + ", ".join(f"{most:,} {name.replace('_', ' ')}" for name, most in found.limits.items())

"""The catalogue's plans in order, for pages: what each plan gives, and who may serve themselves."""

from data import catalog


def ladder() -> list[catalog.Plan]:
    """Every plan, the lowest rank first. Raises data.catalog.CatalogError."""
    return sorted(catalog.current().plan, key=lambda plan: plan.rank)


def plan(name: str | None) -> catalog.Plan | None:
    """The plan of a name or key, in upper or lower case; None when the catalogue has none."""
    wanted = (name or "").casefold()
    return next((each for each in catalog.current().plan if wanted in (each.key, each.name.casefold())), None)

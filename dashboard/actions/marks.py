"""A name of a command's own in the metadata of what it makes, so that it can be found again."""

from collections.abc import Iterable
from typing import Any

from data.gateway import Gateway

Json = dict[str, Any]
MARK = "made_by"
MOST = 100


def metadata(mark: str) -> Json:
    """What to send along."""
    return {"metadata": {MARK: mark}} if mark else {}


def found(mark: str, objects: Iterable[Json]) -> bool | None:
    """Whether one of the objects was made by the command; None where it has no name."""
    if not mark:
        return None
    return any((each.get("metadata") or {}).get(MARK) == mark for each in objects)


def everything(gateway: Gateway, path: str, **asked: Any) -> list[Json]:
    """All objects of a list, page by page. Raises GatewayError."""
    objects: list[Json] = []
    params: Json = {**asked, "limit": MOST}
    while True:
        page = gateway.page(path, params)
        objects += page.objects
        if not page.has_more or not page.objects:
            return objects
        params = {**params, "starting_after": page.objects[-1]["id"]}

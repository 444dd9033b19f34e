"""What an uptime promise says of each month: newer terms take over from their first month on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
TERMS = ("tier", "credits", "begins", "fee", "later", "currency", "excluded", "ended")
"""What a promise says; months are "YYYY-MM".

credits: [below, percent] as agreed, without them as the catalogue has them; later: {month: a month's fee from
then on}, where the contract changes it; ended: the last month that it ran in, where somebody ended it.
"""


def renewed(settings: Mapping[str, Any], new: Mapping[str, Any], runs: bool) -> Json:
    """The settings with new terms; those that ran stay among the past ones, since their months are owed."""
    past = [*settings.get("past", ())]
    if settings.get("begins") and (runs or settings.get("ended")):
        past.append({name: settings[name] for name in TERMS if settings.get(name) is not None})
    kept = {name: value for name, value in settings.items() if name not in ("past", "ended", "later")}
    return {**kept, **new, **({"past": past} if past else {})}


def ran(settings: Mapping[str, Any], runs: bool) -> Sequence[Json]:
    """All terms that ever ran or are agreed, each taking over from those before it, with the fee of its time.

    runs: whether the newest run now.
    """
    newest = [dict(settings)] if settings.get("begins") and (runs or settings.get("ended")) else []
    return [part for terms in (*settings.get("past", ()), *newest) for part in _parts(terms)]


def _parts(terms: Json) -> Iterator[Json]:
    """Terms, and the same with each later fee from its month on."""
    yield terms
    for month, fee in sorted((terms.get("later") or {}).items()):
        yield {**terms, "begins": month, "fee": fee}


def first(settings: Mapping[str, Any]) -> str | None:
    """The month from which anything was promised, "YYYY-MM"."""
    begun = [each["begins"] for each in (*settings.get("past", ()), settings) if each.get("begins")]
    return min(begun, default=None)

"""Two people edit a quote: what each changed goes together; where both changed the same neither is lost."""

from dataclasses import dataclass
from typing import Any

from dashboard.quotes.fields import Fields, given


@dataclass(frozen=True)
class Merged:
    """The fields that go together, and by name those that both changed: mine, theirs."""

    fields: dict[str, Any]
    clashes: dict[str, tuple[Any, Any]]


def merge(base: Fields, mine: Fields, theirs: Fields) -> Merged:
    """What became of the same base in two hands; where both changed a field, theirs stands."""
    before, ours, other = given(base), given(mine), given(theirs)
    fields, clashes = {}, {}
    for name in sorted({*before, *ours, *other}):
        was, my, their = before.get(name), ours.get(name), other.get(name)
        fields[name] = my if their == was else their
        if my not in (was, their) and their != was:
            clashes[name] = (my, their)
    return Merged(given(fields), clashes)

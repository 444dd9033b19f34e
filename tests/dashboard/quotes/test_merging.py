"""Two people edit a quote: nothing of either is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashboard.quotes.merging import merge

FIELDS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3))


def test_what_each_changed_goes_together() -> None:
    base = {"a": 1, "b": 1, "c": 1}
    merged = merge(base, {"a": 2, "b": 1}, {"a": 1, "b": 2, "c": 1, "d": 4})
    assert merged.fields == {"a": 2, "b": 2, "d": 4}
    assert merged.clashes == {}


def test_where_both_changed_the_same_theirs_stands_and_mine_is_told() -> None:
    merged = merge({"a": 1}, {"a": 2}, {"a": 3})
    assert merged.fields == {"a": 3}
    assert merged.clashes == {"a": (2, 3)}
    assert merge({"a": 1}, {}, {"a": 3}).clashes == {"a": (None, 3)}


@given(FIELDS, FIELDS, FIELDS)
def test_every_change_is_kept_or_told(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    merged = merge(base, mine, theirs)
    for name in "abcd":
        if mine.get(name) != base.get(name):
            assert merged.fields.get(name) == mine.get(name) or name in merged.clashes
        if theirs.get(name) != base.get(name):
            assert merged.fields.get(name) == theirs.get(name)
    assert merge(base, base, theirs).fields == theirs
    assert merge(base, mine, base).fields == mine

"""Words that people are found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.search.words import folded, is_near, terms, variants


def test_what_a_customer_is_found_by() -> None:
    assert terms("Crème Brûlée GmbH", "Billing@Creme.Example.com") == {
        "creme brulee gmbh", "creme", "brulee", "gmbh",
        "billing@creme.example.com", "billing", "creme.example.com", "example",
    }  # fmt: skip
    assert terms(None, None) == set()


@pytest.mark.parametrize(
    ("typed", "word", "near"),
    [
        ("northwind", "northwind", True),
        ("nortwind", "northwind", True),
        ("northwindd", "northwind", True),
        ("northwint", "northwind", True),
        ("nrothwind", "northwind", True),
        ("norhtwnid", "northwind", False),
        ("north", "northwind", False),
        ("abcd", "efgh", False),
    ],
)
def test_one_slip_is_near(typed: str, word: str, near: bool) -> None:
    assert is_near(typed, word) is near


@given(st.text("abcde", min_size=4, max_size=9), st.integers(0, 8), st.sampled_from("abcdex"), st.data())
def test_a_word_with_one_slip_meets_it(word: str, place: int, letter: str, data: st.DataObject) -> None:
    at = place % len(word)
    slips = [word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
    if len(word) > 4:
        slips.append(word[:at] + word[at + 1 :])
    typed = data.draw(st.sampled_from(slips))
    assert is_near(typed, word)
    assert set(variants(typed)) & set(variants(word))


@given(st.text(max_size=200))
def test_folding_never_fails_and_is_stable(text: str) -> None:
    assert folded(folded(text)) == folded(text)

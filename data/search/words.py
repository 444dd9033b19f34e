"""Texts as the words they are found by."""

import re
import unicodedata
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+")
LONG = 60
"""Letters of a word, or of a whole name or address, that are looked at."""
FORGIVEN = 4
"""Words of so many letters may have one of them wrong, missing, or too many."""


def folded(text: str | None) -> str:
    """A text without upper case, accents and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text or "")
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.casefold().replace("\0", " ").split())[:LONG]


def words(text: str | None) -> list[str]:
    """The words of a text, folded, in order."""
    return WORD.findall(folded(text))


def terms(name: str | None, email: str | None) -> set[str]:
    """Everything that a customer or account is found by."""
    address = folded(email)
    domain = address.partition("@")[2]
    whole = {folded(name), address, domain} - {""}
    return whole | {*words(name)} | {*WORD.findall(domain)[:-1]} | {*words(address.partition("@")[0])}


def variants(word: str) -> Iterator[str]:
    """The word itself and the word with each of its letters left out; nothing for short ones."""
    if len(word) >= FORGIVEN and WORD.fullmatch(word):
        yield word
        yield from {word[:place] + word[place + 1 :] for place in range(len(word))}


def is_near(typed: str, word: str) -> bool:
    """Whether two words differ by one letter wrong, missing, too many, or by two neighbours exchanged."""
    if abs(len(typed) - len(word)) > 1:
        return False
    same = next((i for i, pair in enumerate(zip(typed, word, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return True
    rest, other = typed[same:], word[same:]
    exchanged = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return exchanged or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]

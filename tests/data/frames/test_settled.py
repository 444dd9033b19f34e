"""Run rate before and after due dates, compared with a plain reading of the same rules."""

import numpy as np
import pytest

from data.frames.settled import NEVER, Due, Held, Ints, joined, own, with_successors

NAMES = ["prod_a", "prod_b", "prod_c"]


def business(seed: int) -> tuple[Due, Held]:
    """Due dates of 12 subscriptions of four customers, and what these held."""
    chance = np.random.default_rng(seed)
    holder = chance.integers(0, 12, 60)
    begun = chance.integers(0, 100, 60)
    ended = np.where(chance.random(60) < 0.3, NEVER, begun + chance.integers(1, 60, 60))
    product, arr = chance.integers(-1, 3, 60), chance.integers(1, 500, 60)
    held = Held(holder % 4, holder, product, arr, begun, ended)
    whose, first = chance.integers(0, 13, 40), np.sort(chance.integers(0, 100, 40))
    return Due(whose % 4, whose, first, first + chance.integers(1, 40, 40)), held


def slowly(due: Due, held: Held) -> tuple[list[int], list[int], list[str | None]]:
    """Before, after (with successors) and products of each due date, one by one."""
    before, after, products, left = [], [], [], dict[tuple[int, int], int]()
    for group, holder, first, seen in _rows(due):
        mine = [row for row in _rows(held) if row[0] == group]
        then = [row for row in mine if row[4] <= first < row[5]]
        later = [row for row in mine if row[4] <= seen < row[5]]
        before.append(sum(row[3] for row in then if row[1] == holder))
        after.append(sum(row[3] for row in later if row[1] == holder))
        names = dict.fromkeys(NAMES[row[2]] for row in then if row[1] == holder and row[2] >= 0)
        products.append("|".join(names) or None)
        for row in later if before[-1] else ():
            if row[1] == holder or row[1] in {each[1] for each in then}:
                continue
            there = left.get((row[1], row[4]), row[3])
            taken = max(0, min(before[-1] - after[-1], there))
            left[row[1], row[4]] = there - taken
            after[-1] += taken
    return before, after, products


def _rows(columns: Due | Held) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in vars(columns).values()), strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_all_at_once_gives_what_one_by_one_gives(seed: int) -> None:
    due, held = business(seed)
    before, after, found = own(due, held)
    texts = joined(found, NAMES, len(before)).astype("object")
    products = texts.where(texts.notna(), None).tolist()
    assert (before.tolist(), _settled(due, held, before, after), products) == slowly(due, held)


def _settled(due: Due, held: Held, before: Ints, after: Ints) -> list[int]:
    settled: list[int] = with_successors(due, held, before, after).tolist()
    return settled


def test_nothing_was_held() -> None:
    due, held = business(1)
    before, after, found = own(due, held.take(held.arr < 0))
    assert before.sum() == after.sum() == len(found[0]) == 0
    assert with_successors(due, held.take(held.arr < 0), before, after).tolist() == after.tolist()

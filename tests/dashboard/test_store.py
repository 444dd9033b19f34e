"""What is kept: by data version, so many at most, and built once."""

import gc
from threading import Barrier, Thread

import pandas as pd
import pytest

from dashboard import store
from dashboard.store import MOST_FORMS, Store, finished, once


def total(frame: pd.DataFrame, by: int, *, among: list[str]) -> pd.DataFrame:
    """A pure function of a frame."""
    return frame[among] * by


def test_a_value_is_built_once_for_a_version_and_a_key() -> None:
    kept, built = Store(9), []
    for version, key in [(1, "a"), (1, "a"), (1, "b"), (2, "a"), (1, "a")]:
        kept.get("url", version, key, lambda: built.append(1))
    kept.get("elsewhere", 1, "a", lambda: built.append(1))
    assert len(built) == 4


def test_the_longest_unused_goes_first() -> None:
    kept = Store(2)
    for key in "abac":
        kept.get("url", 1, key, lambda key=key: key)  # type: ignore[misc]
    assert kept.get("url", 1, "a", lambda: "anew") == "a"
    assert kept.get("url", 1, "b", lambda: "anew") == "anew"


def test_old_versions_are_dropped_and_the_one_before_the_newest_is_not() -> None:
    kept = Store(9)
    for version in (1, 2, 3):
        kept.get("url", version, "a", lambda version=version: version)  # type: ignore[misc]
    assert len(kept) == 2
    assert [kept.get("url", version, "a", lambda: 0) for version in (1, 2, 3)] == [0, 2, 3]


def test_what_fails_is_tried_again() -> None:
    kept = Store(9)
    with pytest.raises(ZeroDivisionError):
        kept.get("url", 1, "a", lambda: 1 // 0)
    assert kept.get("url", 1, "a", lambda: 7) == 7


def test_who_asks_at_the_same_time_waits_for_the_same_value() -> None:
    kept, built, at_once = Store(9), [], Barrier(8)

    def ask() -> None:
        at_once.wait()
        kept.get("url", 1, "a", lambda: built.append(sum(range(10**5))))

    threads = [Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(built) == 1


def test_the_same_frame_is_worked_out_once_and_an_equal_one_anew() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    first = once(total, frame, 2, among=["a"])
    assert once(total, frame, 2, among=["a"]) is first
    assert once(total, frame, 3, among=["a"])["a"].tolist() == [3, 6]
    assert once(total, frame.copy(), 2, among=["a"]) is not first


def test_what_was_made_of_a_frame_goes_with_it_and_has_an_end() -> None:
    frame = pd.DataFrame({"a": [1]})
    number = id(frame)
    for by in range(MOST_FORMS + 5):
        once(total, frame, by, among=["a"])
    assert finished(frame, "told", lambda: 1) == finished(frame, "told", lambda: 2)
    assert len(store._FINISHED[number][1]) == MOST_FORMS
    del frame
    gc.collect()
    assert number not in store._FINISHED

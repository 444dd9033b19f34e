"""Tasks go in, batches of results come out, and nothing hangs when something breaks."""

import threading
import time
from itertools import chain
from typing import Any

import pytest

from data.sync.pipeline import Pipeline


def squares(workers: int, tasks: list[int], **options: Any) -> list[list[int]]:
    pipeline: Pipeline[int, int] = Pipeline(lambda task: pipeline.put(task * task), workers, **options)
    return list(pipeline.batches(tasks, most=3))


@pytest.mark.parametrize("workers", [1, 4, 50])
def test_every_task_is_done_once(workers: int) -> None:
    batches = squares(workers, list(range(100)), room=2)
    assert sorted(chain(*batches)) == [number * number for number in range(100)]
    assert max(map(len, batches)) <= 3


def test_nothing_to_do_is_done_at_once() -> None:
    assert squares(3, []) == []


def test_a_task_may_add_others_when_hands_are_free() -> None:
    def work(task: int) -> None:
        if task > 1 and pipeline.has_spare_hands:
            pipeline.add(task - 1)
        pipeline.put(task)

    pipeline: Pipeline[int, int] = Pipeline(work, 2)
    assert sorted(chain(*pipeline.batches([5]))) == [1, 2, 3, 4, 5]


def test_what_breaks_a_worker_comes_out_after_what_was_ready() -> None:
    def work(task: int) -> None:
        if task == 3:
            raise RuntimeError("three")
        pipeline.put(task)

    pipeline: Pipeline[int, int] = Pipeline(work, 1)
    seen: list[int] = []
    with pytest.raises(RuntimeError, match="three"):
        seen.extend(number for batch in pipeline.batches([1, 2, 3, 4]) for number in batch)
    assert seen == [1, 2]


def test_a_writer_that_breaks_ends_the_readers() -> None:
    before = threading.active_count()
    pipeline: Pipeline[int, int] = Pipeline(lambda task: pipeline.put(task), 4, room=1)
    batches = pipeline.batches(range(1000))
    next(batches)
    batches.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before

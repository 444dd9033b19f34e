"""Several threads that read, one that writes: tasks go in, batches of results come out."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
PATIENCE = 5.0  # seconds that workers get to end; one may wait for an answer that nobody will take


class Stopped(Exception):  # noqa: N818
    """The pipeline is being taken down; a worker that sees this has nothing more to do."""


class Pipeline(Generic[Task, Result]):
    """Runs `work(task)` in threads; work hands on results with `put` and may `add` further tasks.

    Results keep the order in which one thread put them. An exception in work ends the pipeline: it comes
    out of `batches` after everything that was put before it.
    """

    def __init__(self, work: Callable[[Task], None], workers: int, *, room: int = 24) -> None:
        self._work = work
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._results: queue.Queue[Result | BaseException | None] = queue.Queue(room)
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(workers)]
        self._lock = threading.Lock()
        self._open = 0
        self._stopping = threading.Event()

    def add(self, task: Task) -> None:
        """One more task."""
        with self._lock:
            self._open += 1
        self._tasks.put(task)

    @property
    def has_spare_hands(self) -> bool:
        """Whether a further task would be taken up at once."""
        return self._open < len(self._threads)

    def put(self, result: Result) -> None:
        """Hand on a result; waits while the writer is behind. Raises Stopped."""
        self._offer(result)

    def _offer(self, item: Result | BaseException | None) -> None:
        while not self._stopping.is_set():
            try:
                return self._results.put(item, timeout=0.1)
            except queue.Full:
                continue
        raise Stopped

    def batches(self, tasks: Iterable[Task], *, most: int = 8) -> Iterator[list[Result]]:
        """Do the tasks; what is ready is given together, up to so many results. Raises what work raised."""
        for task in tasks:
            self.add(task)
        if not self._open:
            return
        for thread in self._threads:
            thread.start()
        try:
            ended = False
            while not ended:
                batch, ended, error = self._take(most)
                if batch:
                    yield batch
                if error:
                    raise error
        finally:
            self._stop()

    def _take(self, most: int) -> tuple[list[Result], bool, BaseException | None]:
        batch: list[Result] = []
        item = self._results.get()
        while True:
            if item is None or isinstance(item, BaseException):
                return batch, item is None, item
            batch.append(item)
            if len(batch) == most:
                return batch, False, None
            try:
                item = self._results.get_nowait()
            except queue.Empty:
                return batch, False, None

    def _stop(self) -> None:
        self._stopping.set()
        for _ in self._threads:
            self._tasks.put(None)
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None and not self._stopping.is_set():
            try:
                self._work(task)
                with self._lock:
                    self._open -= 1
                    finished = self._open == 0
                if finished:
                    self._offer(None)
            except Stopped:
                return
            except BaseException as error:  # the consumer raises it
                self._report(error)
                return

    def _report(self, error: BaseException) -> None:
        try:
            self._offer(error)
        except Stopped:
            return

"""What was made once and is shown again: values by key, and the finished form of an object."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Any, TypeVar
from weakref import ref

import pandas as pd

T = TypeVar("T")
KEPT_VERSIONS = 2
"""Runs of a page that began before the newest version was there still find their own."""


class Store:
    """Values by name of the data, its version and a key; at most so many, the longest unused go first.

    A value is built once, also when several threads ask at the same time. Values are shared and not copied,
    so nobody changes them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[tuple[str, int, Hashable], Any] = OrderedDict()
        self._builders: dict[tuple[str, int, Hashable], RLock] = {}
        self._newest: dict[str, int] = {}
        self._lock = Lock()

    def get(self, source: str, version: int, key: Hashable, build: Callable[[], Any]) -> Any:
        """The value of a key, built where it is not there yet. What the building raises is not kept."""
        whole = (source, version, key)
        with self._lock:
            if whole in self._values:
                self._values.move_to_end(whole)
                return self._values[whole]
            builder = self._builders.setdefault(whole, RLock())
        with builder:
            if whole in self._values:
                return self._values[whole]
            try:
                value = build()
                self._put(whole, value)
            finally:
                self._builders.pop(whole, None)
        return value

    def _put(self, whole: tuple[str, int, Hashable], value: Any) -> None:
        source, version, _ = whole
        with self._lock:
            self._values[whole] = value
            if version > self._newest.get(source, 0):
                self._newest[source] = version
                self._forget(source, version - KEPT_VERSIONS)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def _forget(self, source: str, last: int) -> None:
        """Drop what was made of versions up to one."""
        for old in [each for each in self._values if each[0] == source and each[1] <= last]:
            del self._values[old]

    def __len__(self) -> int:
        return len(self._values)


_FINISHED: dict[int, tuple[Any, OrderedDict[Hashable, Any]]] = {}
MOST_FORMS = 64  # that are kept of one object


def finished(source: object, key: Hashable, make: Callable[[], T]) -> T:
    """What an object is made into, kept for as long as the object itself.

    By identity: the same frame or figure, which a Store gives in each run, is put in words once. An object
    that is made anew in each run gains nothing here, and costs little.
    """
    number = id(source)
    entry = _FINISHED.get(number)
    if entry is None or entry[0]() is not source:
        forget = _FINISHED.pop  # at hand when the interpreter ends, too
        entry = (ref(source, lambda _: forget(number, None)), OrderedDict())
        _FINISHED[number] = entry
    made = entry[1]
    if key not in made:
        made[key] = make()
        while len(made) > MOST_FORMS:
            made.popitem(last=False)
    found: T = made[key]
    return found


def once(function: Callable[..., T], *given: Any, **named: Any) -> T:
    """What a pure function makes of frames: worked out once for the same frames and equal other arguments.

    Frames, and whatever else has no hash, are the same by identity: nothing is shown that was made of others.
    The result lives as long as the first frame, is shared, and is never changed. The function is one of a
    module: those of a page's script are others in each run.
    """
    every = (*given, *named.values())
    first = next((each for each in every if isinstance(each, pd.DataFrame)), None)
    if first is None:
        return function(*given, **named)
    key = (function, tuple(named), *map(_mark, every))
    others = [each for each in every if each is not first]  # kept too, so that their marks stay theirs
    return finished(first, key, lambda: (function(*given, **named), others))[0]


def _mark(value: Any) -> Hashable:
    """What tells an argument from another."""
    if isinstance(value, list | tuple):
        return tuple(map(_mark, value))
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value

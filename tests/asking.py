"""Async questions from tests: in a thread of their own, since a browser's loop may be running in this one."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


def asked(ask: Callable[[], Awaitable[T]]) -> T:
    """What the question comes to."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, ask).result()

"""Python's cycle collector, while pages stream through."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (200_000, 20, 20)  # net new objects before a collection, instead of some hundreds


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect cycles rarely: decoded JSON has none, and the search takes most of the decoding's time."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)

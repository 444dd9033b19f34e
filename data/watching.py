"""What is done again and again beside the pages, until told to stop."""

import logging
import threading
from collections.abc import Callable

from data.writing import NotChangedError


def again(
    stop: threading.Event, seconds: float, look: Callable[[], object], log: logging.Logger, left: str
) -> None:
    """Look every so many seconds; a failure is logged, with what is left undone by it, and tried again."""
    while not stop.wait(seconds):
        try:
            look()
        except NotChangedError as error:
            log.warning("%s: %s", left, error)
        except Exception:
            log.exception(left)

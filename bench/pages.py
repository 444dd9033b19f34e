"""How long each page's script takes beside the same elements drawn from constants.

SUBSCRIPTIONS=1000000 make bench ARGS=pages measures another size than 10,000; BENCH_DATABASE=URL asks a
database that `python -m bench._business URL N` has filled, PAGES=churn,growth only those pages. A business
that is made for this has quotes too, of which the page of one shows a draft. The script is
run by Streamlit's ScriptRunner in a process without a browser or a websocket, with all that a server keeps.
First: nothing is kept yet. Warm: the median of the runs after it, for page and constants by turns.
Milliseconds are of work of the script's thread, in brackets on the clock.
"""

import gc
import logging
import os
import pkgutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st

import dashboard
from bench import _page_elements as elements
from bench._business import business
from bench._page_runs import Session, Spent, frames_timed, process
from bench._quotes import quoted
from dashboard.navigation import ENTRIES
from data import config
from data.database import open_engine

TIMES = 15
QUOTES = 60
GOAL = 1.5
NOTED = 5  # milliseconds of a frame that is named
APP = str(Path(dashboard.__file__).parent / "app.py")
QUERY = {"customer": "id=cus_00000001"}
REDRAW = "from bench import pages\npages.constants()\n"
SHOWN: list[elements.Call] = []
"""What the page of constants draws."""


def constants() -> None:
    """The script of the page of constants."""
    elements.redraw(SHOWN)


def loaded() -> None:
    """Import what a server imports once, and draw a page, so that no first draw pays for it."""
    for module in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        if module.name not in ("dashboard.app", "dashboard.__main__"):
            import_module(module.name)
    Session(APP, ENTRIES[0].file).draw()


def forget() -> None:
    """As a server that was just started, or has just seen a new data version."""
    st.cache_data.clear()
    st.cache_resource.clear()


def first(page: str) -> tuple[Spent, str]:
    """The first draw, and what of it frames took that take long."""
    forget()
    gc.collect()
    gc.freeze()
    with frames_timed() as frames:
        spent = Session(APP, page, QUERY.get(page, "")).draw()
    slow = sorted((name for name in frames if frames[name] >= NOTED), key=lambda name: -frames[name])
    return spent, ", ".join(f"{name} {frames[name]:,.0f}" for name in slow)


def warm(page: str, script: str) -> tuple[list[Spent], int]:
    """Medians of the page, of constants with figures built anew and with figures at hand; its elements."""
    ours, theirs = (Session(each, page, QUERY.get(page, "")) for each in (APP, script))
    ours.draw()
    with elements.recorded() as calls:
        ours.draw()
    built = [call.with_numbers() for call in calls]
    runs = []
    for _ in range(TIMES + 1):
        turn = [ours.draw()]
        for SHOWN[:] in (built, calls):
            turn.append(theirs.draw())
        runs.append(turn)
    return [median(times) for times in zip(*runs[1:], strict=True)], len(calls)


def median(times: Sequence[Spent]) -> Spent:
    """The median of each."""
    return Spent(*(statistics.median(kind) for kind in zip(*times, strict=True)))


class Failures(logging.Handler):
    """What the app logs, in place of the error's output for each of many runs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


def told(page: str, script: str) -> str:
    """A page's line; a page that fails ends the benchmark."""
    logging.getLogger("dashboard").handlers[:] = [failures := Failures()]
    cold, slow = first(page)
    if failures.seen:
        sys.exit("\n".join(failures.seen))
    (ours, built, at_hand), count = warm(page, script)
    ratio = ours.work / built.work
    return (
        f"  {page:15} first {cold.work:7,.0f}   warm {ours.work:6.1f} ({ours.clock:6.1f})"
        f"   constants {built.work:6.1f}, {ratio:.2f}{' ' if ratio < GOAL else '!'}"
        f"   figures at hand {at_hand.work:6.1f}, {ours.work / at_hand.work:.2f}"
        f"   {count:3} elements   {f'slow: {slow}' if slow else ''}"
    )


@contextmanager
def filled() -> Iterator[str]:
    """The URL of BENCH_DATABASE, which is only read, or of a business made for this."""
    if url := os.environ.get("BENCH_DATABASE"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        engine = open_engine(url := f"sqlite:///{folder}/bench.db")
        business(engine, int(os.environ.get("SUBSCRIPTIONS", "10000")))
        engine.dispose()
        QUERY["quote"] = f"id={quoted(url, QUOTES)}"
        yield url


def counted(url: str) -> int:
    """Subscriptions in a database."""
    engine = open_engine(url, read_only=True)
    with engine.connect() as connection:
        count = connection.exec_driver_sql("select count(*) from subscription").scalar_one()
    engine.dispose()
    return int(count)


def main() -> None:
    """Print a line for each page, or for those of PAGES."""
    wanted = os.environ.get("PAGES", "").split(",")
    with filled() as url, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["DATABASE_URL"] = url
        config.use(None)
        script = Path(folder) / "constants.py"
        script.write_text(REDRAW)
        process(APP)
        loaded()
        goal = f"milliseconds, goal under {GOAL} times constants"
        print(f"pages: {counted(url):,} subscriptions; {goal}")  # noqa: T201
        for entry in (each for each in ENTRIES if wanted == [""] or each.file in wanted):
            print(told(entry.file, str(script)), flush=True)  # noqa: T201
        forget()

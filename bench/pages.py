"""How long each page's script takes beside the same elements drawn from constants.

SUBSCRIPTIONS=1000000 make bench ARGS=pages measures another size than 10,000. The script is run by
Streamlit's ScriptRunner in a process without a browser or a websocket, with all that a server would keep.
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
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import streamlit as st
from sqlalchemy import Engine, insert

import dashboard
from bench import _page_elements as elements
from bench._ledger_data import NOW, fill, made
from bench._page_runs import Session, Spent, frames_timed, process
from dashboard.navigation import ENTRIES
from data import config, ledger, search
from data.database import open_engine
from data.tables import metadata, operations

TIMES = 15
GOAL = 1.5
NOTED = 5  # milliseconds of a frame that is named
APP = str(Path(dashboard.__file__).parent / "app.py")
QUERY = {"customer": "id=cus_00000001"}
REDRAW = "from bench import pages\npages.constants()\n"
SHOWN: list[elements.Call] = []
"""What the page of constants draws."""

LIVELIER = (
    """insert into product (id, name, active, observed_at)
    select distinct product_id, 'Plan ' || product_id, 1, '2026-11-22 00:00:00.000000' from price""",
    "update customer set name = 'Company ' || substr(id, 5), email = id || '@company.test',"
    " created_at = '2024-01-01 00:00:00.000000'",
    # Whoever pays by the month renews within 30 days, the others within a year.
    """update subscription_item set current_period_start = '2026-11-01 00:00:00.000000',
    current_period_end = strftime('%Y-%m-%d %H:%M:%S.000000', '2026-11-22', '+' || (1 + rowid %
    case when price_id like '%month%' then 30 else 365 end) || ' days')""",
    """update subscription set cancel_at_period_end = 1, canceled_at = '2026-11-10 00:00:00.000000',
    cancellation_feedback = 'too_expensive' where ended_at is null and rowid % 100 = 3""",
    """update invoice set number = upper(id), total = amount_due, amount_paid = amount_due,
    amount_remaining = 0, falls_due_at = finalized_at, closed_at = paid_at""",
    """update invoice set status = 'open', amount_paid = 0, amount_remaining = amount_due, paid_at = null,
    closed_at = null where rowid % 97 = 0""",
)
"""What the ledger's business has no need of: products, names, renewals, notices and what is owed."""


def business(engine: Engine, subscriptions: int) -> None:
    """Fill an empty SQLite database as a sync leaves it."""
    metadata.create_all(engine)
    fill(made(subscriptions), engine)
    with engine.begin() as connection:
        for statement in LIVELIER:
            connection.exec_driver_sql(statement)
        ledger.refresh(connection, None, NOW)
        search.refresh_customers(connection, None)
        version = {"committed_at": NOW, "data_at": NOW, "reason": "bench"}
        connection.execute(insert(operations.data_version).values(version))
        connection.exec_driver_sql("analyze")


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


def main() -> None:
    """Print a line for each page."""
    subscriptions = int(os.environ.get("SUBSCRIPTIONS", "10000"))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{folder}/bench.db"
        engine = open_engine(url)
        business(engine, subscriptions)
        engine.dispose()
        os.environ["DATABASE_URL"] = url
        config.use(None)
        script = Path(folder) / "constants.py"
        script.write_text(REDRAW)
        process(APP)
        loaded()
        print(f"pages: {subscriptions:,} subscriptions; milliseconds, goal under {GOAL} times constants")  # noqa: T201
        for entry in ENTRIES:
            print(told(entry.file, str(script)), flush=True)  # noqa: T201
        forget()

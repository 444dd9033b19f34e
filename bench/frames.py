"""How long each frame takes that a page needs first, once for every data version.

SUBSCRIPTIONS=1000000 make bench ARGS=frames measures another size than 10,000 on SQLite; BENCH_DATABASE=URL
asks a database that bench._business has filled. FRAMES=renewals,owed asks only those. Milliseconds are of
this process's own work (a database server's are not among it), in brackets on the clock.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Engine, func, select

from bench._business import business
from bench._ledger_data import NOW
from data import frames
from data.clock import month_of, month_start, months_between
from data.database import open_engine
from data.tables.mirror import subscription

YEAR = timedelta(days=365)
CURRENT = month_of(NOW)
MONTHS = tuple(months_between(month_of(NOW - YEAR), CURRENT))
BOUNDS = (60_000, 600_000, 6_000_000)
GOAL = 300  # milliseconds at 100,000 subscriptions
Question = Callable[[Engine], object]

QUESTIONS: dict[str, Question] = {
    "renewals_by_day": lambda engine: frames.renewals_by_day(engine, NOW, NOW + YEAR),
    "renewals_under_contract": lambda engine: frames.renewals_under_contract(engine, NOW, NOW + YEAR),
    "renewals_of_periods": lambda engine: frames.renewals_of_periods(engine, NOW, NOW, NOW + YEAR),
    "renewals_noted": lambda engine: frames.renewals_noted(engine, NOW, NOW + YEAR),
    "outcomes_by_month": lambda engine: frames.outcomes_by_month(engine, NOW - YEAR, NOW, NOW),
    "outcomes": lambda engine: frames.outcomes(engine, NOW - YEAR, NOW, NOW),
    "renewal_notes": frames.renewal_notes,
    "owed": lambda engine: frames.owed(engine, NOW),
    "owed_by_customer": lambda engine: frames.owed_by_customer(engine, month_start(CURRENT)),
    "owed 90 days ago": lambda engine: frames.owed(engine, NOW - timedelta(days=90)),
    "owed_over_time": lambda engine: frames.owed_over_time(
        engine, [month_start(each) for each in MONTHS[1:]]
    ),
    "owed_invoices": lambda engine: frames.owed_invoices(engine, NOW),
    "invoiced_customers": lambda engine: frames.invoiced_customers(engine, NOW),
    "invoiced": lambda engine: frames.invoiced(engine, NOW),
    "failing_payments": frames.failing_payments,
    "payment_recovery": lambda engine: frames.payment_recovery(engine, NOW - YEAR),
    "service_ahead": lambda engine: frames.service_ahead(engine, NOW),
    "service_lines": lambda engine: frames.service_lines(engine, NOW),
    "findings": lambda engine: frames.findings(engine, NOW),
    "findings_kept": lambda engine: frames.findings_kept(engine, NOW),
    "findings_closed": lambda engine: frames.findings_closed(engine, NOW - timedelta(days=90)),
    "invoice_page": lambda engine: frames.invoice_page(engine, NOW, limit=51),
    "data_status": frames.data_status,
    "audiences": frames.audiences,
    "audience_sizes": lambda engine: frames.audience_sizes(engine, CURRENT),
    "month_end": frames.month_end,
    "month_end_subscribers": frames.month_end_subscribers,
    "movements": frames.movements,
    "movement_customers": frames.movement_customers,
    "transitions": frames.transitions,
    "retention": lambda engine: frames.retention(engine, CURRENT),
    "cohort_month_end": frames.cohort_month_end,
    "cohort_subscribers": frames.cohort_subscribers,
    "lifetimes": lambda engine: frames.lifetimes(engine, NOW),
    "departures": lambda engine: frames.departures(engine, MONTHS, bounds=BOUNDS),
    "departed": lambda engine: frames.departed(engine, MONTHS, limit=200),
    "scheduled_churn": lambda engine: frames.scheduled_churn(engine, NOW),
    "decided": lambda engine: frames.decided(engine, MONTHS),
    "saves": lambda engine: frames.saves(engine, NOW, MONTHS),
    "failed_payments": lambda engine: frames.failed_payments(engine, MONTHS),
    "subscribers_by_size": lambda engine: frames.subscribers_by_size(engine, CURRENT),
    "largest_movements": lambda engine: frames.largest_movements(engine, CURRENT),
    "flows": lambda engine: frames.flows(engine, MONTHS[0], MONTHS[-1]),
    "moved_since": lambda engine: frames.moved_since(engine, NOW - timedelta(days=7), NOW),
    "moved_since_totals": lambda engine: frames.moved_since_totals(engine, NOW - timedelta(days=7), NOW),
    "trials_since": lambda engine: frames.trials_since(engine, NOW - timedelta(days=7), NOW),
    "discounts_in_force": lambda engine: frames.discounts_in_force(engine, NOW),
    "accounts": frames.accounts,
    "conversions": frames.conversions,
    "unknown_history": frames.unknown_history,
    "ever_subscribed": lambda engine: frames.ever_subscribed(engine, NOW),
    "not_shown": frames.not_shown,
    "evidence_changes": lambda engine: frames.evidence_changes(engine, NOW),
    "paused_collection": lambda engine: frames.paused_collection(engine, NOW),
    "event_gaps": frames.event_gaps,
    "application_extent": frames.application_extent,
    "bridge_parts": lambda engine: frames.bridge_parts(engine, CURRENT, NOW),
    "customers_of_month": lambda engine: frames.customers_of_month(engine, CURRENT),
}
"""Each frame as its page asks for it."""


@contextmanager
def filled() -> Iterator[Engine]:
    """The database of BENCH_DATABASE, or one made for this."""
    if url := os.environ.get("BENCH_DATABASE"):
        engine = open_engine(url, read_only=True)
        yield engine
        engine.dispose()
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        business(engine, int(os.environ.get("SUBSCRIPTIONS", "10000")))
        yield engine
        engine.dispose()


def spent(question: Question, engine: Engine) -> tuple[float, float, int]:
    """Milliseconds of work and on the clock, and the rows of the answer."""
    clock, work = time.perf_counter(), time.process_time()
    answer = question(engine)
    took = (time.process_time() - work) * 1000, (time.perf_counter() - clock) * 1000
    return *took, len(answer) if hasattr(answer, "__len__") else 1


def main() -> None:
    """Print a line for each frame: the better of two askings, and how many rows came."""
    names = os.environ.get("FRAMES", "").split(",")
    asked = {name: each for name, each in QUESTIONS.items() if names == [""] or name in names}
    with filled() as engine:
        with engine.connect() as connection:
            count = connection.scalar(select(func.count()).select_from(subscription))
        print(f"frames: {count:,} subscriptions; milliseconds, the better of two")  # noqa: T201
        for name, question in asked.items():
            work, clock, rows = min(spent(question, engine) for _ in range(2))
            mark = "!" if work > GOAL else " "
            print(f"  {name:22} {work:9,.0f}{mark} ({clock:9,.0f})   {rows:9,} rows", flush=True)  # noqa: T201

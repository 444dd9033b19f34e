"""The app running on a small business, page by page."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from data import config
from tests.pages.business import fill

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def business(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of the small business's database; tests only read it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('business') / 'dashboard.db'}"
    fill(url)
    return url


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """No settings, frames or engines of another test."""
    yield
    config.use(None)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(scope="session", autouse=True)
def _components() -> Iterator[None]:
    """Streamlit reads the metadata of all installed packages for each AppTest: the same each time."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


App = Callable[..., AppTest]


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch, business: str) -> App:
    """Open a page of the app, by default on the small business, as an address with parameters would."""

    def open_page(
        page: str = "", url: str = business, role: str | None = None, **parameters: object
    ) -> AppTest:
        monkeypatch.setenv("DATABASE_URL", url)
        config.use(None)
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=30)
        if role:
            app.session_state["_role"] = role
        app.query_params.update(parameters)
        app.run()
        return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run() if page else app

    return open_page


def said(app: AppTest) -> str:
    """All that a person can read on the page outside tables and charts."""
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.metric]
    return "\n".join(f"{getattr(part, 'label', '')} {part.value}" for part in parts).replace("\\", "")

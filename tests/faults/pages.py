"""Every page of the app, drawn on a database that something happened to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dashboard import navigation
from data import config
from data.config import PROJECT
from tests.faults.world import FULL
from tests.pages.conftest import said

FEW = ("overview", "customers", "data_health")
"""Those that the short form draws."""
scan = cache(manifest_scanner.scan_component_manifests)


def drawn(url: str) -> dict[str, str]:
    """What each page says. Fails for a page with an exception, or with a traceback in its words."""
    names = [entry.file for entry in navigation.ENTRIES] if FULL else FEW
    with _on(url):
        return {name: _page(name) for name in names}


def whole(url: str) -> bool:
    """Whether every page is drawn and says how old its data is; names those that do not."""
    ageless = [name for name, words in drawn(url).items() if "Data as of" not in words]
    assert not ageless, ageless
    return True


def _page(name: str) -> str:
    page = AppTest.from_file(str(PROJECT / "dashboard" / "app.py"), default_timeout=60).run()
    page.switch_page(str(PROJECT / "pages" / f"{name}.py")).run()
    assert not page.exception, (name, page.exception)
    words = said(page)
    assert "Traceback" not in words, name
    return words


@contextmanager
def _on(url: str) -> Iterator[None]:
    """This process's settings name the database, and nothing of another one is kept."""
    before, scanned = os.environ.get("DATABASE_URL"), manifest_scanner.scan_component_manifests
    os.environ["DATABASE_URL"] = url
    manifest_scanner.scan_component_manifests = scan  # the same for every page, and slow
    config.use(None)
    try:
        yield
    finally:
        manifest_scanner.scan_component_manifests = scanned
        os.environ.pop("DATABASE_URL")
        if before is not None:
            os.environ["DATABASE_URL"] = before
        config.use(None)
        st.cache_data.clear()
        st.cache_resource.clear()

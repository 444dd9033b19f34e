"""Whatever the address asks for and whatever the data holds, every page answers, and obeys none of it."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from dashboard import navigation
from data import config
from data.database import open_engine
from data.tables import mirror
from tests import hostile
from tests.pages.business import fill_for_filters
from tests.pages.conftest import ROOT, said

NONSENSE = ["", "x", "-1", "2026-13", "😀", "9999-12", str(2**63), *hostile.TEXTS]
PARAMETERS = {
    "period": ["Last 6 months", "last 12 months", "All time"],
    "plan": ["Professional", "business", "Enterprise", "Starter"],
    "interval": ["Monthly", "yearly", "Weekly"],
    "currency": ["EUR", "usd", "gbp", "all"],
    "against": ["year", "Against the month before", "period", "2026-03", "2030-01"],
    "country": ["DE", "US", "Unknown"],
    "segment": ["Enterprise", "SMB", "unknown"],
    "manager": ["Ada", "Unknown"],
    "measure": ["customers", "MRR"],
    "find": ["company", "cus_"],
    "search": ["company"],
    "id": [],
    "account": [],
    "kind": [],
    "state": ["active"],
    "part": [],
    "month": ["2026-03"],
    "page": ["2"],
    "sort": ["name"],
}
PAGES = [entry.file for entry in navigation.ENTRIES]
OBEYED = re.compile(r"(?<!\\)(\[click\]|!\[x\]|\*\*bold|`code`|\$x\^|:red\[red\]|:material/delete|\n# head)")
"""What the texts of tests.hostile would look like where Streamlit takes them for Markdown."""


def obeyed(app: AppTest) -> Iterator[str]:
    """Every text of the page's elements, tables apart, that the browser would not show as it is."""
    blocks: list[Any] = [app._tree]
    while blocks:
        block = blocks.pop()
        blocks += getattr(block, "children", {}).values()
        if (shown := getattr(block, "proto", None)) is not None:
            yield from (text for text in _texts(shown) if OBEYED.search(text))


def _texts(message: Any) -> Iterator[str]:
    """All texts of a message to the browser; a field to type in shows what stands in it as it is, and icons
    are the page's own.
    """
    typed = {"default", "value"} if message.DESCRIPTOR.name in ("TextInput", "TextArea") else set()
    for value in (value for field, value in message.ListFields() if field.name not in typed | {"icon"}):
        for part in (
            [value] if isinstance(value, str | bytes) or hasattr(value, "ListFields") else _listed(value)
        ):
            if isinstance(part, str):
                yield part
            elif hasattr(part, "ListFields"):
                yield from _texts(part)


def _listed(value: Any) -> list[Any]:
    return list(value) if hasattr(value, "__iter__") else []


def values(known: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([*known, *known, *NONSENSE]), min_size=1, max_size=2, unique=True)


ADDRESSES = st.fixed_dictionaries({}, optional={key: values(known) for key, known in PARAMETERS.items()})


Visit = Callable[[str, dict[str, list[str]]], AppTest]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Open a page at an address, of a business where every filter has something to choose."""
    url = f"sqlite:///{tmp_path_factory.mktemp('any') / 'dashboard.db'}"
    fill_for_filters(url, hostile=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        config.use(None)
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60).run()

        def visited(page: str, address: dict[str, list[str]]) -> AppTest:
            app.switch_page(str(ROOT / "pages" / f"{page}.py"))
            app.query_params.clear()
            app.query_params.update(address)
            app.run()
            assert list(obeyed(app)) == []
            return app

        yield visited


@settings(max_examples=18, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(page=st.sampled_from(PAGES), address=ADDRESSES, typed=st.sampled_from(hostile.TEXTS))
def test_any_address_and_whatever_is_typed_there_is_answered(
    visit: Visit, page: str, address: dict[str, list[str]], typed: str
) -> None:
    app = visit(page, address)
    assert not app.exception
    assert not app.error
    assert "could not be" not in said(app)
    assert "Data as of" in said(app)
    if fields := [*app.text_input, *app.text_area]:
        for field in fields:
            field.set_value(typed[:2000])
        app.run()
        assert not app.exception
        assert "could not be" not in said(app)


def test_a_filter_is_chosen_while_something_is_looked_for(visit: Visit) -> None:
    """Streamlit holds the text of Find in the address by itself, the filters write theirs beside it."""
    app = visit("customers", {})
    app.text_input(key="find").set_value("a").run()
    app = visit("customers", {"find": ["a"], "state": ["", "no such"]})
    assert "could not be" not in said(app)
    app = visit("customers", {"find": ["a"], "interval": ["Yearly", "x"]})
    assert not app.exception
    assert "could not be" not in said(app)


def test_the_check_sees_what_is_obeyed() -> None:
    script = "import streamlit as st; st.button(TEXT); st.expander(TEXT); st.metric('x', 1, help=TEXT)"
    app = AppTest.from_string(script.replace("TEXT", repr(hostile.TEXTS[3]))).run()
    assert len(list(obeyed(app))) == 3


def test_customers_and_invoices_with_hostile_words_are_shown_as_they_are(visit: Visit) -> None:
    engine = open_engine(os.environ["DATABASE_URL"], read_only=True)
    with engine.connect() as connection:
        customers = connection.scalars(select(mirror.customer.c.id).order_by(mirror.customer.c.id).limit(4))
        invoices = connection.scalars(select(mirror.invoice.c.id).order_by(mirror.invoice.c.id).limit(2))
        visits = [("customer", key) for key in customers] + [("invoices", key) for key in invoices]
    engine.dispose()
    for page, key in visits:
        app = visit(page, {"id": [key]})
        assert not app.exception
        assert "could not be" not in said(app)

"""Whatever the address asks for, every page answers it without a fault."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard import navigation
from data import config
from tests.pages.business import fill_for_filters
from tests.pages.conftest import ROOT, said

NONSENSE = ["", "x", "-1", "<b>", "2026-13", "'; drop table", "😀"]
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
}
PAGES = [entry.file for entry in navigation.ENTRIES]


def values(known: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([*known, *known, *NONSENSE]), min_size=1, max_size=2, unique=True)


ADDRESSES = st.fixed_dictionaries({}, optional={key: values(known) for key, known in PARAMETERS.items()})


Visit = Callable[[str, dict[str, list[str]]], AppTest]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Open a page at an address, of a business where every filter has something to choose."""
    url = f"sqlite:///{tmp_path_factory.mktemp('any') / 'dashboard.db'}"
    fill_for_filters(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        config.use(None)
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60).run()

        def visited(page: str, address: dict[str, list[str]]) -> AppTest:
            app.switch_page(str(ROOT / "pages" / f"{page}.py"))
            app.query_params.clear()
            app.query_params.update(address)
            return app.run()

        yield visited


@settings(max_examples=24, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(page=st.sampled_from(PAGES), address=ADDRESSES)
def test_any_address_is_answered(visit: Visit, page: str, address: dict[str, list[str]]) -> None:
    app = visit(page, address)
    assert not app.exception
    assert not app.error
    assert "could not be" not in said(app)
    assert "Data as of" in said(app)

"""Pages of those who may not see all: other account managers' customers, addresses, comments, card digits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import streamlit as st
from sqlalchemy import func, select, update
from streamlit.testing.v1 import AppTest

from dashboard import navigation
from data import config
from data.database import open_engine
from data.tables import ledger, mirror
from tests.pages.business import fill_for_filters
from tests.pages.conftest import ROOT, said

COMMENT = "Rude support by Mr Smith"
PAGES = [entry.file for entry in navigation.ENTRIES if entry.in_menu]


@dataclass(frozen=True)
class Secrets:
    """A business, and what is in it of Grace's customers and Ada's."""

    url: str
    theirs: dict[str, str]  # name by id
    ours: dict[str, str]
    mails: frozenset[str]
    invoice: str  # of one of Grace's


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    url = f"sqlite:///{tmp_path_factory.mktemp('limited') / 'dashboard.db'}"
    fill_for_filters(url)
    engine, customer = open_engine(url), mirror.customer.c
    belongs = select(ledger.customer_audience.c.customer_id).join(
        ledger.audience, ledger.audience.c.id == ledger.customer_audience.c.audience_id
    )
    mine = customer.id.in_(belongs.where(ledger.audience.c.account_manager == "Ada"))
    with engine.begin() as connection:
        connection.execute(update(mirror.subscription).values(cancellation_comment=COMMENT))
        rows = connection.execute(
            select(customer.id, customer.name, customer.email, mine.label("mine"))
        ).all()
        invoice = connection.scalar(
            select(func.min(mirror.invoice.c.id)).where(
                mirror.invoice.c.customer_id.in_(belongs.where(ledger.audience.c.account_manager == "Grace"))
            )
        )
    engine.dispose()
    ours = {row.id: row.name for row in rows if row.mine}
    theirs = {row.id: row.name for row in rows if not row.mine and row.name not in ours.values()}
    return Secrets(url, theirs, ours, frozenset(row.email for row in rows if row.email), str(invoice))


Visit = Callable[..., str]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, secrets: Secrets) -> Iterator[Visit]:
    """All that a role gets of a page, with what is behind its tables and charts."""
    monkeypatch.setenv("DATABASE_URL", secrets.url)
    config.use(None)
    apps: dict[str, AppTest] = {}

    def visited(role: str, page: str, **address: str) -> str:
        if role not in apps:
            apps[role] = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
            apps[role].session_state["_role"] = role
            apps[role].run()
        app = apps[role].switch_page(str(ROOT / "pages" / f"{page}.py"))
        app.query_params.clear()
        app.query_params.update(address)
        app.run()
        assert not app.exception, page
        assert "could not be" not in said(app), page
        tables = [each.value.to_csv() for each in app.dataframe]
        drawn = [str(getattr(each, "proto", "")) for each in app.main]
        return "\n".join((said(app), *drawn, *tables))

    yield visited
    config.use(None)
    st.cache_data.clear()
    st.cache_resource.clear()


def test_viewers_get_no_addresses_and_comments(visit: Visit, secrets: Secrets) -> None:
    one = next(iter(secrets.ours))
    told = "\n".join([*(visit("viewer", page) for page in PAGES), visit("viewer", "customer", id=one)])
    assert secrets.ours[one] in told
    assert COMMENT not in told
    assert [mail for mail in secrets.mails if mail in told] == []
    left = {"part": "everyone who left", "period": "all time"}
    assert COMMENT in visit("admin", "churn", **left)
    assert COMMENT not in visit("viewer", "churn", **left)


def test_account_managers_get_their_own_customers(
    visit: Visit, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN_CUSTOMERS", "sales")
    monkeypatch.setenv("ACCOUNT_MANAGERS", "local sales=Ada")
    config.use(None)
    told = {page: visit("sales", page) for page in PAGES}
    told["another's"] = visit("sales", "customer", id=min(secrets.theirs))
    told["their invoice"] = visit("sales", "invoices", id=secrets.invoice)
    for page, text in told.items():
        leaked = [word for pair in secrets.theirs.items() for word in pair if word in text]
        allowed = {min(secrets.theirs)} if page == "another's" else set()  # the address says it
        assert set(leaked) <= allowed, page
    assert sum(name in told["customers"] for name in secrets.ours.values()) > 10
    assert "Only the customers of Ada" in told["overview"]
    assert "This page is not open to you" in told["data_health"]
    assert secrets.theirs[min(secrets.theirs)] in visit("admin", "customer", id=min(secrets.theirs))

"""The page of what was changed at Stripe."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from data import audit
from data.actions import Prepared, Step, finish, prepare
from data.database import open_engine
from data.tables.actions import approval
from tests.pages.business import NOW, fill
from tests.pages.conftest import App, said

ASKED = {
    "id": "appr_1",
    "kind": "CreditInvoice",
    "customer_id": "cus_1",
    "subject": "in_1",
    "command": {},
    "person": "ada",
    "role": "finance",
    "reason": "why",
    "over": [],
    "shown": {},
    "state": "approved",
    "decided_by": "grace",
    "action_id": "a1",
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A small business where one thing was done and one has no known end."""
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    fill(url)
    for number, kind in enumerate(("Pause collection", "Credit invoice")):
        new = Prepared(
            f"a{number}",
            kind,
            f"cus_{number}",
            "sub_1",
            {},
            "ada",
            "finance",
            "=why",
            {"status": "active"},
            NOW,
        )
        prepare(url, new, [Step("post", "/v1/subscriptions/sub_1", {})])
        finish(url, new, "done" if number == 0 else "unknown", None, {"status": "paused"}, NOW)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(approval).values(**ASKED, created_at=NOW, expires_at=NOW))
    engine.dispose()
    return url


def test_what_was_done_and_what_is_open(open_app: App, url: str) -> None:
    app = open_app("actions", url)
    assert not app.exception
    assert "1 action not finished" in said(app)
    entries = next(each.value for each in app.dataframe if "Outcome" in each.value)
    assert entries["Outcome"].tolist() == ["Unknown", "Done"]
    assert entries["What changed"].tolist() == ["status: active → paused"] * 2
    assert entries["Why"].tolist() == ["'=why"] * 2
    assert entries["As"].tolist() == ["Finance"] * 2
    assert entries["UTC"].tolist() == ["23:00:00"] * 2
    assert entries["Approved by"].fillna("").tolist() == ["grace", ""]
    app.text_input(key="audit_text").set_value("grace credit").run()
    assert [len(each.value) for each in app.dataframe if "Outcome" in each.value] == [1]


def test_closed_by_hand(open_app: App, url: str) -> None:
    app = open_app("actions", url)
    app.text_input(key="close_reason").set_value("It is there").run()
    app.button(key="close").click().run()
    assert not app.exception
    assert "not finished" not in said(app)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert audit.first_broken(connection) is None
    engine.dispose()


def test_nothing_yet(open_app: App) -> None:
    assert "Nothing was changed from here yet" in said(open_app("actions"))


def test_the_audit_is_searched_as_it_is_now(open_app: App, url: str) -> None:
    app = open_app("actions", url)
    engine = open_engine(url)
    with engine.begin() as connection:
        audit.write(
            connection, audit.Entry(NOW, "bob_%", "sales", "Export personal data", "done", subject="x.csv")
        )
    engine.dispose()
    for text, people in (("export B", ["bob_%"]), ("b_% EXPORT", ["bob_%"]), ("ada pause", ["ada"])):
        app.text_input(key="audit_text").set_value(text).run()
        entries = next(each.value for each in app.dataframe if "Outcome" in each.value)
        assert entries["By"].tolist() == people
    app.text_input(key="audit_text").set_value("nobody").run()
    assert "Nothing in the audit has all of these words" in said(app)

"""What a page says when it cannot show figures: in plain words, and never with a traceback."""

from pathlib import Path

import pytest
from sqlalchemy import insert, text

from dashboard import formatting
from dashboard.charts import churn as charts
from data.database import open_engine
from data.tables import metadata, operations
from tests.pages.business import NOW
from tests.pages.conftest import App, said


def new_database(folder: Path, *, tables: bool) -> str:
    url = f"sqlite:///{folder / 'new.db'}"
    if tables:
        engine = open_engine(url)
        metadata.create_all(engine)
        engine.dispose()
    return url


@pytest.mark.parametrize("tables", [False, True])
def test_never_synced(open_app: App, tmp_path: Path, tables: bool) -> None:
    app = open_app("churn", new_database(tmp_path, tables=tables))
    assert not app.exception
    assert "Nothing has been read yet" in said(app)
    assert "python -m dashboard sync" in said(app)
    assert not app.metric


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An account that was read and has nothing in it."""
    url = new_database(tmp_path_factory.mktemp("nothing"), tables=True)
    engine = open_engine(url)
    with engine.begin() as connection:
        version = {"committed_at": NOW, "data_at": NOW, "reason": "test"}
        connection.execute(insert(operations.data_version).values(version))
    engine.dispose()
    return url


NOTHING = {"plan_mix", "renewals", "churn", "data_health", "retention", "overview", "growth", "receivables"}
NOTHING |= {"customers", "invoices"}


@pytest.mark.parametrize("page", sorted(NOTHING))
def test_an_account_without_subscriptions(open_app: App, nothing: str, page: str) -> None:
    app = open_app(page, nothing)

    assert not app.exception
    assert "Nothing to show" in said(app)
    assert "these filters" not in said(app)  # none is chosen
    assert "clear the filters" not in said(app)
    assert "fewer filters" not in said(app)
    assert "could not" not in said(app)
    assert "last whole month" not in said(app)  # there is none yet
    assert {metric.value for metric in app.metric if metric.label == "Free accounts"} <= {formatting.DASH}


def test_a_database_that_does_not_answer(open_app: App) -> None:
    app = open_app("renewals", "postgresql://someone:secret@127.0.0.1:9/nowhere")
    assert not app.exception
    assert "The database does not answer" in said(app)
    assert "secret" not in said(app)
    assert app.button(key="try_again").label == "Try again"


def test_settings_that_cannot_be_used(open_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTING_CURRENCY", "dollars")
    app = open_app("plan_mix")
    assert "The settings cannot be used" in said(app)
    assert "REPORTING_CURRENCY must be a three-letter ISO 4217 code" in said(app)


def test_a_frame_that_fails_is_named(open_app: App, business: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    engine = open_engine(f"sqlite:///{broken}")
    with engine.begin() as connection:
        connection.execute(text("drop table month_transition"))
    engine.dispose()

    app = open_app("churn", f"sqlite:///{broken}")

    assert not app.exception
    assert "The figures of “month end subscribers” could not be read" in said(app)
    assert "no such table" not in said(app)


def test_a_fault_of_the_app_is_kind(open_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a detail for the log")

    monkeypatch.setattr(charts, "flow", fail)
    app = open_app("churn")
    assert not app.exception
    assert "This page could not be drawn" in said(app)
    assert "a detail for the log" not in said(app)


def test_a_role_without_permissions_sees_no_page(open_app: App) -> None:
    app = open_app(role="nobody")
    assert not app.exception
    assert "This page is not open to you" in said(app)
    assert not app.metric


def test_a_new_version_of_the_data_replaces_every_figure(
    open_app: App, business: str, tmp_path: Path
) -> None:
    file = tmp_path / "growing.db"
    file.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    app = open_app(url=f"sqlite:///{file}")
    before = {metric.label: metric.value for metric in app.metric}
    engine = open_engine(f"sqlite:///{file}")

    with engine.begin() as connection:
        connection.execute(text("update month_movement set delta_arr = delta_arr * 1000"))
    unchanged = {metric.label: metric.value for metric in app.run().metric}
    with engine.begin() as connection:
        version = {"committed_at": NOW, "data_at": NOW, "reason": "test"}
        connection.execute(insert(operations.data_version).values(version))
    after = {metric.label: metric.value for metric in app.run().metric}
    engine.dispose()

    assert unchanged == before
    assert after["MRR"] != before["MRR"]
    assert after["MRR"].endswith("M")
    assert after["Subscribers"] == before["Subscribers"]

"""The page of reconciliation: findings by kind, one in full, put off only with a reason."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select as query
from sqlalchemy import update

from data import clock, frames
from data.database import open_engine
from data.findings import record
from data.tables import ledger, mirror
from tests.pages.business import fill
from tests.pages.conftest import App, said
from tests.pages.test_pages import select


def test_findings_are_listed_and_named(open_app: App) -> None:
    app = open_app("reconciliation")
    assert not app.exception
    assert "Findings by kind" in said(app)
    assert "which add-ons are live" in said(app)
    (table,) = (each.value for each in app.dataframe if "What disagrees" in each.value)
    assert len(table) == int(app.metric[0].value) > 0


@pytest.mark.parametrize("currency", ["usd", "all"])
def test_every_figure_is_explained_as_it_is_shown(open_app: App, currency: str) -> None:
    app = open_app("reconciliation", currency=currency)
    for label, value, told in [(each.label, each.value, each.help) for each in app.metric]:
        exact = value if value.isdigit() else told.split("\n")[0].removesuffix(".")
        app.button(key=f"explain_{label}").click().run()
        assert not app.exception
        assert f"Nov 2026: {exact}".replace("\\", "") in said(app)


def test_a_viewer_reads_findings_without_addresses(open_app: App, business: str, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(Path(business.removeprefix("sqlite:///")).read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        paying = query(ledger.timeline.c.customer_id).where(ledger.timeline.c.currency == "usd")
        theirs = update(mirror.customer).where(mirror.customer.c.id.in_(paying))
        connection.execute(theirs.values(email="ada@example.com"))
    record(engine, frames.data_status(engine).data_at or clock.now())
    engine.dispose()
    for role, there in ((None, True), ("viewer", False)):
        app = open_app("reconciliation", f"sqlite:///{file}", role=role)
        (table,) = (each.value for each in app.dataframe if "What disagrees" in each.value)
        assert table["What disagrees"].str.contains("ada@example.com").any() == there
        assert table["What disagrees"].str.contains("an e-mail address").any() != there


@pytest.mark.parametrize("state", ["snoozed", "closed"])
def test_states_without_a_finding_say_so(open_app: App, state: str) -> None:
    assert "None" in said(open_app("reconciliation", state=state))


def test_a_finding_is_put_off_with_a_reason_or_not_at_all(open_app: App, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    fill(url)
    app = open_app("reconciliation", url)
    before = int(app.metric[0].value)
    select(app, "reconciliation_findings_table", 0)
    app.date_input[0].set_value(date(2030, 1, 1))
    next(each for each in app.button if each.label == "Save").click().run()
    assert "Say why it is put off." in [each.value for each in app.error]

    app.text_area[0].input("Waits for the contract.")
    next(each for each in app.button if each.label == "Save").click().run()
    assert not app.exception
    engine = open_engine(url)
    assert frames.finding_notes(engine)["reason"].tolist() == ["Waits for the contract."]
    engine.dispose()
    assert (int(app.metric[0].value), app.metric[3].value) == (before - 1, "1")

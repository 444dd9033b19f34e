"""The page of add-ons: requested, filled in, checked, moved on; what is typed stays, nothing is pretended."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.addons.states import CUSTOM_DOMAIN, SINGLE_SIGN_ON, UPTIME_SLA
from data import clock
from data.addons import claims, storage
from data.addons.storage import By
from data.database import open_engine
from data.provisioning import outbox
from data.tables import mirror
from data.writing import transaction, writing
from tests.pages.business import fill
from tests.pages.conftest import App, said

BY = By("local sales", "sales")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small business of this file's own, which its tests write to."""
    url = f"sqlite:///{tmp_path_factory.mktemp('addons') / 'dashboard.db'}"
    fill(url)
    return url


@pytest.fixture
def url(filled: str, tmp_path: Path) -> str:
    """A copy for one test."""
    shutil.copy(filled.removeprefix("sqlite:///"), tmp_path / "dashboard.db")
    return f"sqlite:///{tmp_path / 'dashboard.db'}"


def customer(url: str) -> str:
    """Some customer."""
    engine = open_engine(url)
    with engine.connect() as connection:
        name = connection.scalar(mirror.customer.select().with_only_columns(mirror.customer.c.id).limit(1))
    engine.dispose()
    return str(name)


def press(app: AppTest, key: str) -> AppTest:
    """Press a button that must be there and allowed."""
    button = app.button(key=key)
    assert not button.disabled
    return button.click().run()


def test_nothing_is_set_up_yet(open_app: App) -> None:
    app = open_app("addons")
    assert not app.exception
    assert "No add-on is being set up" in said(app)


def test_one_is_requested_for_a_customer_that_is_found(open_app: App, url: str) -> None:
    app = open_app("addons", url, role="sales")
    app.text_input(key="addon_customer").set_value(customer(url)).run()
    app.selectbox(key="addon_which").set_value("custom_domain").run()
    app = press(app, "addon_request")
    assert not app.exception
    assert "Custom domain for" in said(app)
    assert "Requested by local sales" in said(app)


def test_a_viewer_looks_and_changes_nothing(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "custom_domain", CUSTOM_DOMAIN, BY)
    app = open_app("addons", url, role="viewer", setup=name)
    assert not app.exception
    assert "Custom domain for" in said(app)
    changing = ("addon_to", "domain_", "addon_check")
    assert not [each for each in app.button if str(each.key).startswith(changing)]


def test_a_hostname_that_cannot_be_is_refused_and_stays(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "custom_domain", CUSTOM_DOMAIN, BY)
    app = open_app("addons", url, setup=name)
    field = app.text_input(key=f"domain_name_{name}")
    field.set_value("acme.com").run()
    app = press(app, "domain_keep")
    assert "a CNAME cannot stand there" in app.error[0].value
    assert app.text_input(key=f"domain_name_{name}").value == "acme.com"
    app.text_input(key=f"domain_name_{name}").set_value("portal.acme.com").run()
    app = press(app, "domain_keep")
    assert not app.exception
    assert app.code[0].value == "_addon-verification.portal.acme.com"
    assert app.code[1].value.startswith("addon-verification=")
    assert "? Never checked" in app.table[0].value["Stands"].tolist()
    assert app.button(key="addon_to_waiting").label == "Ask the customer"
    app = press(app, "addon_to_waiting")
    assert app.button(key="addon_to_verified").disabled
    assert "Ownership is not proven." in said(app)


def test_a_promise_is_kept_runs_and_pays(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "sla", UPTIME_SLA, BY)
    app = open_app("addons", url, setup=name)
    app.text_input(key=f"sla_fee_{name}").set_value("1000").run()
    last = clock.months_before(clock.month_of(clock.now()), 1)
    app.selectbox(key=f"sla_begins_{name}").set_value(last).run()
    assert "allows 43.20 minutes down" in said(app)
    assert "$500.00" in said(app)
    app = press(app, "sla_keep")
    assert not app.exception
    app = press(app, "addon_to_active")
    app.selectbox(key="sla_month").set_value(last).run()
    assert app.button(key="sla_note").disabled  # nothing typed is not no downtime
    app.number_input(key="sla_minutes").set_value(60).run()
    app = press(app, "sla_note")
    assert not app.exception
    months = next(each.value for each in app.dataframe if "Minutes down" in each.value)
    assert months["Minutes down"].tolist()[1] == 60
    assert months["Credit"].tolist()[1] == 100.0
    assert months["Uptime"].isna().tolist()[0]
    assert app.selectbox(key=f"sla_tier_{name}_3").disabled
    owed = next(each.value for each in app.dataframe if "Credit note" in each.value)
    assert owed["Credit note"].tolist() == ["Not claimed"]
    app = press(app, "claim_note_it")
    assert not app.exception
    assert "Draft credit note of $100.00" in said(app)
    assert "Credit: 10% of the month's fee of $1,000.00." in said(app)
    assert claims.standing(url, name)[last].claimed_on == clock.now().date()
    app = press(app, "claim_back")
    assert claims.standing(url, name) == {}


def test_our_own_system_does_not_acknowledge(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "custom_domain", CUSTOM_DOMAIN, BY)
    kept = storage.one(url, name)
    assert kept is not None
    storage.change(url, kept, replace(kept, state="active"), "Active", BY, "addon.active")
    for told in outbox.claim(url):
        outbox.failed(url, told, "It answered with status 500.")
    app = open_app("addons", url)
    [waits] = [each.value for each in app.dataframe if "What it is told" in each.value]
    assert waits["What it answered last"].tolist() == ["It answered with status 500."]
    app = open_app("addons", url, setup=name)
    assert "PROVISIONING_URL is not set" in app.warning[-1].value
    app = press(app, "tell_again")
    assert not app.exception
    assert [told.attempts for told in outbox.claim(url)] == [0]
    assert not [each for each in app.button if each.key == "tell_again"]  # it was not tried again yet
    dead(url)
    app = open_app("addons", url)
    assert "1 request was not acknowledged by our own system and is tried no more." in app.error[0].value
    app = press(app, "tell_all_again")
    assert not app.exception
    assert [told.attempts for told in outbox.claim(url)] == [0]


def dead(url: str) -> None:
    """Everything that waits has been tried too often."""
    last = outbox.provisioning_request.update().values(attempts=outbox.TRIES - 1, next_at=clock.now())
    with transaction(url) as connection:
        connection.execute(last)
    for told in outbox.claim(url):
        outbox.failed(url, told, "It answered with status 500.")
    with writing(url, "test"):
        pass


def test_single_sign_on_says_what_is_not_known(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "sso", SINGLE_SIGN_ON, BY)
    app = open_app("addons", url, setup=name)
    assert not app.exception
    assert "Not known: set SSO_ACS_URL in the settings." in said(app).replace("\\", "")
    app.text_input(key="sso_domain_0").set_value("gmail.com").run()
    app = press(app, "sso_add_domain")
    assert "open to everybody" in app.error[0].value
    app.text_input(key="sso_domain_0").set_value("![seen](x).com").run()
    app = press(app, "sso_add_domain")
    assert r"!\[seen\](x)" in app.error[0].value
    app.text_input(key="sso_domain_0").set_value("people@acme.com").run()
    app = press(app, "sso_add_domain")
    assert app.code[0].value == "_addon-verification.acme.com"
    app = press(app, "addon_to_waiting")
    assert "SAML or OpenID Connect has not been chosen." in said(app)


def test_a_certificate_that_ends_soon_is_told_on_the_overview(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "sso", SINGLE_SIGN_ON, BY)
    kept = storage.one(url, name)
    assert kept is not None
    last = clock.now() + timedelta(days=5, hours=1)
    given = {"metadata": {"certificates": [{"not_after": last.isoformat()}]}}
    storage.change(url, kept, replace(kept, state="active", settings=given), "Active", BY, "addon.active")
    dead(url)
    app = open_app("overview", url)
    assert not app.exception
    assert any("tried no more" in each.value for each in app.warning)
    assert any("certificate ends in 5 days" in each.value for each in app.warning)
    assert app.button(key="not_right_0").label == "Open"


def test_two_people_at_one_set_up(open_app: App, url: str) -> None:
    name = storage.request(url, customer(url), "sla", UPTIME_SLA, BY)
    app = open_app("addons", url, setup=name)
    app.text_input(key=f"sla_fee_{name}").set_value("1000").run()
    kept = storage.one(url, name)
    assert kept is not None
    told = {"tier": "99.99", "begins": "2026-10", "fee": 5_000, "currency": "usd"}
    storage.change(url, kept, replace(kept, settings=told), "Promise", BY)
    app = press(app, "sla_keep")
    assert "Somebody changed this set-up meanwhile" in app.error[0].value
    assert app.text_input(key=f"sla_fee_{name}").value == "1000"
    assert "Kept now: 99.99% from 2026-10, $50.00 a month." in said(app)
    app = press(app, "sla_keep")
    after = storage.one(url, name)
    assert after is not None
    assert (after.settings["tier"], after.settings["fee"]) == ("99.9", 100_000)


def test_an_id_that_nobody_has(open_app: App) -> None:
    assert "There is no set-up of that id" in said(open_app("addons", setup="<script>"))

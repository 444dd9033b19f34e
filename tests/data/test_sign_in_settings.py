"""Settings of sign-in: all or none, and when the pages may be served."""

from pathlib import Path
from typing import Any

import pytest

from data import config
from data.config import Settings, SettingsError, load
from data.sign_in_settings import Own

ALL = {
    "oidc_issuer": "https://login.example.com/",
    "oidc_client_id": "ops",
    "oidc_client_secret": "hush",
    "oidc_cookie_secret": "c" * 32,
    "public_url": "https://ops.example.com",
}
KEY = {"stripe_api_key": "sk_test_1"}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(config.Settings.model_config, "toml_file", tmp_path / "secrets.toml")


def given(**values: Any) -> Settings:
    return load(**values)


def test_all_of_it_is_what_streamlit_asks_for() -> None:
    auth = given(**ALL).streamlit_auth()["auth"]
    assert auth["redirect_uri"] == "https://ops.example.com/oauth2callback"
    assert auth["server_metadata_url"] == "https://login.example.com/.well-known/openid-configuration"
    assert given().streamlit_auth() == {}


@pytest.mark.parametrize("missing", ALL)
def test_a_part_of_it_stops_the_start(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing.upper()):
        given(**{name: value for name, value in ALL.items() if name != missing})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"oidc_issuer": "http://login.example.com"}, "must begin with https"),
        ({"oidc_issuer": "login"}, "must be an address"),
        ({"oidc_cookie_secret": "short"}, "at least 32 letters"),
        ({"role_emails": "ann@example.com=boss"}, "a role is one of admin"),
        ({"role_emails": "ann@example.com"}, "must be name=role"),
        ({"own_customers": "sales, ann"}, "names ann, which is no role"),
        ({"account_managers": "ann@example.com"}, "must be address=name"),
        ({"account_managers": "ann@example.com=A\0"}, "must be address=name"),
    ],
)
def test_what_cannot_be_is_told(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        given(**ALL | values)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "ops.example.com"])
@pytest.mark.parametrize("key", [{}, KEY])
def test_nothing_is_served_to_others_without_sign_in(host: str, key: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="without sign-in"):
        given(host=host, **key)


def test_whose_customers_somebody_sees() -> None:
    managers = "Ann@example.com=Ann Smith, bo@example.com=Ann Smith"
    settings = given(**ALL, own_customers="sales, Cy@example.com", account_managers=managers)
    both = ("ann@example.com", "bo@example.com")
    assert settings.own_of("ann@example.com", "sales") == Own("Ann Smith", both)
    assert settings.own_of("ann@example.com", "manager") is None
    assert settings.own_of("cy@example.com", "admin") == Own("cy@example.com", ("cy@example.com",))
    assert given(**ALL).own_of("ann@example.com", "sales") is None


def test_roles_come_as_pairs_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE_EMAILS", "Ann@example.com=manager, ben@example.com = sales,")
    assert given().role_emails == {"ann@example.com": "manager", "ben@example.com": "sales"}
    monkeypatch.setenv("ROLE_EMALIS", "x=sales")
    with pytest.raises(SettingsError, match="ROLE_EMALIS is not a setting"):
        given()


@pytest.mark.parametrize(
    ("values", "picks", "served"),
    [
        ({}, True, True),
        (KEY | {"stripe_api_base": "http://127.0.0.1:12111"}, True, True),
        (KEY, False, False),
        (KEY | {"stripe_api_base": "https://stripe.example.com"}, False, False),
        ({"stripe_api_key": "sk_live_1", "stripe_allow_live": True}, False, False),
        (KEY | ALL, False, True),
        (ALL, False, True),
        (ALL | {"host": "0.0.0.0"}, False, True),
    ],
)
def test_a_role_is_chosen_only_on_this_machine_with_a_sandbox(
    values: dict[str, Any], picks: bool, served: bool
) -> None:
    settings = given(**values)
    assert settings.lets_choose_role is picks
    assert (settings.refusal() is None) is served

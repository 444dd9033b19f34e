"""Settings: where they come from, and what stops the start."""

from pathlib import Path

import pytest

from data import config
from data.config import SettingsError, load


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting in the environment, and an empty secrets file of our own."""
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    secrets = tmp_path / "secrets.toml"
    monkeypatch.setitem(config.Settings.model_config, "toml_file", secrets)
    return secrets


def test_defaults_need_nothing() -> None:
    settings = load()
    assert settings.stripe_api_key is None
    assert settings.database_url.get_secret_value().endswith("var/sandbox/dashboard.db")
    assert settings.application_database_url
    assert settings.host == "127.0.0.1"


def test_a_key_has_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_1")
    settings = load()
    assert settings.database_url.get_secret_value() == f"sqlite:///{config.PROJECT}/var/dashboard.db"
    assert settings.application_database_url is None


def test_environment_wins_over_file(monkeypatch: pytest.MonkeyPatch, clean_environment: Path) -> None:
    clean_environment.write_text('PORT = 9000\nREPORTING_CURRENCY = "EUR"\n[auth]\ncookie_secret = "x"\n')
    monkeypatch.setenv("PORT", "9100")
    settings = load()
    assert settings.port == 9100
    assert settings.reporting_currency == "eur"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STRIPE_API_KEY", "sk_live_abcdef", "live key"),
        ("STRIPE_API_KEY", "hunter2", "must begin with sk_test_"),
        ("STRIPE_API_BASE", "http://example.com", "https"),
        ("STRIPE_API_BASE", "stripe", "must be an address"),
        ("STRIPE_API_BASE", "http://127.0.0.1:1", "needs a STRIPE_API_KEY"),
        ("STRIPE_API_KEY", "sk_test_", "must begin with sk_test_"),
        ("STRIPE_API_KEY", "sk_test_hunter2\n", "must begin with sk_test_"),
        ("STRIPE_API_BASE", "http://me:hunter2@127.0.0.1:1", "must not hold a user"),
        ("DATABASE_URL", "nonsense", "must look like"),
        ("DATABASE_URL", "postgresql://me@host:hunter2/name", "must look like"),
        ("DATABASE_URL", "mysql://me:hunter2@host/name", "must look like"),
        ("APPLICATION_DATABASE_URL", "nonesuch://me:hunter2@host/name", "must look like"),
        ("APPLICATION_DATABASE_URL", "oracle://me:hunter2@host/name", "must look like"),
        ("DATABASE_URL", "sqlite://", "must name a file"),
        ("HOST", "0.0.0.0", "without sign-in"),
        ("PORT", "many", "PORT"),
        ("REPORTING_CURRENCY", "dollars", "three-letter"),
        ("CARD_RETURN_URL", "nowhere", "must be an address"),
        ("PROVISIONING_URL", "http://example.com", "https://"),
        ("PROVISIONING_URL", "https://me:hunter2@example.com", "must be an address"),
        ("PROVISIONING_URL", "https://example.com", "needs PROVISIONING_SECRETS"),
        ("STRIPE_APIKEY", "sk_test_x", "STRIPE_APIKEY is not a setting"),
    ],
)
def test_wrong_settings_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=sentence) as caught:
        load()
    assert "hunter2" not in str(caught.value)
    assert "sk_live_abcdef" not in str(caught.value)


def test_unknown_name_in_the_file(clean_environment: Path) -> None:
    clean_environment.write_text('STRIPE_KEY = "sk_test_1"\n')
    with pytest.raises(SettingsError, match="STRIPE_KEY is not a setting"):
        load()


def test_broken_file_is_named(clean_environment: Path) -> None:
    clean_environment.write_text("PORT = = 1")
    with pytest.raises(SettingsError, match=r"secrets\.toml cannot be read"):
        load()


def test_live_key_with_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "rk_live_abc")
    monkeypatch.setenv("STRIPE_ALLOW_LIVE", "1")
    settings = load()
    assert settings.is_live
    assert "rk_live_abc" not in repr(settings)


def test_a_live_key_is_for_stripe_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1")
    monkeypatch.setenv("STRIPE_ALLOW_LIVE", "1")
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:1")
    with pytest.raises(SettingsError, match="sent to Stripe alone"):
        load()


def test_every_setting_is_documented() -> None:
    example = (config.PROJECT / "settings.example.toml").read_text()
    missing = [name.upper() for name in config.Settings.model_fields if name.upper() not in example]
    assert missing == []
    assert all(field.description for field in config.Settings.model_fields.values())

"""Settings: the environment over .streamlit/secrets.toml; anything unknown or malformed stops the start.

Secrets are `SecretStr`: they print as stars in logs, pages and errors.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from data.action_settings import ActionSettings
from data.addon_settings import AddonSettings
from data.offer_settings import OfferSettings
from data.sign_in_settings import LOOPBACK, SignInSettings

PROJECT = Path(__file__).resolve().parent.parent
SECRETS_FILE = PROJECT / ".streamlit" / "secrets.toml"
LIVE_PREFIXES = ("sk_live_", "rk_live_")
KEY = re.compile(r"(sk|rk)_(test|live)_\w+", re.ASCII)
BACKENDS = ("sqlite", "postgresql")
STREAMLIT_SECTIONS = frozenset({"auth", "connections"})


class SettingsError(Exception):
    """The settings cannot be used; the message is one sentence a line and says what to do."""


class Settings(SignInSettings, ActionSettings, AddonSettings, OfferSettings):
    """What the app needs to know of the place where it runs. Every field is a setting of that name."""

    model_config = SettingsConfigDict(extra="forbid", case_sensitive=False, toml_file=SECRETS_FILE)

    stripe_api_key: SecretStr | None = Field(
        None, description="Secret or restricted key (sk_test_, rk_test_). Without one the sandbox is used."
    )
    stripe_api_base: str | None = Field(
        None, description="Another address that speaks Stripe's API, such as http://127.0.0.1:12111."
    )
    stripe_allow_live: bool = Field(False, description="1 to accept a live key.")
    stripe_requests_per_second: float = Field(
        80, gt=0, le=10_000, description="Requests a second to Stripe, all endpoints together."
    )
    stripe_requests_per_second_endpoint: float = Field(
        20, gt=0, le=10_000, description="Requests a second to one endpoint."
    )
    stripe_webhook_secrets: SecretStr | None = Field(
        None, description="Signing secrets of the webhook endpoint (whsec_), separated by commas."
    )
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that /metrics asks for; without it only this machine may ask."
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="Where the app keeps its copy: sqlite:///file or postgresql://user:password@host/name. "
        "Without it: dashboard.db in VAR_FOLDER, or in its folder sandbox where there is no key.",
    )
    application_database_url: SecretStr | None = Field(
        None, description="The company's application database; it is only read."
    )
    application_accounts_sql: str | None = Field(
        None, description="One SELECT that gives the accounts; the README names its columns."
    )
    application_use_sql: str | None = Field(
        None, description="One SELECT that gives the use per account and day; the README names its columns."
    )
    application_addons_sql: str | None = Field(
        None, description="One SELECT that gives the add-ons that are live; the README names its columns."
    )
    self_serve_url: str | None = Field(
        None, description="Where customers change plan and card themselves, such as the portal's login link."
    )
    catalog_file: Path | None = Field(None, description="Another catalog than data/catalog.toml.")
    reporting_currency: str = Field("usd", description="ISO 4217 code that pages choose first.")
    host: str = Field("127.0.0.1", description="Address the app listens on; loopback only without sign-in.")
    port: int = Field(8501, ge=0, le=65535, description="Port the app listens on; 0 takes a free one.")
    sync_seconds: int = Field(60, ge=5, description="Seconds between two syncs while the app runs.")
    examples: bool = Field(
        True,
        description="0 for a generated business (without a key) that begins without examples of quotes, "
        "add-ons and changes.",
    )
    var_folder: Path = Field(Path("var"), description="Folder for the files that the app makes.")
    log_format: Literal["text", "json"] = Field(
        "text", description="How the log is written: lines for a person, or one JSON object a line."
    )
    log_level: Literal["debug", "info", "warning"] = Field(
        "info", description="What of the app's own doings is logged."
    )
    environment: Literal["production", "development"] = Field(
        "production", description="development shows error details on pages."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed in, then the environment, then the secrets file."""
        return init_settings, env_settings, SecretsFile(settings_cls)

    @field_validator("reporting_currency")
    @classmethod
    def _currency(cls, value: str) -> str:
        if len(value) != 3 or not value.isascii() or not value.isalpha():
            raise ValueError("must be a three-letter ISO 4217 code such as usd")
        return value.lower()

    @field_validator("stripe_api_base")
    @classmethod
    def _base(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as http://127.0.0.1:12111")
        if parts.username or parts.password:
            raise ValueError("must not hold a user or password: it is shown in messages")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("must begin with https:// unless it is on this machine")
        return value.rstrip("/")

    @field_validator("var_folder")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        return PROJECT / value

    @field_validator("database_url", "application_database_url")
    @classmethod
    def _database(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        backend = _backend(value.get_secret_value())
        if backend is None or (info.field_name == "database_url" and backend not in BACKENDS):
            raise ValueError(
                "must look like sqlite:///var/dashboard.db or postgresql://user:password@host/name"
            )
        if backend == "sqlite" and make_url(value.get_secret_value()).database in (None, "", ":memory:"):
            raise ValueError("must name a file (sqlite:///var/dashboard.db), since nothing else is kept")
        return value

    @model_validator(mode="after")
    def _listens(self) -> "Settings":
        if self.host not in LOOPBACK and not self.has_sign_in:
            raise ValueError(
                "HOST must be 127.0.0.1, localhost or ::1 without sign-in (OIDC_ISSUER and what goes with it)"
            )
        return self

    @model_validator(mode="after")
    def _key(self) -> "Settings":
        key = self.stripe_api_key.get_secret_value() if self.stripe_api_key else ""
        if not key:
            return self._for_sandbox()
        if key.startswith(LIVE_PREFIXES) and not self.stripe_allow_live:
            raise ValueError(
                "STRIPE_API_KEY is a live key: use a test key, or set STRIPE_ALLOW_LIVE=1 when you mean it"
            )
        if not KEY.fullmatch(key):
            raise ValueError(
                "STRIPE_API_KEY must begin with sk_test_, rk_test_, sk_live_ or rk_live_, "
                "and hold only letters, digits and _"
            )
        if key.startswith(LIVE_PREFIXES) and self.stripe_api_base and not self._is_stripes:
            raise ValueError("STRIPE_API_BASE is not Stripe's, and a live key is sent to Stripe alone")
        return self._with_database(self.var_folder)

    @property
    def _is_stripes(self) -> bool:
        return (urlsplit(self.stripe_api_base or "").hostname or "").endswith(".stripe.com")

    def _for_sandbox(self) -> "Settings":
        """No key: the sandbox and databases of its own, so that the two never mix."""
        if self.stripe_api_base:
            raise ValueError("STRIPE_API_BASE needs a STRIPE_API_KEY, such as sk_test_any for a stand-in")
        self.stripe_api_key = None
        if not self.application_database_url:
            file = self.sandbox_folder / "application.db"
            self.application_database_url = SecretStr(f"sqlite:///{file}")
        return self._with_database(self.sandbox_folder)

    def _with_database(self, folder: Path) -> "Settings":
        if not self.database_url or not self.database_url.get_secret_value():
            self.database_url = SecretStr(f"sqlite:///{folder / 'dashboard.db'}")
        return self

    @property
    def sandbox_folder(self) -> Path:
        """Where the sandbox that runs without a key keeps its files."""
        return self.var_folder / "sandbox"

    @property
    def lets_choose_role(self) -> bool:
        """Whether people choose their role: no sign-in, this machine only, nothing but a sandbox."""
        stand_in = (urlsplit(self.stripe_api_base or "").hostname or "") in LOOPBACK and not self.is_live
        return not self.has_sign_in and self.host in LOOPBACK and (stand_in or not self.stripe_api_key)

    def refusal(self) -> str | None:
        """Why the pages must not be served with these settings; None when they may."""
        if self.has_sign_in or self.lets_choose_role:
            return None
        return (
            "A Stripe account is shown to people who have signed in: set OIDC_ISSUER, OIDC_CLIENT_ID, "
            "OIDC_CLIENT_SECRET, OIDC_COOKIE_SECRET and PUBLIC_URL (README: Sign-in), or leave out "
            "STRIPE_API_KEY to run on the sandbox."
        )

    @property
    def is_live(self) -> bool:
        """Whether the key is a live one."""
        return bool(self.stripe_api_key and self.stripe_api_key.get_secret_value().startswith(LIVE_PREFIXES))


def _backend(text: str) -> str | None:
    """The kind of database behind a URL; None where it is no URL, or of a kind whose driver is not here."""
    try:
        url = make_url(text)
        if url.get_backend_name() not in BACKENDS:
            url.get_dialect().import_dbapi()
        return url.get_backend_name()
    except (ArgumentError, ImportError, ValueError):  # their words may quote the password
        return None


class SecretsFile(TomlConfigSettingsSource):
    """.streamlit/secrets.toml, where keys are written in capitals as in the environment."""

    def __call__(self) -> dict[str, Any]:
        raw: dict[str, Any] = super().__call__()
        return {name.lower(): value for name, value in raw.items() if name not in STREAMLIT_SECTIONS}


PREFIXES = (
    "STRIPE_",
    "APPLICATION_DATABASE",
    "APPLICATION_ACCOUNTS",
    "APPLICATION_USE",
    "REPORTING_",
    "OIDC_",
    "SMTP_",
    "SSO_",
    "ADDON_",
    "PROVISIONING_",
    "ROLE_",
    "OWN_CUSTOMERS",
    "ACCOUNT_MANAGERS",
)


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like settings of this app but are none: most likely misspelt."""
    known = {name.upper() for name in Settings.model_fields}
    return sorted(name for name in environment if name.startswith(PREFIXES) and name not in known)


def load(**overrides: Any) -> Settings:
    """The settings, checked. Raises SettingsError with a sentence for each thing that is wrong."""
    unknown = unknown_variables(os.environ)
    if unknown:
        raise SettingsError(
            "\n".join(f"{name} is not a setting: see settings.example.toml." for name in unknown)
        )
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(dict(part)) for part in error.errors())) from None
    except ValueError as error:  # the file is not TOML
        raise SettingsError(f"{SECRETS_FILE.name} cannot be read: {error}.") from None


def _sentence(error: Mapping[str, Any]) -> str:
    """A validation error without the value, which may be a secret."""
    name = ".".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "extra_forbidden":
        return f"{name} is not a setting: see settings.example.toml."
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{name} {message[0].lower()}{message[1:]}." if name else f"{message}."


_current: Settings | None = None


def settings() -> Settings:
    """The settings of this process, read once. Raises SettingsError as `load` does."""
    global _current
    if _current is None:
        _current = load()
    return _current


def use(chosen: Settings | None) -> None:
    """Make these the settings of this process; None has them read again when next asked for."""
    global _current
    _current = chosen

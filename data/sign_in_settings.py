"""Settings of sign-in: the OpenID Connect provider, and who has which role."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

ADMIN, MANAGER, FINANCE, SALES, VIEWER = "admin", "manager", "finance", "sales", "viewer"
ROLES = (ADMIN, MANAGER, FINANCE, SALES, VIEWER)
"""Who matches several has the first of them."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 32  # letters of the secret that signs the cookie
TOGETHER = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_cookie_secret", "public_url")


@dataclass(frozen=True)
class Own:
    """Who sees only their own customers: the account manager's name there, and the people who have it."""

    manager: str
    people: tuple[str, ...] = ()


def address(value: str | None) -> str | None:
    """An address that a browser opens, by https unless it is on this machine. Raises ValueError."""
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise ValueError("must be an address such as https://login.example.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must begin with https:// unless it is on this machine")
    return value.rstrip("/")


class SignInSettings(BaseSettings):
    """What sign-in needs: all of TOGETHER, or none of it."""

    oidc_issuer: str | None = Field(
        None, description="The OpenID Connect provider's address, such as https://login.example.com."
    )
    oidc_client_id: str | None = Field(None, description="The app's client id at the provider.")
    oidc_client_secret: SecretStr | None = Field(None, description="The app's client secret at the provider.")
    oidc_cookie_secret: SecretStr | None = Field(
        None, description=f"At least {SHORTEST_SECRET} random letters that sign the sign-in cookie."
    )
    public_url: str | None = Field(
        None, description="The address at which people open the app, such as https://ops.example.com."
    )
    oidc_roles_claim: str = Field("roles", description="The claim that names a person's roles or groups.")
    role_groups: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="Roles of groups in that claim: group=role, separated by commas."
    )
    role_emails: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="Roles of people by e-mail address: address=role, separated by commas."
    )

    own_customers: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Roles and people who see only their own customers, separated by commas."
    )
    account_managers: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="The name that a person has as account manager: address=name, separated by commas; "
        "without one, the address itself.",
    )

    @field_validator("oidc_issuer", "public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return address(value)

    @field_validator("oidc_cookie_secret")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} letters, drawn at random")
        return value

    @field_validator("own_customers", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("own_customers")
    @classmethod
    def _whose(cls, value: frozenset[str]) -> frozenset[str]:
        names = frozenset(name.strip().casefold() for name in value if name.strip())
        if wrong := sorted(name for name in names if name not in ROLES and "@" not in name):
            raise ValueError(
                f"names {', '.join(wrong)}, which is no role ({', '.join(ROLES)}) and no e-mail address"
            )
        return names

    @field_validator("account_managers")
    @classmethod
    def _managers(cls, value: dict[str, str]) -> dict[str, str]:
        if not all(name and manager and manager.isprintable() for name, manager in value.items()):
            raise ValueError("must be address=name, separated by commas")
        return {name.casefold(): manager for name, manager in value.items()}

    @field_validator("role_groups", "role_emails", "account_managers", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.rpartition("=") for part in value.split(",") if part.strip()]
        return {name.strip(): role.strip() for name, _, role in pairs}

    @field_validator("role_groups", "role_emails")
    @classmethod
    def _roles(cls, value: dict[str, str]) -> dict[str, str]:
        if not all(name and role in ROLES for name, role in value.items()):
            raise ValueError(f"must be name=role, separated by commas; a role is one of {', '.join(ROLES)}")
        return {name.casefold(): role for name, role in value.items()}

    @model_validator(mode="after")
    def _together(self) -> "SignInSettings":
        given = [name for name in TOGETHER if getattr(self, name)]
        if given and len(given) < len(TOGETHER):
            missing = ", ".join(name.upper() for name in TOGETHER if name not in given)
            raise ValueError(f"sign-in needs {missing} too")
        return self

    @property
    def has_sign_in(self) -> bool:
        """Whether people sign in with the provider."""
        return bool(self.oidc_issuer)

    def own_of(self, person: str, role: str) -> Own | None:
        """Whose customers alone a person sees; None: those of everybody."""
        if not self.own_customers & {role, person.casefold()}:
            return None
        name = self.account_managers.get(person.casefold(), person)
        others = (each for each, manager in self.account_managers.items() if manager == name)
        return Own(name, tuple(sorted({*others, person.casefold()})))

    def streamlit_auth(self) -> Mapping[str, Any]:
        """What `st.login` wants to find among Streamlit's secrets; empty without sign-in."""
        if not (self.oidc_client_secret and self.oidc_cookie_secret):
            return {}
        return {
            "auth": {
                "redirect_uri": f"{self.public_url}/oauth2callback",
                "cookie_secret": self.oidc_cookie_secret.get_secret_value(),
                "client_id": self.oidc_client_id or "",
                "client_secret": self.oidc_client_secret.get_secret_value(),
                "server_metadata_url": f"{self.oidc_issuer}/.well-known/openid-configuration",
            }
        }

"""Settings of add-ons: what customers are given to set up at their side, and how names are looked up."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from data.sign_in_settings import LOOPBACK

CUSTOMER = "{customer}"
"""What stands for the customer's Stripe id in an address."""
Server = tuple[str, int]


class AddonSettings(BaseSettings):
    """What single sign-on and custom domains need to know of the company's own product."""

    sso_acs_url: str | None = Field(
        None, description="The product's SAML ACS URL, such as https://app.example.com/saml/{customer}/acs."
    )
    sso_entity_id: str | None = Field(
        None, description="The product's SAML entity id; {customer} stands for the customer's Stripe id."
    )
    sso_redirect_uri: str | None = Field(
        None, description="The product's OIDC redirect URI; {customer} stands for the customer's Stripe id."
    )
    custom_domain_target: str | None = Field(
        None, description="The name that a custom domain's CNAME points to, such as domains.example.com."
    )
    own_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="The company's own domains, separated by commas: no customer may have a name there."
    )
    dns_servers: Annotated[tuple[Server, ...], NoDecode] = Field(
        (),
        description="Name servers to ask, address or address:port, separated by commas; else the system's.",
    )
    addon_private_addresses: bool = Field(
        False, description="1 to fetch metadata over http and from private addresses too; for tests only."
    )
    addon_check_seconds: int = Field(
        900, ge=10, description="Seconds between two checks of an add-on's names."
    )
    addon_live_days: int = Field(
        14, ge=0, le=366, description="Days that an add-on may be billed and not live before it is a finding."
    )
    provisioning_secrets: SecretStr | None = Field(
        None, description="Secrets that requests to PROVISIONING_URL are signed with, separated by commas."
    )
    provisioning_url: str | None = Field(
        None, description="The company's own system, told over https what goes live and what no longer is."
    )

    @field_validator("sso_acs_url", "sso_redirect_uri")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value and (urlsplit(value).scheme != "https" or not urlsplit(value).hostname):
            raise ValueError(f"must begin with https://, such as https://app.example.com/{CUSTOMER}/acs")
        return value or None

    @field_validator("provisioning_url")
    @classmethod
    def _told(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError("must be an address such as https://app.example.com/provisioning")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("must begin with https:// unless it is on this machine")
        secrets = info.data.get("provisioning_secrets")
        if not secrets or not _parts(secrets):
            raise ValueError("needs PROVISIONING_SECRETS, with which requests are signed")
        return value

    @property
    def provisioning_keys(self) -> tuple[str, ...]:
        """The secrets that requests are signed with."""
        return _parts(self.provisioning_secrets) if self.provisioning_secrets else ()

    @field_validator("own_domains", mode="before")
    @classmethod
    def _own_domains(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(each.strip().strip(".").lower() for each in value.split(",") if each.strip())
        return value

    @field_validator("custom_domain_target")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        return value.strip().strip(".").lower() or None if value else None

    @field_validator("dns_servers", mode="before")
    @classmethod
    def _servers(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(_server(each.strip()) for each in value.split(",") if each.strip())
        return value


def _parts(secrets: SecretStr) -> tuple[str, ...]:
    return tuple(each.strip() for each in secrets.get_secret_value().split(",") if each.strip())


def _server(text: str) -> Server:
    """An address and a port, 53 by default. Raises ValueError."""
    address, colon, port = text.rpartition(":") if text.count(":") == 1 or "]" in text else (text, "", "")
    try:
        return str(ipaddress.ip_address(address.strip("[]"))), int(port) if colon else 53
    except ValueError:
        raise ValueError("must be addresses such as 9.9.9.9 or 127.0.0.1:5353") from None

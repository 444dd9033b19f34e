"""Settings of what people do at Stripe: limits per role, and the mail server that carries card links."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from data.sign_in_settings import FINANCE, MANAGER, ROLES, SALES

ADDRESS = r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+"


class RoleLimits(BaseModel):
    """What a role may do alone, in main units of the reporting currency; None: without a limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    discount_percent: Decimal | None = Field(None, ge=0, le=100)
    credit: Decimal | None = Field(None, ge=0)
    refund: Decimal | None = Field(None, ge=0)
    write_off: Decimal | None = Field(None, ge=0)
    paid_elsewhere: Decimal | None = Field(None, ge=0)
    arr: Decimal | None = Field(None, ge=0)


def _limits(*amounts: int) -> RoleLimits:
    return RoleLimits.model_validate(dict(zip(RoleLimits.model_fields, map(Decimal, amounts), strict=True)))


NOBODY = _limits(0, 0, 0, 0, 0, 0)
ROLE_LIMITS: Mapping[str, RoleLimits] = {
    SALES: _limits(10, 0, 0, 0, 0, 10_000),
    FINANCE: _limits(0, 1_000, 1_000, 1_000, 50_000, 10_000),
    MANAGER: _limits(30, 10_000, 10_000, 10_000, 100_000, 100_000),
}
"""Where the settings say nothing; a role that is not here has no limit."""


class ActionSettings(BaseSettings):
    """Limits per role, how long a request for approval waits, and how card links reach customers."""

    limits: dict[str, RoleLimits] = Field(
        {},
        description="By role: discount_percent, credit, refund, write_off, paid_elsewhere and arr that it "
        "may give alone.",
    )
    approval_days: int = Field(7, ge=1, le=90, description="Days that a request for approval waits.")
    card_return_url: str | None = Field(
        None, description="Where customers land after entering a card, such as https://example.com/thanks."
    )
    smtp_host: str | None = Field(None, description="The mail server that sends card links.")
    smtp_port: int = Field(587, ge=1, le=65535, description="The mail server's port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to the mail server is kept secret: starttls, tls or none."
    )
    smtp_user: str | None = Field(None, description="The user at the mail server, where it asks for one.")
    smtp_password: SecretStr | None = Field(None, description="The user's password.")
    mail_from: str | None = Field(
        None, pattern=f"^{ADDRESS}$", description="The address that card links are sent from."
    )

    @field_validator("limits")
    @classmethod
    def _known_roles(cls, value: dict[str, RoleLimits]) -> dict[str, RoleLimits]:
        if set(value) - set(ROLES):
            raise ValueError(f"must be a table per role; a role is one of {', '.join(ROLES)}")
        return value

    @field_validator("card_return_url")
    @classmethod
    def _return_address(cls, value: str | None) -> str | None:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("must be an address such as https://example.com/thanks")
        return value or None

    @model_validator(mode="after")
    def _mail(self) -> "ActionSettings":
        if self.smtp_host and not self.mail_from:
            raise ValueError("SMTP_HOST needs MAIL_FROM, the address that mail is sent from")
        if self.smtp_password and not self.smtp_user:
            raise ValueError("SMTP_PASSWORD needs SMTP_USER")
        if self.smtp_password and self.smtp_security == "none":
            raise ValueError("SMTP_PASSWORD is not sent without encryption: use starttls or tls")
        return self

    def limits_of(self, role: str) -> RoleLimits:
        """What a role may do alone; a role that is known nowhere may do nothing alone."""
        if role not in ROLES:
            return NOBODY
        return self.limits.get(role) or ROLE_LIMITS.get(role) or RoleLimits.model_validate({})

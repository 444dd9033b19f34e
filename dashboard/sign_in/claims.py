"""What a provider says of a person -> name and role. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.sign_in_settings import ROLES, SignInSettings


@dataclass(frozen=True)
class Person:
    """Somebody who uses the app; role None: nothing gives them one; issued_at: of the sign-in, UTC."""

    name: str
    role: str | None
    issued_at: datetime | None = None


NOBODY = Person("", None)


def person_of(claims: Mapping[str, Any], settings: SignInSettings, now: datetime) -> Person:
    """The person behind an id token's claims; NOBODY when it has no subject or its time has passed."""
    until, issued = _instant(claims.get("exp")), _instant(claims.get("iat"))
    if until is None or now >= until or issued is None:
        return NOBODY
    email = claims.get("email") if claims.get("email_verified", True) in (True, "true") else None
    name = str(email or claims.get("sub") or "")
    return Person(name, _role(claims, str(email or ""), settings), issued) if name else NOBODY


def _role(claims: Mapping[str, Any], email: str, settings: SignInSettings) -> str | None:
    """The highest role that the claim itself, a group or the e-mail address gives."""
    groups = [group.casefold() for group in _texts(claims.get(settings.oidc_roles_claim))]
    named = {*groups, *(settings.role_groups.get(group, "") for group in groups)}
    named.add(settings.role_emails.get(email.casefold(), ""))
    return next((role for role in ROLES if role in named), None)


def _texts(value: Any) -> Iterable[str]:
    """A claim with one text, several, or something else that names no role."""
    if isinstance(value, str):
        return value.replace(",", " ").split() or ()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else ()


def _instant(value: Any) -> datetime | None:
    """A claim's seconds as an instant; None for what is no number of them."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None

"""A provider's claims -> name and role."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.sign_in.claims import NOBODY, person_of
from data.sign_in_settings import SignInSettings

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
SETTINGS = SignInSettings(
    role_groups={"ops-finance": "finance", "Ops Admins": "admin"}, role_emails={"Ann@example.com": "manager"}
)


def claims(**other: Any) -> dict[str, Any]:
    return {"sub": "1", "email": "ann@example.com", "iat": SECONDS - 60, "exp": SECONDS + 60} | other


@pytest.mark.parametrize(
    ("given", "role"),
    [
        ({"email": "ann@example.com"}, "manager"),
        ({"email": "ANN@example.com"}, "manager"),
        ({"email": "ben@example.com"}, None),
        ({"email": "ann@example.com", "email_verified": False}, None),
        ({"email": "ben@example.com", "roles": ["sales"]}, "sales"),
        ({"email": "ben@example.com", "roles": "viewer finance"}, "finance"),
        ({"email": "ben@example.com", "roles": ["OPS-finance", "sales"]}, "finance"),
        ({"email": "ben@example.com", "roles": ["ops admins"]}, "admin"),
        ({"roles": ["root", 7, None, {"admin": 1}]}, "manager"),
        ({"email": None, "roles": {"admin": True}}, None),
    ],
)
def test_the_highest_role_that_anything_gives(given: dict[str, Any], role: str | None) -> None:
    assert person_of(claims(**given), SETTINGS, NOW).role == role


@pytest.mark.parametrize(
    "given", [{"exp": SECONDS}, {"exp": None}, {"exp": "soon"}, {"exp": 1e300}, {"iat": None}]
)
def test_a_sign_in_whose_time_has_passed_or_is_not_told_is_nobodys(given: dict[str, Any]) -> None:
    assert person_of(claims(**given), SETTINGS, NOW) == NOBODY


def test_without_a_verified_address_the_name_is_the_subject() -> None:
    assert person_of(claims(email_verified=False), SETTINGS, NOW).name == "1"
    assert person_of(claims(email=None, sub=None), SETTINGS, NOW) == NOBODY


def test_another_claim_can_name_the_groups() -> None:
    settings = SignInSettings(oidc_roles_claim="groups", role_groups={"eu": "sales"})
    assert person_of(claims(groups=["EU"], roles=["admin"]), settings, NOW).role == "sales"

"""One customer in words."""

import pandas as pd
import pytest

from dashboard import benefits
from dashboard.metrics import customer, customers
from tests.data.lives import day

SINCE = day("2026-02-01")


@pytest.mark.parametrize(
    ("billed", "live", "told", "said"),
    [
        (["SSO"], {"SSO": SINCE}, True, ["SSO: billed, live since 1 Feb 2026"]),
        (["SSO"], {"SSO": pd.NaT}, True, ["SSO: billed, live"]),
        (["SSO"], {}, True, ["SSO: billed, not live in the application"]),
        (["SSO"], {}, False, ["SSO: billed"]),
        ([], {"SSO": SINCE}, True, ["SSO: live in the application, not billed"]),
    ],
)  # fmt: skip
def test_add_ons_with_their_state(
    billed: list[str], live: dict[str, object], told: bool, said: list[str]
) -> None:
    assert list(customer.addons(billed, live, told)) == said


def test_add_ons_by_key_or_name() -> None:
    assert [benefits.addon(word) for word in ("sso", "SAML single sign-on", "other")] == [
        "Single sign-on",
        "Single sign-on",
        "other",
    ]


def test_where_things_happen() -> None:
    assert [customer.where(source) for source in ("invoice", "quote", "application", "note")] == [
        "Stripe, invoice",
        "Quotes",
        "Application",
        "Staff, note",
    ]


def test_notes_that_stand() -> None:
    written = pd.DataFrame({"thread": ["b", "a", "b", "c"], "text": [None, "two", "x", "y"]}, dtype="string")
    assert customer.standing_notes(written) == ["a", "c"]


def test_who_serves_themselves_narrows_products_and_plans() -> None:
    products = pd.DataFrame(
        {"product_id": ["p1", "e1", "x1"], "plan": ["Professional", "Enterprise", "SSO"]}, dtype="string"
    )
    ladder = benefits.ladder()
    assert customers.held(products, None, ladder, "") == {}
    assert customers.held(products, None, ladder, "manager") == {
        "products": ("e1",),
        "plans": ("enterprise",),
    }
    assert customers.held(products, ["p1", "e1"], ladder, "self")["products"] == ("p1",)
    assert customers.held(products, ["e1"], ladder, "self") == {"products": (), "plans": ()}
    assert customers.held(products, ["x1"], ladder, "") == {"products": ("x1",), "plans": ()}


def test_people_that_are_not_known_are_an_empty_text() -> None:
    chosen = {"country": ["DE", "Unknown"], "manager": [], "segment": ["SMB"]}
    assert customers.people(chosen) == {"countries": ("DE", ""), "segments": ("SMB",)}

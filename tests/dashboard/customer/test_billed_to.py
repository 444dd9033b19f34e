"""Whom invoices are made out to, in lines."""

import pytest

from dashboard.customer.billed_to import lines

ACME = {"name": "Acme", "country": "DE", "tax_exempt": "none", "tax_ids": []}
ADDRESS = {"line1": "Main St 1", "line2": None, "postal_code": "10115", "city": "Berlin", "state": None}


def test_an_envelope() -> None:
    told = list(lines({**ACME, "address": ADDRESS}))
    assert told == ["Acme", "Main St 1", "10115 Berlin, DE", "No tax id."]
    assert list(lines({**ACME, "name": None, "address": None}))[:2] == ["DE", "No street is known."]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tax_ids": None}, "Stripe did not show the tax ids."),
        (
            {"tax_ids": [{"type": "eu_vat", "value": "DE1", "verification": "verified"}]},
            "EU VAT number DE1, verified",
        ),
        (
            {"tax_ids": [{"type": "xx_new", "value": "1", "verification": None}]},
            "xx_new 1, not verified by Stripe",
        ),
        ({"tax_exempt": "reverse"}, "Reverse charge"),
    ],
)
def test_taxes(given: dict[str, object], told: str) -> None:
    assert list(lines({**ACME, "address": ADDRESS, **given}))[-1] == told

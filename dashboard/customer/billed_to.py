"""Whom invoices are made out to: name, address, tax ids with what Stripe found of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from dashboard import formatting
from dashboard.actions.tax_ids import name_of
from dashboard.customer.details_forms import TAXES
from dashboard.metrics.text import known

VERIFIED = {
    "verified": "verified",
    "unverified": "Stripe could not verify it",
    "pending": "being verified",
    "unavailable": "not verified by Stripe",
}


def billed_to(profile: Mapping[Any, Any]) -> None:
    """The lines of it, on the page."""
    st.markdown("**Billed to**")
    st.markdown("  \n".join(map(formatting.markdown, lines(profile))))


def lines(profile: Mapping[Any, Any]) -> Iterator[str]:
    """A customer's row of `customer_profile` in lines, as an envelope has them."""
    address = profile["address"] or {}
    place = " ".join(filter(None, (known(address.get("postal_code")), known(address.get("city")))))
    last = ", ".join(filter(None, (place, known(address.get("state")), known(profile["country"]))))
    told = (known(profile["name"]), known(address.get("line1")), known(address.get("line2")), last)
    yield from filter(None, told)
    if not known(address.get("line1")):
        yield "No street is known."
    yield from _taxes(profile)


def _taxes(profile: Mapping[Any, Any]) -> Iterator[str]:
    ids = profile["tax_ids"]
    if not isinstance(ids, list):
        yield "Stripe did not show the tax ids."
    elif not ids:
        yield "No tax id."
    else:
        for each in ids:
            found = VERIFIED.get(str(each.get("verification")), "not verified by Stripe")
            yield f"{name_of(str(each['type']))} {each['value']}, {found}"
    if (exempt := known(profile["tax_exempt"])) and exempt != "none":
        yield TAXES.get(exempt, exempt)

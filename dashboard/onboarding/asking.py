"""What the customer is asked for to set up an add-on: one message, ready to copy."""

from collections.abc import Iterator

import streamlit as st

from dashboard.addons.states import SINGLE_SIGN_ON
from dashboard.onboarding import checks as addon_checks
from dashboard.onboarding.desk import Kept
from data.addon_settings import CUSTOMER
from data.config import Settings, settings

GIVEN = {
    "saml": {"ACS URL": "sso_acs_url", "Entity id": "sso_entity_id"},
    "oidc": {"Redirect URI": "sso_redirect_uri"},
}
"""What the customer enters at their identity provider, by protocol: label and setting."""
WANTED = {
    "saml": "Send us the address of your identity provider's SAML metadata (not the one where people sign "
    "on), or the file.",
    "oidc": "Send us your provider's issuer, such as https://login.example.com, and the client id.",
}
TESTED = "When it is set up we test it together: an administrator and an ordinary member sign on."


def given(kept: Kept, protocol: str, chosen: Settings) -> dict[str, str | None]:
    """What the customer enters at their identity provider, by label; None: the settings do not say."""
    values = {label: getattr(chosen, name) for label, name in GIVEN[protocol].items()}
    return {
        label: value and str(value).replace(CUSTOMER, kept.customer_id) for label, value in values.items()
    }


def message(kept: Kept, protocol: str, chosen: Settings) -> str | None:
    """What to send to the customer; None while the settings lack a part of it, or nothing is to be done."""
    known = given(kept, protocol, chosen) if kept.kind == SINGLE_SIGN_ON else {}
    records = addon_checks.records(kept, chosen.custom_domain_target)
    lacks_target = kept.kind != SINGLE_SIGN_ON and not chosen.custom_domain_target
    if not all(known.values()) or lacks_target or not (known or records):
        return None
    return "\n".join(_lines(kept, protocol, {label: str(value) for label, value in known.items()}, chosen))


def _lines(kept: Kept, protocol: str, known: dict[str, str], chosen: Settings) -> Iterator[str]:
    sign_on = kept.kind == SINGLE_SIGN_ON
    yield f"Hello,\n\nto set up {'single sign-on' if sign_on else kept.settings['hostname']} with us, please:"
    if sign_on:
        yield "\n- Enter at your identity provider:"
        yield from (f"    {label}: {value}" for label, value in known.items())
        if not (kept.settings.get("metadata") or kept.settings.get("provider")):
            yield f"- {WANTED[protocol]}"
        if not kept.settings.get("domains"):
            yield "- Tell us the e-mail domains of the people who will sign on."
    if records := addon_checks.records(kept, chosen.custom_domain_target):
        yield "- Create these DNS records:"
        for _, record in records:
            yield f"    {record.kind}  {record.name}\n    value  {record.value}"
        yield "  We look for them every few minutes; some name servers take up to a day."
    if sign_on:
        yield f"\n{TESTED}"


def card(kept: Kept, protocol: str = "") -> None:
    """The message to copy, until the customer has done their part."""
    if kept.state not in ("requested", "waiting"):
        return
    text = message(kept, protocol, settings())
    if text:
        with st.expander("Message for the customer, ready to copy", icon=":material/mail:"):
            st.code(text, language=None, wrap_lines=True)

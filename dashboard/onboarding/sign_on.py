"""Single sign-on: what the customer is given, what they give us, domains, tests."""

from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import dialogs, formatting
from dashboard.addons import rules
from dashboard.metrics.addon_setups import certificates_told
from dashboard.onboarding import asking, seen
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import Kept
from data import clock
from data.config import settings

PROTOCOLS = {"saml": "SAML 2.0", "oidc": "OpenID Connect"}


def form(kept: Kept, editable: bool) -> None:
    """The fields on the left, what they led to on the right."""
    fields, led_to = st.columns(2, gap="large")
    with fields:
        protocol = _protocol(kept)
        _given(kept, protocol)
        if editable:
            (_saml if protocol == "saml" else _oidc)(kept)
            _domains(kept)
            _scim(kept)
    with led_to:
        _identity(kept)
        seen.records(kept, with_seen=True)
        if kept.settings.get("domains"):
            seen.button(kept) if editable else None
        _tests(kept, editable)


def _protocol(kept: Kept) -> str:
    usual = str(kept.settings.get("protocol") or "saml")
    chosen = st.segmented_control(
        "Protocol", list(PROTOCOLS), format_func=PROTOCOLS.__getitem__, default=usual, key=f"sso_{kept.id}"
    )
    return str(chosen or usual)


def _given(kept: Kept, protocol: str) -> None:
    """What the customer enters at their identity provider, ready to copy."""
    st.markdown("**What the customer is given**")
    for label, value in asking.given(kept, protocol, settings()).items():
        st.caption(label)
        if value:
            st.code(value, language=None, wrap_lines=True)
        else:
            name = asking.GIVEN[protocol][label].upper()
            st.markdown(f"Not known: set {name} in the settings.")
    asking.card(kept, protocol)


def _saml(kept: Kept) -> None:
    st.markdown("**What the customer gives us**")
    url = st.text_input("Metadata URL", key=f"sso_url_{kept.id}", placeholder="https://", max_chars=2000)
    if st.button("Read metadata from the URL", key="sso_read_url", disabled=not (url or "").strip()):
        dialogs.make(partial(addon_desk.saml_from_url, kept, url or ""), "The metadata is kept.")
    given = st.file_uploader("or a metadata file", type=["xml"], key=f"sso_file_{kept.id}", max_upload_size=5)
    if given is not None and st.button("Keep this file's metadata", key="sso_read_file"):
        dialogs.make(partial(addon_desk.saml_from_file, kept, given.getvalue()), "The metadata is kept.")


def _oidc(kept: Kept) -> None:
    st.markdown("**What the customer gives us**")
    provider = kept.settings.get("provider") or {}
    issuer = st.text_input(
        "Issuer", value=provider.get("issuer", ""), key=f"sso_issuer_{kept.id}", placeholder="https://"
    )
    client = st.text_input("Client id", value=kept.settings.get("client_id", ""), key=f"sso_client_{kept.id}")
    st.caption("The client secret goes straight into the product; it is not kept here.")
    if st.button("Read the provider", key="sso_read_issuer", disabled=not (issuer or "").strip()):
        dialogs.make(
            partial(addon_desk.oidc_from_issuer, kept, issuer or "", client or ""), "The provider is kept."
        )


def _domains(kept: Kept) -> None:
    st.markdown("**E-mail domains of the people who sign on**")
    for each in kept.settings.get("domains", []):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(formatting.markdown(each["name"]))
            if st.button("Take out", key=f"sso_drop_{each['name']}", type="tertiary"):
                dialogs.make(partial(addon_desk.drop_domain, kept, each["name"]), "The domain is taken out.")
    typed = st.text_input(
        "Another domain", key=f"sso_domain_{len(kept.settings.get('domains', []))}", placeholder="example.com"
    )
    if st.button("Add domain", key="sso_add_domain", disabled=not (typed or "").strip()):
        dialogs.make(partial(addon_desk.add_domain, kept, typed or ""), "The domain is added.")


def _scim(kept: Kept) -> None:
    wanted = bool(kept.settings.get("scim"))
    chosen = st.toggle("People come and go by SCIM", value=wanted, key=f"sso_scim_{kept.id}_{kept.version}")
    if chosen != wanted:
        told = "SCIM wanted" if chosen else "SCIM not wanted"
        dialogs.make(partial(addon_desk.save, kept, {"scim": chosen}, told), f"{told}.")


def _identity(kept: Kept) -> None:
    """What was read of the identity provider."""
    metadata, provider = kept.settings.get("metadata"), kept.settings.get("provider")
    st.markdown("**The identity provider**")
    if metadata:
        rows = [("Entity id", metadata["entity_id"])]
        rows += [
            (f"{each['use']} ({each['binding']})".capitalize(), each["location"])
            for each in metadata["endpoints"]
        ]
        rows += [
            ("Certificate", f"{each['subject'] or 'no name'}, until {_day(each['not_after'])}")
            for each in metadata["certificates"]
        ]
        _table(rows)
        for sentence in certificates_told(kept.settings, clock.now()):
            st.warning(formatting.markdown(sentence), icon=":material/schedule:")
    elif provider:
        rows = [(name.replace("_", " ").capitalize(), str(value)) for name, value in provider.items()]
        _table([*rows, ("Client id", str(kept.settings.get("client_id")))])
    else:
        st.markdown("Nothing is known of it yet.")


def _table(rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["", "Read"]).map(formatting.markdown)
    st.table(frame, hide_index=True, border="horizontal")


def _tests(kept: Kept, editable: bool) -> None:
    """Who has signed on."""
    if kept.state not in ("verified", "tested", "active", "enforced"):
        return
    st.markdown("**Signed on in a test**")
    done = kept.settings.get("tests", {})
    for who, told in rules.TESTERS.items():
        if who in done:
            each = done[who]
            st.markdown(
                formatting.markdown(
                    f"{told.capitalize()}: {each['account']}, noted by {each['by']}, {each['at'][:10]}."
                )
            )
        elif editable:
            account = st.text_input(f"Account of {told}", key=f"sso_test_{who}", max_chars=200)
            if st.button(
                f"Note: {told} has signed on", key=f"sso_tested_{who}", disabled=not (account or "").strip()
            ):
                dialogs.make(partial(addon_desk.note_test, kept, who, account or ""), "Noted.")


def _day(kept: str) -> str:
    return formatting.day(datetime.fromisoformat(kept))

"""A custom domain: its name, the records to create, and three states of its own."""

from functools import partial

import streamlit as st

from dashboard import dialogs
from dashboard.addons.rules import DOMAIN_CHECKS
from dashboard.onboarding import asking, seen
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import Kept
from data.config import settings


def form(kept: Kept, editable: bool) -> None:
    """The name and the records on the left, what is seen on the right."""
    fields, led_to = st.columns(2, gap="large")
    with fields:
        st.markdown("**The customer's hostname**")
        name = str(kept.settings.get("hostname") or "")
        if editable:
            typed = st.text_input(
                "Hostname", value=name, key=f"domain_name_{kept.id}", placeholder="portal.example.com"
            )
            verb = "Change hostname" if name else "Keep hostname"
            if st.button(verb, key="domain_keep", disabled=not (typed or "").strip() or typed == name):
                dialogs.make(partial(addon_desk.set_hostname, kept, typed or ""), "The hostname is kept.")
        else:
            st.markdown(name or "None was given.")
        if not settings().custom_domain_target:
            st.warning(
                "CUSTOM_DOMAIN_TARGET is not set, so the CNAME cannot be told.", icon=":material/settings:"
            )
        seen.records(kept, with_seen=False)
        asking.card(kept)
    with led_to:
        st.markdown("**What is seen**")
        seen.checks(kept, DOMAIN_CHECKS)
        if editable and name:
            seen.button(kept)

"""What both kinds with DNS share: records expected beside seen, checks with reason and since when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formatting
from dashboard.dialogs import DONE
from dashboard.onboarding import checks as addon_checks
from dashboard.onboarding import desk as addon_desk
from dashboard.onboarding.desk import Kept
from data.config import settings

STANDS = {True: "✓ Found", False: "✗ Not yet", None: "? Not known"}


def records(kept: Kept, *, with_seen: bool) -> None:
    """The records to create, as the customer types them, and what DNS says of each."""
    rows = addon_checks.records(kept, settings().custom_domain_target)
    if not rows:
        return
    st.markdown("**DNS records that the customer creates**")
    for name, record in rows:
        check = kept.checks.get(name)
        st.caption(f"{record.kind} record: its name, then its value")
        st.code(record.name, language=None, wrap_lines=True)
        st.code(record.value, language=None, wrap_lines=True)
        if with_seen:
            st.markdown(formatting.markdown(_stands(check) + told(check)))


def checks(kept: Kept, names: Mapping[str, str]) -> None:
    """Checks that stand apart, with the reason and since when."""
    rows = [
        (
            called,
            STANDS[kept.checks[name]["ok"]] if name in kept.checks else "? Never checked",
            told(kept.checks.get(name)),
        )
        for name, called in names.items()
    ]
    frame = pd.DataFrame(rows, columns=["", "Stands", "Seen"])
    st.table(frame.map(formatting.markdown), hide_index=True, border="horizontal")


def told(check: Mapping[str, Any] | None) -> str:
    """A check in words."""
    if check is None:
        return "Never checked."
    since = formatting.moment(datetime.fromisoformat(check["since"]))
    unsaid = [each for each in check["seen"] if each not in check["told"]]
    seen = f" Seen: {', '.join(unsaid)[:300]}." if unsaid and not check["ok"] else ""
    return f"Since {since}: {check['told']}{seen}"


def _stands(check: Mapping[str, Any] | None) -> str:
    return f"{STANDS[check['ok']]}. " if check else ""


def button(kept: Kept) -> None:
    """Look everything up now."""
    at = f"Checked {formatting.moment(kept.checked_at)}." if kept.checked_at else "Never checked."
    if st.button("Check now", key="addon_check", icon=":material/refresh:"):
        try:
            with st.spinner("Asking the name servers"):
                done = addon_desk.check(kept)
        except addon_desk.AddonError as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")
            return
        st.session_state[DONE] = done
        st.rerun()
    again = formatting.elapsed(settings().addon_check_seconds)
    st.caption(f"{at} It is checked again every {again} while it waits or is live.")

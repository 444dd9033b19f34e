"""Whose session this is, asked anew at every question: a sign-in that has ended counts for nothing."""

import time
from datetime import datetime

import streamlit as st

from dashboard.sign_in.claims import NOBODY, Person, person_of
from data import clock, sign_ins
from data.config import Settings, SettingsError, settings
from data.sign_in_settings import ADMIN

CHOSEN = "_role"
ASKED_EVERY = 1.0  # seconds between two looks for the end of one sign-in
_asked: dict[tuple[str, datetime], tuple[float, bool]] = {}


def who() -> Person:
    """The person whose session this is; NOBODY when nobody has signed in, or not any more."""
    try:
        chosen = settings()
    except SettingsError:
        return NOBODY
    if chosen.lets_choose_role:
        role = str(st.session_state.get(CHOSEN, ADMIN))
        return Person(f"local {role}", role)
    return _signed_in(chosen) if chosen.has_sign_in else NOBODY


def _signed_in(chosen: Settings) -> Person:
    person = person_of(st.user.to_dict(), chosen, clock.now()) if st.user.get("is_logged_in") else NOBODY
    return NOBODY if person.issued_at and _ended(chosen, person.name, person.issued_at) else person


def _ended(chosen: Settings, name: str, issued_at: datetime) -> bool:
    """Whether the sign-in was ended before its time; without the database, what was known last."""
    at, known = _asked.get((name, issued_at), (-ASKED_EVERY, False))
    if time.monotonic() - at < ASKED_EVERY:
        return known
    known = sign_ins.is_ended(chosen.database_url.get_secret_value(), name, issued_at, unless_known=known)
    _asked[name, issued_at] = time.monotonic(), known
    return known


def forget(name: str) -> None:
    """Ask the database anew about a person's sign-ins."""
    for key in [key for key in _asked if key[0] == name]:
        del _asked[key]

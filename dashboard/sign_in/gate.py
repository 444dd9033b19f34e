"""The gate before every page: sign in, no access, and in the sidebar who one is and the way out."""

import logging
from pathlib import Path

import streamlit as st

from dashboard import states
from dashboard.cache import UnavailableError
from dashboard.sign_in import session
from dashboard.sign_in.claims import Person
from data import clock, sign_ins
from data.config import SettingsError, settings
from data.sign_in_settings import ADMIN, ROLES
from data.writing import NotChangedError

LOG = logging.getLogger(__name__)
PAGES = Path(__file__).resolve().parents[2] / "pages"
SEEN = "_sign_in_seen"
WIDTH = 460  # pixels of what stands instead of a page


def passed() -> bool:
    """Whether the person may go on to the pages; otherwise what they can do is on the screen."""
    try:
        refusal = settings().refusal()
    except SettingsError as error:
        raise UnavailableError("The settings cannot be used", str(error)) from error
    if refusal is not None:
        return _stopped(lambda: states.not_served(refusal))
    person = session.who()
    if not person.name:
        return _stopped(_asked_to_sign_in)
    if person.role is None:
        return _stopped(lambda: _without_role(person))
    if settings().has_sign_in:
        _note(person, person.role)
    return True


def menu() -> None:
    """At the foot of the sidebar: the person and the way out, or the choice of a role."""
    with st.sidebar.container(gap="xxsmall"):
        if settings().lets_choose_role:
            _picker()
        else:
            person = session.who()
            st.caption(f":material/person: {states.plain(person.name)}, {person.role}")
            _sign_out_button()


def _picker() -> None:
    st.session_state.setdefault(session.CHOSEN, ADMIN)
    held = st.session_state[session.CHOSEN]
    place = ROLES.index(held) if held in ROLES else 0
    st.caption(":material/science: **Sandbox without sign-in:** whoever is at this machine chooses a role.")
    chosen = st.selectbox("Role", ROLES, index=place, format_func=str.capitalize, key="role_choice")
    if chosen != held and held in ROLES:
        st.session_state[session.CHOSEN] = chosen
        st.rerun()


def _stopped(drawn: "states.Drawn") -> bool:
    """Draw a state instead of a page; every page is registered, so that no address says “not found”."""
    page = st.Page(drawn, title="Subscription operations", url_path="home", default=True)
    hidden = [st.Page(file, visibility="hidden") for file in sorted(PAGES.glob("[!_]*.py"))]
    st.navigation([page, *hidden], position="hidden")
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
        drawn()
    return False


def _asked_to_sign_in() -> None:
    states.sign_in(was_in=bool(st.user.get("is_logged_in")))
    if st.button("Sign in", type="primary", icon=":material/login:", width="stretch"):
        st.login()


def _without_role(person: Person) -> None:
    states.no_role(person.name)
    _sign_out_button()


def _sign_out_button() -> None:
    if st.button("Sign out", icon=":material/logout:", type="tertiary", key="sign_out"):
        person = session.who()
        try:
            url = settings().database_url.get_secret_value()
            sign_ins.end(url, person.name, clock.now(), person.name, person.issued_at)
        except NotChangedError:
            LOG.warning("A sign-out was not kept")
        session.forget(person.name)
        st.logout()


def _note(person: Person, role: str) -> None:
    """Keep the sign-in, once for a session."""
    assert person.issued_at is not None
    if st.session_state.get(SEEN) == (person.name, person.issued_at):
        return
    try:
        url = settings().database_url.get_secret_value()
        sign_ins.note(url, person.name, role, person.issued_at, clock.now())
        st.session_state[SEEN] = person.name, person.issued_at
    except NotChangedError:
        LOG.warning("A sign-in could not be written into the audit; tried again with the next page")

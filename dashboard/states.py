"""What a page shows when it has nothing to show: never synced, empty, failed, forbidden."""

from collections.abc import Callable

import streamlit as st

from dashboard import address, formatting
from dashboard.access import ForbiddenError
from dashboard.cache import UnavailableError

Drawn = Callable[[], None]


def _state(title: str, text: str, icon: str) -> None:
    with st.container(border=True, gap="small"):
        st.subheader(f":material/{icon}: {title}", anchor=False)
        st.markdown(text)


def never_synced() -> None:
    """Nothing has been read yet."""
    _state(
        "Nothing has been read yet",
        "The first sync fills this page. Start it with `python -m dashboard sync`, or `make run` to try the "
        "app with a sandbox; the page fills itself when the sync is done.",
        "sync",
    )


NO_MATCH = "No customers match these filters. Choose another period, or clear the filters."
NOBODY_YET = (
    "Nobody has had a paid subscription in this period. The page fills itself when somebody does. If "
    "somebody should be here, Data health tells what was read: the key in the settings decides from which "
    "account, and whether test or live."
)


def empty(text: str = "", *, unasked: str = "", title: str = "Nothing to show") -> None:
    """The data is there and the question has no rows; without a text, because of the filters if there are.

    unasked: what is said instead where the address asks for nothing.
    """
    told = unasked if unasked and not address.now() else text
    _state(title, told or (NO_MATCH if address.now() else NOBODY_YET), "filter_alt_off")


def asking(title: str, text: str) -> None:
    """The page waits for what the reader looks for."""
    _state(title, text, "search")


def nobody(name: str) -> None:
    """A customer's page without a customer."""
    told = f"Nobody has the id `{name}`." if name.replace("_", "").isalnum() else "The address names nobody."
    _state("No such customer", f"{told} Look for the customer by name on the Customers page.", "person_off")


def nothing_missing() -> None:
    """The best answer that Data health can give."""
    _state(
        "Everything is known",
        "Events, invoices and schedules date every change of recurring revenue in this currency, and Stripe "
        "showed every price and coupon. No customer's history needs a second look.",
        "verified",
    )


def unavailable(error: UnavailableError) -> None:
    """A failure that has a name and a way out."""
    _state(error.title, str(error), "cloud_off")
    st.button("Try again", key="try_again", icon=":material/refresh:")


def broken(run: str) -> None:
    """A failure of ours, which the log knows and the person need not."""
    _state(
        "This page could not be drawn",
        "The fault is in the app, not in what you did, and your data is safe. The log has the details under "
        f"`run={run}`; the other pages still work.",
        "error",
    )
    st.button("Try again", key="try_again", icon=":material/refresh:")


def forbidden(error: ForbiddenError) -> None:
    """The person may not see this."""
    _state(
        "This page is not open to you",
        f"It needs the permission “{error}”. Someone who administers the app can give it to you.",
        "lock",
    )


def sign_in(*, was_in: bool) -> None:
    """Nobody has signed in, or not any more."""
    title = "Your sign-in has ended" if was_in else "Subscription operations"
    text = "Sign in again to go on where you were." if was_in else "Sign in to see plans, renewals and churn."
    _state(title, text, "lock")


def no_role(name: str) -> None:
    """Signed in, and nothing gives the person a role."""
    _state(
        "You have no access yet",
        f"You are signed in as {plain(name)}, and no role is set for you here. Ask whoever administers the "
        "app for one (sales, finance, manager, viewer), then sign out and in again.",
        "person_off",
    )


def not_served(refusal: str) -> None:
    """The settings would show an account to anybody."""
    _state("Sign-in is not set up", refusal, "lock")


def plain(text: str) -> str:
    """What others typed, such as a name, so that Markdown leaves it as it is."""
    return formatting.markdown(text)

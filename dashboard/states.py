"""What a page shows when it has nothing to show: never synced, empty, failed, forbidden."""

import streamlit as st

from dashboard.access import ForbiddenError
from dashboard.cache import UnavailableError


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


def empty(
    text: str = "No customers match these filters. Choose another period, or clear the filters.",
    *,
    title: str = "Nothing to show",
) -> None:
    """The data is there and the question has no rows."""
    _state(title, text, "filter_alt_off")


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


def broken() -> None:
    """A failure of ours, which the log knows and the person need not."""
    _state(
        "This page could not be drawn",
        "The fault is in the app, not in what you did, and your data is safe. The log has the details; the "
        "other pages still work.",
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

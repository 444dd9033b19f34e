"""On a quote's page: links for the customer, until when each is good, and whether it was opened."""

import streamlit as st

from dashboard import formatting
from dashboard.actions.base import ActionError
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import linking as quote_linking
from data import clock
from data.quotes.links import Link
from data.quotes.offers import Offer

HERE = (
    "No public address is set (CUSTOMER_URL or PUBLIC_URL), so it leads to the address of this page: "
    "the customer must reach that."
)
WHO = "Whoever has a link reads the papers for the customer without signing in, and nothing else."
ONCE = "Copy it now: it is not kept here, only its fingerprint. You can make another at any time."


def links(offer: Offer) -> None:
    """A button that opens the links of what was sent; they say how many are good."""
    good = sum(each.good(clock.now()) for each in quote_linking.links(offer))
    if st.button(f"Links ({good})" if good else "Link", icon=":material/link:", key="offer_links"):
        _open(offer)


def _open(offer: Offer) -> None:
    @st.dialog("Links to the papers", width="large")
    def opened() -> None:
        try:
            _made(offer)
            for link in quote_linking.links(offer):
                _one(offer, link)
        except (ActionError, quote_desk.NotChangedError) as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")

    opened()


def _made(offer: Offer) -> None:
    """Make a link and show it, this once."""
    st.markdown(WHO)
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    until = left.date_input(
        "Good until",
        quote_linking.usual(offer),
        min_value=quote_desk.today(),
        max_value=quote_linking.latest(),
        key="link_until",
    )
    if right.button("Make link", type="primary", icon=":material/add_link:", key="link_make") and until:
        token, told = quote_linking.make(offer, until)
        st.code(quote_linking.address(token, st.context.url or ""), language=None, wrap_lines=True)
        st.caption(ONCE)
        if told:
            st.warning(formatting.markdown(told), icon=":material/warning:")
        if not quote_linking.public():
            st.warning(HERE, icon=":material/public_off:")


def _one(offer: Offer, link: Link) -> None:
    """A link that was made, and what became of it."""
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.markdown(formatting.markdown(_state(link)))
    if link.good(clock.now()) and button.button("Take back", key=f"link_revoke_{link.id}"):
        quote_linking.revoke(offer, link)
        st.rerun(scope="fragment")


def _state(link: Link) -> str:
    made = f"Made {formatting.moment(link.made_at)} by {link.made_by}"
    if link.revoked_at:
        ends = f"taken back {formatting.moment(link.revoked_at)} by {link.revoked_by}"
    else:
        verb = "good" if link.good(clock.now()) else "was good"
        ends = f"{verb} until {formatting.day(link.last_day)}"
    seen = "not opened yet"
    if link.last_opened_at:
        times = formatting.plural(link.opened, "time")
        seen = f"opened {times}, last {formatting.moment(link.last_opened_at)}"
    return f"{made}; {ends}; {seen}."

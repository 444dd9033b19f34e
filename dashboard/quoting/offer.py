"""On a quote's page: what goes to the customer, sending it, and noting what the customer says."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboard import access, dialogs, formatting, navigation, widgets
from dashboard.actions.base import ActionError, Preview
from dashboard.actions.quoting import SEND, AcceptQuote
from dashboard.actions.quoting_joining import JoinSubscription
from dashboard.cache import Snapshot
from dashboard.customer.acting import told
from dashboard.quotes.pricing import Priced
from dashboard.quotes.rules import listed
from dashboard.quoting import accepting as quote_accepting
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import link_card as quote_link_card
from dashboard.quoting import linking as quote_linking
from dashboard.quoting import papers as quote_papers
from dashboard.quoting import sending as quote_sending
from dashboard.quoting.desk import Draft
from dashboard.quoting.sending_joined import is_addition
from dashboard.quoting.state import Editing
from data.quotes.offers import Offer
from data.quotes.states import ACCEPTED, APPROVED, DECLINED, SENT, WITHDRAWN

Change = Callable[[], str]
"""Does something, and says what is left to do."""
SHOWN = "_offer_shown"
NO_MAIL = (
    "No mail server is set: once it is sent, download the papers or make a link to them, and pass it on."
)
WRITTEN = "It is written at Stripe first, as a draft that binds nobody, and the totals are compared."
COMPARED = "First the totals are compared with what Stripe would bill for the change; nothing is changed yet."
KINDS = {"order_form": "Order form", "signed": "Signed order form"}
BOTH = "The order form, and the quote at Stripe that bills it."


def offer(snapshot: Snapshot, editing: Editing, found: Priced | None) -> None:
    """The papers, and what can be done with them in the state that the quote is in."""
    draft = editing.draft
    if found is None:
        return
    adds = found.quote.joins is not None
    said = "The order form; what it adds is billed by the subscription." if adds else BOTH
    with widgets.card("For the customer", said):
        sent = quote_sending.offers(draft.id)
        newest = sent[0] if sent else None
        if newest is not None:
            _said(newest)
        if access.permitted("download") and access.permitted("see personal data"):
            _papers(snapshot, draft, found, newest)
        if access.permitted(SEND):
            _ways(snapshot, draft, found, newest)


def _said(newest: Offer) -> None:
    """What became of it at Stripe."""
    if newest.told:
        st.warning(formatting.markdown(newest.told), icon=":material/warning:")
    if newest.state == "open":
        until = f", open until {formatting.day(newest.last_day)}" if newest.last_day else ""
        sent = f"Sent by {newest.sent_by}, {formatting.moment(newest.sent_at)}{until}."
        st.markdown(formatting.markdown(sent))
    elif newest.state == "accepted":
        signed = f", signed by {newest.signatory} on {formatting.day(newest.signed_on)}"
        by = signed if newest.signatory else " at Stripe"
        at = formatting.moment(newest.accepted_at)
        st.markdown(formatting.markdown(f"Accepted {at}{by}."))
        if newest.completed_at is None:
            st.warning("Not all that follows is in place yet.", icon=":material/pending:")
        if newest.customer_id and st.button("Open customer", icon=":material/person:", key="offer_customer"):
            navigation.open_customer(newest.customer_id)


def _papers(snapshot: Snapshot, draft: Draft, found: Priced, newest: Offer | None) -> None:
    """Downloads: what was sent as it was sent, whatever became of it; else the order form as it would be."""
    kept = quote_papers.documents(newest, *KINDS) if newest and newest.sent_at else []
    with st.container(horizontal=True):
        for place, each in enumerate(kept):
            _paper(KINDS[each.kind], each.content, each.name, f"paper_{place}")
        if not kept:
            now = partial(quote_papers.paper, snapshot, draft, found)
            _paper("Order form", now, f"Order form {draft.name}.pdf", "paper_now")
        elif newest is not None and _has_stripes(newest):
            theirs = partial(quote_papers.stripe_pdf, newest)
            _paper("Stripe's quote", theirs, f"Quote {draft.name}.pdf", "paper_stripe")


def _has_stripes(newest: Offer) -> bool:
    """Whether Stripe's own document can be had: of what is over, where it was kept while it was open."""
    if is_addition(newest) or not access.permitted(SEND):
        return False
    return newest.state in ("open", "accepted") or bool(quote_papers.documents(newest, "stripe"))


def _paper(label: str, content: bytes | Callable[[], bytes], name: str, key: str) -> None:
    file: Any = content
    st.download_button(
        label, file, name, "application/pdf", key=key, icon=":material/draft:", on_click="ignore"
    )


def _ways(snapshot: Snapshot, draft: Draft, found: Priced, newest: Offer | None) -> None:
    if draft.state == APPROVED:
        if st.button("Send quote", type="primary", icon=":material/send:", key="offer_send"):
            _open_sending(snapshot, draft, found)
    elif newest is None:
        return
    elif draft.state == SENT and newest.state == "open":
        with st.container(horizontal=True):
            if st.button("The customer accepts", type="primary", icon=":material/task_alt:", key="offer_yes"):
                _open_accepting(draft, newest)
            if st.button("Mail it again", icon=":material/mail:", key="offer_mail", disabled=not _mails()):
                _open_mailing(snapshot, draft, newest)
            quote_link_card.links(newest)
            _ending(draft, newest)
    elif draft.state == ACCEPTED and newest.state == "accepted":
        unfinished = newest.completed_at is None
        if unfinished and st.button("Finish", type="primary", icon=":material/rule:", key="offer_finish"):
            _tried(lambda: quote_accepting.finish(newest), "All that follows is in place.")
        quote_link_card.links(newest)
    elif newest.state == "open" and st.button("Withdraw at Stripe", key="offer_stray"):
        _tried(lambda: _end(draft, newest, "", "It is not for sale any more"), "Withdrawn at Stripe.")


def _mails() -> bool:
    return quote_papers.sends_mail()


def _address(snapshot: Snapshot, draft: Draft) -> str:
    """Where the customer's mail goes, for those who may see it."""
    customer = str(draft.fields.get("customer_id") or "")
    if not customer:
        return str(draft.fields.get("prospect_email") or "")
    if not access.permitted("see personal data"):
        return ""
    rows = snapshot.frame("customer_profile", customer)
    email = rows["email"].iloc[0] if len(rows) else None
    return email if isinstance(email, str) else ""


def _open_sending(snapshot: Snapshot, draft: Draft, found: Priced) -> None:
    st.session_state.pop(SHOWN, None)

    @st.dialog("Send quote", width="large")
    def sending() -> None:
        to = ""
        if _mails():
            to = st.text_input("E-mail to", _address(snapshot, draft), key="offer_to") or ""
            papers = "the order form" if found.quote.joins else "the order form and Stripe's quote"
            st.caption(f"With {papers}; empty: nothing is mailed, download it and pass it on.")
        else:
            st.caption(NO_MAIL)
        known = st.session_state.get(SHOWN)
        if known is None:
            st.markdown(COMPARED if found.quote.joins else WRITTEN)
            if not st.button("Compare with Stripe", type="primary", key="offer_compare"):
                return
            try:
                with st.spinner("Asking Stripe"):
                    known = quote_sending.prepare(draft, found)
            except (ActionError, quote_desk.NotChangedError) as error:
                st.error(formatting.markdown(str(error)), icon=":material/block:")
                return
            st.session_state[SHOWN] = known
            st.rerun(scope="fragment")  # what led here goes
        command, shown = known
        if draft.revises:
            st.caption("The quote that it revises is taken back with it, where it is still open.")
        st.success(_agree(found), icon=":material/balance:")
        told(shown)
        _beside(draft, str(draft.fields.get("customer_id") or ""))
        if st.button("Send quote", type="primary", key="offer_confirm"):
            _tried(lambda: quote_sending.send(snapshot, draft, command, shown, to.strip()), "Sent.")

    sending()


def _beside(draft: Draft, customer_id: str) -> None:
    """What else the customer can accept, by itself."""
    try:
        names = [each.name for each in quote_desk.open_beside(draft, customer_id)]
    except quote_desk.NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
        return
    if names:
        be, other = ("are", "them") if len(names) > 1 else ("is", "it")
        said = f"{listed(names)} {be} open for this customer too, and can be accepted beside this one."
        st.warning(f"{said} Withdraw {other} unless both are meant.", icon=":material/content_copy:")


def _agree(found: Priced) -> str:
    code = found.quote.currency
    first = formatting.amount(found.first_invoice, code)
    total = formatting.amount(found.total, code)
    said = f"Stripe comes to the same: {first} on the first invoice. The whole term comes to {total}."
    if found.quote.joins:
        again = formatting.amount(found.whole.net, code)
        said = f"Stripe comes to the same: {first} first, {again} at each renewal. All of it: {total}."
    return formatting.markdown(said)


def _tried(change: Change, done: str) -> None:
    """Carry out what may leave something to do, and say so."""
    try:
        with st.spinner("Stripe is doing it"):
            left = change()
    except (ActionError, quote_desk.NotChangedError) as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return
    st.session_state.pop(SHOWN, None)
    st.session_state[dialogs.DONE] = f"{done} {left}".strip()
    st.rerun()


def _open_accepting(draft: Draft, newest: Offer) -> None:
    st.session_state.pop(SHOWN, None)

    @st.dialog("The customer accepts", width="large")
    def accepting() -> None:
        who = st.text_input("Signed by", key="offer_signatory", placeholder="Name and title") or ""
        on = st.date_input(
            "Signed on", quote_desk.today(), max_value=quote_desk.today(), key="offer_signed_on"
        )
        signed = st.file_uploader("Signed order form", ["pdf"], key="offer_signed", max_upload_size=10)
        if not who.strip() or signed is None:
            st.caption("With the name and the signed PDF, see what it leads to.")
            return
        command = quote_accepting.acceptance(newest, who, on)
        known: tuple[AcceptQuote | JoinSubscription, Preview] | None = st.session_state.get(SHOWN)
        if known is None or known[0] != command:
            if not st.button("Preview", key="offer_preview", icon=":material/visibility:"):
                return
            try:
                known = (command, quote_accepting.look(command))
            except ActionError as error:
                st.error(formatting.markdown(str(error)), icon=":material/block:")
                return
            st.session_state[SHOWN] = known
            st.rerun(scope="fragment")
        told(known[1])
        st.markdown(_follows(newest))
        _beside(draft, str(newest.customer_id or ""))
        if st.button("Accept quote", type="primary", key="offer_accept"):
            name, content = signed.name, signed.getvalue()
            shown = known[1]
            _tried(lambda: quote_accepting.accept(draft, command, shown, name, content), "Accepted.")

    accepting()


def _follows(newest: Offer) -> str:
    """What acceptance puts in place, in words."""
    wanted = newest.wanted
    later = len(wanted["stages"]) - 1
    parts = ["The subscription and its first invoice are made at Stripe"]
    if is_addition(newest):
        parts = ["It is added to the subscription, and its first part billed by an invoice of its own"]
    elif later:
        parts.append(f"{formatting.plural(later, 'later stage')} of the term planned")
    if wanted["terms"].get("ends"):
        parts.append("its end with the term planned")
    if wanted["setups"]:
        parts.append(f"{formatting.plural(len(wanted['setups']), 'add-on')} set up")
    return formatting.markdown(f"{', '.join(parts)}; our own system is told.")


def _open_mailing(snapshot: Snapshot, draft: Draft, newest: Offer) -> None:
    @st.dialog("Mail it again")
    def mailing() -> None:
        to = st.text_input("E-mail to", _address(snapshot, draft), key="offer_to_again") or ""
        if st.button("Mail it", type="primary", key="offer_mail_now"):
            _tried(lambda: quote_linking.mail(draft, newest, to.strip()), "Mailed.")

    mailing()


def _ending(draft: Draft, newest: Offer) -> None:
    """The customer's no, or ours."""
    kinds: Sequence[tuple[str, str, str]] = (
        (DECLINED, "The customer declines", "do_not_disturb_on"),
        (WITHDRAWN, "Withdraw", "block"),
    )
    for state, label, icon in kinds:
        with st.popover(label, icon=f":material/{icon}:"):
            why = st.text_input("Why", key=f"offer_why_{state}") or ""
            if st.button(label, key=f"offer_end_{state}", disabled=not why.strip()):
                _tried(lambda to=state, said=why: _end(draft, newest, to, said), "Noted.")  # type: ignore[misc]


def _end(draft: Draft, newest: Offer, to_state: str, reason: str) -> str:
    quote_sending.end(draft, newest, to_state, reason)
    return ""

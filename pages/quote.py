"""A quote: its fields, what it comes to beside them, its versions; what is typed is kept at once."""

import streamlit as st

from dashboard import address, dialogs, formatting, navigation, states, widgets
from dashboard.quotes import states as states_of_quotes
from dashboard.quoting import approval as quote_approval
from dashboard.quoting import decisions as quote_decisions
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import figures as quote_figures
from dashboard.quoting import forms as quote_forms
from dashboard.quoting import offer as quote_offer
from dashboard.quoting import state as quote_state
from dashboard.quoting import versions as quote_versions
from dashboard.quoting.desk import Draft

LOOK_SECONDS = 5

snapshot = widgets.begin("quote", "What is offered, and what does it come to?")
dialogs.say_what_was_done()


def others(draft: Draft) -> None:
    """Draw the page again when somebody has kept another version; unreadable, the next run says so."""

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        try:
            now = quote_desk.latest(draft.id)
        except quote_desk.NotChangedError:
            return
        if now is not None and (now.version, now.state) != (draft.version, draft.state):
            st.rerun(scope="app")

    look()


def head(editing: quote_state.Editing) -> None:
    """For whom, which version, and what became of what was typed."""
    draft = editing.draft
    customer = editing.value("customer_id")
    name = quote_forms.called(snapshot, str(customer)) if customer else editing.value("prospect")
    st.header(formatting.markdown(str(name or "New quote")), anchor=False)
    at = formatting.moment(draft.saved_at)
    state = states_of_quotes.STATES[draft.state]
    st.caption(
        formatting.markdown(
            f"{draft.name}: {state.lower()}, version {draft.version}, kept by {draft.saved_by}, {at}."
        )
    )
    if editing.refused:
        st.error(formatting.markdown(editing.refused), icon=":material/block:")
    if editing.failed:
        st.error(formatting.markdown(f"Not kept yet. {editing.failed}"), icon=":material/cloud_off:")
        st.button("Try again", key="keep_again")
    quote_versions.clashes(editing)


def missing() -> None:
    """The address names no quote."""
    states.asking("No such quote", "The address names none. Choose one from the list.")
    if st.button("All quotes"):
        navigation.open_quotes()


try:
    quote_decisions.let_expire()
    found = quote_desk.latest(st.query_params.get("id", ""))
    if found is None:
        missing()
    else:
        editing = quote_state.begin(found)
        head(editing)
        if address.on_phone():  # what it comes to first: the fields fill several screens
            right, left = st.container(), st.container()
        else:
            left, beside = st.columns([5, 4], gap="medium")
            right = beside.container()  # as high as what is in it, not as the fields
        with left:
            quote_forms.party(snapshot, editing)
            quote_forms.sold(editing)
            quote_forms.term(editing)
            quote_forms.discounts(editing)
            quote_forms.ramp(editing)
            quote_forms.fees(editing)
            quote_forms.payment(editing)
        with right:
            worth = quote_figures.priced(snapshot, editing)
            quote_figures.figures(snapshot, editing, worth)
            quote_approval.state(snapshot, editing, worth)
            quote_offer.offer(snapshot, editing, worth)
        quote_versions.versions(snapshot, editing)
        others(editing.draft)
        quote_state.finish(editing)
except quote_desk.NotChangedError as error:
    st.error(formatting.markdown(str(error)), icon=":material/cloud_off:")
    st.button("Try again")

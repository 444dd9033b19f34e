"""The fields of a quote, in cards: for whom, what, for how long, at which discount, and how it is paid."""

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from dashboard import access, formatting, navigation, widgets
from dashboard.cache import Snapshot
from dashboard.metrics.text import known
from dashboard.quotes import joining
from dashboard.quotes.fields import (
    COLLECTION,
    ENDS,
    JOINING,
    MOST_FEES,
    PROTOCOLS,
    RENEWAL,
    SCIM,
    START,
)
from dashboard.quotes.model import INTERVALS, WHOLE
from dashboard.quotes.reading import MOST_MONTHS
from dashboard.quoting import desk as quote_desk
from dashboard.quoting import joining as quote_joining
from dashboard.quoting.fields import broken, day, long, many, pick, row, text, whole
from dashboard.quoting.state import Editing, change
from data.catalog import Addon, Plan

FOUND = 8
MOST_OPEN = 8  # lines whose fields are open at first, where one of them is used
JOINED = "It is billed in the interval and currency of what runs: the first part by days, until the renewal."
AFTER = "0: it is committed until the renewal, and renews with what runs."
UNTIL = "That day included; empty: as long as at Stripe, 30 days unless its settings say otherwise."
NOTICE = "Before the term ends; Renewals tells the day until which notice may be given."
TERMS = "Printed in the order form; whoever has to agree to them is asked."


def party(snapshot: Snapshot, editing: Editing) -> None:
    """A customer that is found, or a prospect that is named."""
    with widgets.card("For whom", "A customer of Stripe, or a prospect who is none yet."):
        customer = editing.value("customer_id")
        if customer:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{formatting.markdown(called(snapshot, str(customer)))}**")
                if editing.may and st.button("Choose another", key="other_customer", type="tertiary"):
                    _set(editing, customer_id=None, **dict.fromkeys(joining.FIELDS))
            quote_joining.choose(snapshot, editing)
        else:
            if editing.may:
                _found(snapshot, editing)
            personal = access.permitted("see personal data")
            email = (text, "prospect_email", "Their e-mail") if personal else None
            row(editing, (text, "prospect", "Prospect"), email)
        broken(editing, "customer_id")


def _found(snapshot: Snapshot, editing: Editing) -> None:
    """Customers by some letters, each a button that chooses."""
    typed = st.text_input(
        "Customer", key="find_customer", placeholder="Name, e-mail, Stripe id or invoice number",
        type="search", icon=":material/search:",
    )  # fmt: skip
    if not (typed or "").strip():
        return
    hits = snapshot.frame("find", typed, limit=FOUND)
    hits = hits.loc[hits["kind"] == "customer"]
    if hits.empty:
        st.caption("Nobody found: name a prospect instead.")
    with st.container(horizontal=True, gap="small"):
        for hit in hits.to_dict("records"):
            name = known(hit["name"]) or str(hit["id"])
            if st.button(formatting.markdown(name), key=f"choose_{hit['id']}"):
                _set(editing, customer_id=str(hit["id"]))


def _set(editing: Editing, **changes: str | None) -> None:
    try:
        change(editing, changes)
    except quote_desk.NotChangedError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
    else:
        st.rerun()


def called(snapshot: Snapshot, customer_id: str) -> str:
    """A customer's name, else the id."""
    rows = snapshot.frame("customer_profile", customer_id)
    return (known(rows["name"].iloc[0]) if len(rows) else "") or customer_id


def begin(customer_id: str = "", currency: str = "", *, primary: bool = True) -> None:
    """The button that begins a quote and opens it, for those who may."""
    if not access.permitted(quote_desk.EDIT):
        return
    if st.button(
        "New quote", type="primary" if primary else "secondary", icon=":material/add:", key="new_quote"
    ):
        try:
            key = quote_desk.begin(customer_id, currency)
        except quote_desk.NotChangedError as error:
            st.error(formatting.markdown(str(error)), icon=":material/error:")
            return
        navigation.open_quote(key)


def sold(editing: Editing) -> None:
    """The plan with its capacity, and the add-ons with what each needs."""
    plans = {plan.key: plan.name for plan in quote_desk.plans()}
    addons = {addon.key: addon.name for addon in quote_desk.addons()}
    with widgets.card("What", "The plan, its capacity and what is sold beside it, at list prices."):
        adds = quote_joining.is_joining(editing.fields)
        capacity = f"{_capacity(editing)} that are added" if adds else _capacity(editing)
        plan = None if adds else (pick, "plan", "Plan", {"options": plans})
        row(editing, plan, (whole, "capacity", capacity)) if plan else row(
            editing, (whole, "capacity", capacity, {"placeholder": "None"})
        )
        broken(editing, "plan")
        row(editing, (many, "addons", "Add-ons", {"options": addons, "placeholder": "None"}))
        for addon in _chosen(editing):
            if addon.tiers:
                tiers = {f"{tier.uptime}": f"{tier.uptime}%" for tier in addon.tiers}
                label = f"{addon.name}: uptime promised"
                row(editing, (pick, f"tier.{addon.key}", label, {"options": tiers}))
            _settings(editing, addon)


def _settings(editing: Editing, addon: Addon) -> None:
    """What the add-on is to be set up with, as far as the customer has said."""
    name = f"addon.{addon.key}"
    if addon.kind == "single_sign_on":
        domains = {
            "placeholder": "acme.com, acme.de",
            "help": "Of the people who sign on; separated by commas.",
        }
        row(
            editing,
            (
                pick,
                f"{name}.protocol",
                f"{addon.name}: protocol",
                {"options": PROTOCOLS, "placeholder": "Open"},
            ),
            (text, f"{name}.domains", "E-mail domains", {"most": 1_000, **domains}),
            (pick, f"{name}.scim", "SCIM", {"options": SCIM, "placeholder": "Open"}),
        )
    elif addon.kind == "custom_domain":
        row(
            editing, (text, f"{name}.hostname", f"{addon.name}: hostname", {"placeholder": "portal.acme.com"})
        )


def _capacity(editing: Editing) -> str:
    plan = quote_desk.sold().entry(str(editing.value("plan")))
    return f"Capacity in {plan.capacity_unit}s" if isinstance(plan, Plan) else "Capacity"


def _chosen(editing: Editing) -> list[Addon]:
    found = (quote_desk.sold().entry(str(key)) for key in editing.value("addons") or [])
    return [each for each in found if isinstance(each, Addon)]


def term(editing: Editing) -> None:
    """For how long, from when, billed how often and in which currency."""
    listed = {price.currency for plan in quote_desk.plans() for price in plan.list_prices}
    codes = {code: code.upper() for code in sorted(listed)}
    every = {code: formatting.interval(code) for code in INTERVALS}
    adds = quote_joining.is_joining(editing.fields)
    note = JOINED if adds else "The term is committed; each period is billed when it begins."
    with widgets.card("For how long", note):
        if adds:
            row(editing, (whole, "term", "Months after the renewal", {"help": AFTER}))
            broken(editing, "interval", "currency")
        else:
            row(
                editing,
                (whole, "term", "Term in months"),
                (pick, "interval", "Billed", {"options": every}),
                (pick, "currency", "Currency", {"options": codes}),
            )
        dated = [(day, "start_on", "Start date")] if editing.value("start") == "date" else []
        until = (day, "expires_on", "Can be accepted until", {"help": UNTIL})
        row(editing, (pick, "start", "Starts", {"options": JOINING if adds else START}), *dated, until)
        if not adds:
            renews = editing.value("renewal") != ENDS
            notice = (whole, "notice_days", "Days of notice", {"help": NOTICE}) if renews else None
            row(editing, (pick, "renewal", "At the end of the term", {"options": RENEWAL}), notice)


def discounts(editing: Editing) -> None:
    """A discount on the whole, and on single lines."""
    plan = quote_desk.sold().entry(str(editing.value("plan")))
    lines = {entry.key: entry.name for entry in (plan, *_chosen(editing)) if entry}
    own = {name.split(".")[1] for name in editing.fields if name.startswith("discount.")} & set(lines)
    with widgets.card(
        "Discounts", "In percent or an amount off each bill; without months, for the whole term."
    ):
        _discount(editing, WHOLE, "The whole quote")
        if own and len(lines) > MOST_OPEN:
            st.caption(f"{formatting.plural(len(own), 'line has', 'lines have')} a discount of their own.")
        with _folded(editing, "Single lines", bool(own) and len(lines) <= MOST_OPEN) as place:
            for key, name in lines.items() if place.open else ():
                _discount(editing, key, name)


def _folded(editing: Editing, label: str, opened: bool) -> ExpanderContainer:
    """Fields that few quotes need: drawn only while they are open.

    What Streamlit does for a text field grows with the number of all fields: a run with 300 takes seven times
    as long as one with 35.
    """
    return st.expander(label, expanded=opened, key=editing.key(f"_{label}"), on_change="rerun")


def _discount(editing: Editing, key: str, name: str) -> None:
    st.markdown(f"**{formatting.markdown(name)}**")
    of = f"discount.{key}"
    row(
        editing,
        (text, f"{of}.percent", "Percent", {"most": 24, "placeholder": "22.5"}),
        (text, f"{of}.amount", "Or amount", {"most": 24}),
        (text, f"{of}.reason", "Reason"),
        (whole, f"{of}.months", "Months", {"placeholder": "All"}),
    )


def ramp(editing: Editing) -> None:
    """What changes with a year of the term; what is added to a running subscription has none."""
    if quote_joining.is_joining(editing.fields):
        return
    months = editing.value("term")
    years = -(-months // 12) if isinstance(months, int) and 0 < months <= MOST_MONTHS else 1
    steps = {name.split(".")[1] for name in editing.fields if name.startswith("ramp.")}
    years = max([years, *(int(year) for year in steps if year.isdigit())])
    with widgets.card(
        "Ramp", "What a year of the term changes; a field left empty goes on as the year before."
    ):
        for year in range(1, years + 1):
            price, capacity = f"ramp.{year}.price", f"ramp.{year}.capacity"
            before = _before(year)
            row(
                editing,
                (whole, capacity, f"Year {year}: capacity", {"placeholder": before}) if year > 1 else None,
                (text, price, f"Year {year}: price of a unit", {"most": 24, "placeholder": before}),
            )
        if addons := _chosen(editing):
            used = any(name.count(".") > 2 for name in editing.fields if name.startswith("ramp."))
            with _folded(editing, "Prices of add-ons", used and len(addons) <= MOST_OPEN) as place:
                for year in range(1, years + 1) if place.open else ():
                    _ramp_of(editing, year, addons)


def _ramp_of(editing: Editing, year: int, addons: list[Addon]) -> None:
    """What a year of the term changes of the prices of add-ons."""
    parts = [
        (
            text,
            f"ramp.{year}.price.{addon.key}",
            f"Year {year}: {addon.name}",
            {"most": 24, "placeholder": _before(year)},
        )
        for addon in addons
    ]
    for place in range(0, len(parts), 2):
        row(editing, *parts[place : place + 2])


def _before(year: int) -> str:
    return "List price" if year == 1 else "As the year before"


def fees(editing: Editing) -> None:
    """What is billed once, with the first invoice."""
    used = [int(name.split(".")[1]) for name in editing.fields if name.startswith("fee.")]
    with widgets.card("One-off fees", "Billed once, with the first invoice."):
        for number in range(1, min(MOST_FEES, max(used, default=0) + 1) + 1):
            row(
                editing,
                (text, f"fee.{number}.name", "For", {"placeholder": "Onboarding"}),
                (text, f"fee.{number}.amount", "Amount", {"most": 24}),
            )


def payment(editing: Editing) -> None:
    """How it is paid, and what is written beside it."""
    with widgets.card("Payment and notes", "Terms of payment, and what the customer and we should know."):
        invoiced = editing.value("collection") == "send_invoice"
        more = [(whole, "net_days", "Days to pay"), (text, "po_number", "PO number")] if invoiced else []
        row(editing, (pick, "collection", "Paid by", {"options": COLLECTION}), *more)
        row(editing, (long, "terms", "Terms that differ from the standard", {"help": TERMS}))
        row(editing, (long, "notes_outside", "Notes for the customer"))
        if access.permitted("see comments"):
            row(editing, (long, "notes_inside", "Notes for us", {"help": "Never shown to the customer."}))

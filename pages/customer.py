"""One customer: who they are, what they have, what they were billed, what happened."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, cache, dialogs, formatting, kpis, states, widgets
from dashboard.customer import (
    acting,
    billing,
    changes,
    contracts,
    details_forms,
    happened,
    invoice_forms,
    new_customer,
    notes,
    offers,
    plan,
    subscription_forms,
    upcoming,
    value,
)
from dashboard.kpis import Kpi
from dashboard.metrics import customer
from dashboard.metrics.text import known
from dashboard.quoting import forms as quote_forms
from dashboard.store import once

snapshot = widgets.begin("customer", "What does this customer have, what is it worth, and what happened?")
dialogs.say_what_was_done()
customer_id = st.query_params.get("id", "")
account_id = st.query_params.get("account", "")


KEPT = {"What happened": happened.happened, "Notes": notes.notes, "Changes by staff": changes.changes}


def head(name: str, parts: list[str], flags: list[customer.Flag]) -> None:
    """The name, what identifies the customer, and what needs attention."""
    st.header(formatting.markdown(name), anchor=False)
    st.markdown(formatting.markdown(" · ".join(part for part in parts if part)))
    if customer_id:
        st.link_button("Open in Stripe", cache.customer_url(customer_id), icon=":material/open_in_new:")
    if flags:
        with st.container(horizontal=True, gap="small"):
            for flag in flags:
                st.badge(formatting.markdown(flag.text), icon=f":material/{flag.icon}:", color=flag.colour)


def figures(subscriptions: pd.DataFrame, invoices: pd.DataFrame, moved: pd.DataFrame, currency: str) -> None:
    """Run rate, what is owed, the renewal, and since when."""
    arr = once(customer.run_rate, subscriptions, currency)
    renews = once(customer.renewal, subscriptions, snapshot.now)
    first = None if moved.empty else moved["day"].min()
    kpis.row(
        [
            kpis.money(customer.run_rate, arr, currency).named("ARR"),
            Kpi(
                customer.owed.name,
                formatting.amount(once(customer.owed, invoices, currency), currency),
                customer.owed.formula,
            ),
            Kpi(
                "Renews on", formatting.day(renews), "The first period to end of a subscription that goes on."
            ),
            Kpi("Subscriber since", day_of(first), "The day of the first movement in the ledger."),
        ],
        f"As of {formatting.moment(snapshot.now)}, in {currency.upper()}.",
    )


def actions(subject: acting.Subject, currency: str) -> None:
    """What can be done for the customer, by kind."""
    with st.container(horizontal=True, gap="small"):
        acting.menu("Subscription", "autorenew", subscription_forms.SUBSCRIPTION, subject)
        acting.menu("Invoices", "receipt_long", invoice_forms.INVOICES, subject)
        acting.menu("Billing details", "contact_mail", details_forms.DETAILS, subject)
        details_forms.card_link(customer_id)
        quote_forms.begin(customer_id, currency, primary=False)


def personal(value: object) -> str:
    """An address or number of a person, for those who may see such."""
    return known(value) if access.permitted("see personal data") else ""


def day_of(day: datetime | None) -> str:
    """A day that may not be there."""
    return formatting.DASH if day is None else formatting.day(day)


def of_stripe(profile: pd.DataFrame) -> None:
    """The page of a customer that Stripe knows."""
    row = profile.iloc[0].to_dict()
    now = snapshot.now
    accounts = snapshot.frame("customer_accounts", customer_id)
    subscriptions = snapshot.frame("customer_subscriptions", customer_id, now)
    items = snapshot.frame("customer_items", customer_id, now)
    invoices = snapshot.frame("customer_invoices", customer_id)
    moved = snapshot.frame("customer_movements", customer_id)
    products = snapshot.frame("products")
    manager = "; ".join(dict.fromkeys(str(each) for each in accounts["account_manager"].dropna()))
    place = ", ".join(filter(None, (known((row["address"] or {}).get("city")), known(row["country"]))))
    since = f"customer since {formatting.day(row['created_at'])}"
    head(
        known(row["name"]) or personal(row["email"]) or customer_id,
        [personal(row["email"]), place, personal(row["phone"]), customer_id, since],
        snapshot.kept("flags", (customer_id,), lambda: list(customer.flags(row, subscriptions))),
    )
    running = once(customer.running, subscriptions)
    actions(acting.Subject(snapshot, customer_id, running, items, invoices), known(row["currency"]))
    held = once(customer.holding, items, products, "plan")
    named = held[0] if held else next(iter(accounts["plan"].dropna()), "")
    currencies = once(customer.currencies, subscriptions, moved, known(row["currency"]))
    for currency in currencies[:1]:
        figures(subscriptions, invoices, moved, currency)
    left, right = st.columns(2)
    with left:
        billed = once(customer.holding, items, products, "addon")
        plan.plan(str(named), plan.addons(snapshot, accounts, billed), manager)
    with right:
        plan.capacity(snapshot, accounts)
    for currency in currencies:
        value.run_rate(snapshot, customer_id, moved, currency)
    upcoming.upcoming(snapshot, customer_id, running, items)
    having, billed, offered, *rest = st.tabs(
        ["Subscriptions", "Billing", "Quotes and add-ons", *KEPT], key="customer_tabs"
    )
    with having:
        contracts.contracts(snapshot, customer_id, subscriptions, items)
    with billed:
        billing.billing(snapshot, customer_id, invoices, row)
    with offered:
        offers.offers(snapshot, customer_id)
    kept(rest, customer_id)


def kept(tabs: Sequence[DeltaGenerator], owner_id: str) -> None:
    """What happened, what people noted, and what staff changed at Stripe."""
    for tab, part in zip(tabs, KEPT.values(), strict=True):
        with tab:
            part(snapshot, owner_id)


def of_application(found: pd.DataFrame) -> None:
    """The page of an account that Stripe does not know: Free, or not billed yet."""
    row = found.iloc[0]
    since = f"account since {formatting.day(row['created_at'])}" if pd.notna(row["created_at"]) else ""
    flags = (
        [] if pd.isna(row["deleted_at"]) else [customer.Flag("Gone from the application", "delete", "red")]
    )
    head(
        known(row["name"]) or account_id,
        [personal(row["owner"]), known(row["country"]), account_id, since, "not a customer at Stripe"],
        flags,
    )
    if pd.isna(row["deleted_at"]):
        new_customer.button(snapshot, known(row["name"]), known(row["country"]), account_id)
    left, right = st.columns(2)
    with left:
        addons = plan.addons(snapshot, found, ())
        plan.plan(known(row["plan"]), addons, known(row["account_manager"]))
    with right:
        plan.capacity(snapshot, found)
    kept(st.tabs(list(KEPT), key="account_tabs"), account_id)


if account_id:
    account = snapshot.frame("account_profile", account_id)
    if len(account) and known(account["customer_id"].iloc[0]):
        customer_id, account_id = str(account["customer_id"].iloc[0]), ""
if account_id and len(account):
    of_application(account)
elif customer_id and len(stripe := snapshot.frame("customer_profile", customer_id)):
    of_stripe(stripe)
else:
    states.nobody(customer_id or account_id)

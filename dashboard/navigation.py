"""The pages: file, title, icon, section and permission, in the order of the menu."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import Page as Registered

from dashboard import address, cache, filters
from dashboard.access import ForbiddenError, among

PAGES = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True)
class Entry:
    """A page of the app."""

    file: str
    title: str
    icon: str
    section: str
    permission: str
    in_menu: bool = True  # false: reached from other pages only


ENTRIES = (
    Entry("overview", "Overview", ":material/dashboard:", "Subscriptions", "view overview"),
    Entry("plan_mix", "Plan mix", ":material/stacked_bar_chart:", "Subscriptions", "view plan mix"),
    Entry("growth", "Growth", ":material/trending_up:", "Subscriptions", "view growth"),
    Entry("renewals", "Renewals", ":material/event_repeat:", "Subscriptions", "view renewals"),
    Entry("churn", "Churn", ":material/person_remove:", "Subscriptions", "view churn"),
    Entry("retention", "Retention", ":material/group_work:", "Subscriptions", "view retention"),
    Entry("customers", "Customers", ":material/group:", "Customers", "view customers"),
    Entry("customer", "Customer", ":material/person:", "Customers", "view customers", in_menu=False),
    Entry("quotes", "Quotes", ":material/contract_edit:", "Customers", "view quotes"),
    Entry("quote", "Quote", ":material/contract_edit:", "Customers", "view quotes", in_menu=False),
    Entry("pipeline", "Pipeline", ":material/filter_alt:", "Customers", "view quotes"),
    Entry("addons", "Add-ons", ":material/extension:", "Customers", "view add-ons"),
    Entry("invoices", "Invoices", ":material/receipt_long:", "Finance", "view invoices"),
    Entry("receivables", "Receivables", ":material/request_quote:", "Finance", "view receivables"),
    Entry("reconciliation", "Reconciliation", ":material/compare_arrows:", "Finance", "view reconciliation"),
    Entry("approvals", "Approvals", ":material/approval_delegation:", "Data", "view approvals"),
    Entry("actions", "Actions", ":material/history:", "Data", "view actions"),
    Entry("data_health", "Data health", ":material/health_and_safety:", "Data", "view data health"),
    Entry("exchange_rates", "Exchange rates", ":material/currency_exchange:", "Data", "view exchange rates"),
)


def entry(file: str) -> Entry:
    """The entry of a page's file name, without its ending."""
    return next(entry for entry in ENTRIES if entry.file == file)


def open_customer(customer_id: str) -> NoReturn:
    """Leave the page for a customer's own."""
    st.switch_page(PAGES / "customer.py", query_params={**_chosen(), "id": [customer_id]})


def open_account(account_id: str) -> NoReturn:
    """Leave the page for that of an account which Stripe may not know."""
    st.switch_page(PAGES / "customer.py", query_params={**_chosen(), "account": [account_id]})


def open_quote(quote_id: str) -> NoReturn:
    """Leave the page for a quote's own."""
    st.switch_page(PAGES / "quote.py", query_params={**_chosen(), "id": [quote_id]})


def open_setup(setup_id: str) -> NoReturn:
    """Leave the page for the set-up of an add-on."""
    st.switch_page(PAGES / "addons.py", query_params={**_chosen(), "setup": [setup_id]})


def open_quotes() -> NoReturn:
    """Leave the page for the list of quotes."""
    st.switch_page(PAGES / "quotes.py", query_params=_chosen())


def open_invoice(invoice_id: str) -> NoReturn:
    """Leave the page for an invoice's own."""
    st.switch_page(PAGES / "invoices.py", query_params={**_chosen(), "id": [invoice_id]})


def open_invoices() -> NoReturn:
    """Leave the page for the list of all invoices."""
    st.switch_page(PAGES / "invoices.py", query_params=_chosen())


def build() -> Registered:
    """Register the pages, those that the person may see in the menu, and the one that the address asks for.

    The address of any other says what it needs. The address without a page leads to the first one, so that
    every page has an address of its own. Raises ForbiddenError when the person may see none.
    """
    address.settle(filters.KEYS)
    mine = among(each.permission for each in ENTRIES)
    sections: dict[str, list[Registered]] = {}
    for each in (each for each in ENTRIES if each.permission in mine):
        sections.setdefault(each.section, []).append(copy(_page(each, _title(each))))
    if not sections:
        raise ForbiddenError("view a page")
    first = next(iter(sections.values()))[0]

    def home() -> None:
        st.switch_page(first, query_params=address.now())

    start = st.Page(home, title="Home", url_path="home", default=True, visibility="hidden")
    closed = [copy(_page(each, each.title, shown=False)) for each in ENTRIES if each.permission not in mine]
    menu = {"": [start, *closed], **sections}
    if address.on_phone():  # where Streamlit's own menu closes itself after a choice, and ours would not
        page = st.navigation(menu, expanded=True)
        _carry(page)
        return page
    page = st.navigation(menu, position="hidden")
    _menu(sections)
    return page


@lru_cache
def _page(entry: Entry, title: str, *, shown: bool = True) -> Registered:
    """A page as Streamlit knows it, looked up once; each run needs a copy, which navigation marks."""
    return st.Page(
        PAGES / f"{entry.file}.py",
        title=title,
        icon=entry.icon,
        url_path=entry.file,
        visibility="visible" if shown and entry.in_menu else "hidden",
    )


def _title(entry: Entry) -> str:
    """The page's name; that of the approvals with how many wait."""
    waiting = cache.approvals_waiting() if entry.file == "approvals" else 0
    return f"{entry.title} ({waiting})" if waiting else entry.title


def _carry(page: Registered) -> None:
    """Take the filters along to another page, where the links of the menu do not."""
    left, filled = st.session_state.get("_left", (page.url_path, {}))
    if left != page.url_path and not _chosen():
        address.write(**filled)
    st.session_state["_left"] = page.url_path, _chosen()


def _menu(sections: Mapping[str, Sequence[Registered]]) -> None:
    """Our own menu, since its links carry the filters that are chosen to the next page's address."""
    chosen = _chosen()
    with st.sidebar.container(gap="xxsmall"):
        for section, pages in sections.items():
            if shown := [page for page in pages if page.visibility == "visible"]:
                st.caption(section)
            for page in shown:
                st.page_link(page, query_params=chosen, width="stretch")


def _chosen() -> dict[str, list[str]]:
    """The filters that every page shares, as the address has them."""
    return {key: values for key, values in address.now().items() if key in filters.KEYS}

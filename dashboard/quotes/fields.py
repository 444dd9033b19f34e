"""The fields of a quote: flat, by name, as they are typed, so that nothing is lost and two people can edit.

A field is a text, a whole number, a list of texts, or absent. Names with dots belong to a line, a year or a
fee: discount.enterprise.percent, ramp.2.capacity, ramp.2.price.sso, addon.sso.domains, fee.1.name.
"""

from collections.abc import Mapping
from typing import Any

from dashboard.quotes.model import WHOLE
from data.catalog import Catalog

Fields = Mapping[str, Any]
MOST_FEES = 6
MOST_YEARS = 5
LABELS = {
    "customer_id": "Customer",
    "prospect": "Prospect",
    "prospect_email": "Prospect's e-mail",
    "of.subscription": "Adds to subscription",
    "of.plan": "Running plan",
    "of.capacity": "Running capacity",
    "of.addons": "Running add-ons",
    "of.period_start": "Running period from",
    "of.renews_on": "Renews on",
    "plan": "Plan",
    "capacity": "Capacity",
    "addons": "Add-ons",
    "term": "Term in months",
    "interval": "Billed",
    "currency": "Currency",
    "start": "Starts",
    "start_on": "Start date",
    "renewal": "At the end of the term",
    "notice_days": "Days of notice",
    "collection": "Paid by",
    "net_days": "Days to pay",
    "po_number": "PO number",
    "expires_on": "Expires",
    "terms": "Terms that differ from the standard",
    "notes_outside": "Notes for the customer",
    "notes_inside": "Notes for us",
}
PARTS = {
    "percent": "discount in percent",
    "amount": "discount, amount",
    "reason": "reason of the discount",
    "months": "months of the discount",
    "capacity": "capacity",
    "price": "price of a unit",
    "name": "name",
    "protocol": "protocol",
    "domains": "e-mail domains",
    "scim": "SCIM",
    "hostname": "hostname",
}
PROTOCOLS = {"saml": "SAML 2.0", "oidc": "OpenID Connect"}
SCIM = {"yes": "Wanted", "no": "Not wanted"}
START = {"acceptance": "When it is accepted", "date": "On a date"}
JOINING = {"date": "On a date", "renewal": "At the renewal"}
"""When what is added to a running subscription starts."""
RENEWS, ENDS = "renews", "ends"
AT_THE_END = ("renewal", "notice_days")
RENEWAL = {RENEWS: "Renews for as long again", ENDS: "Ends"}
COLLECTION = {"send_invoice": "Invoice", "charge_automatically": "Card or bank debit"}
STARTING: Fields = {
    "currency": "usd",
    "interval": "1year",
    "term": 12,
    "capacity": 1,
    "start": "acceptance",
    "renewal": RENEWS,
    "notice_days": 30,
    "collection": "send_invoice",
    "net_days": 30,
    "addons": [],
}
"""What a new quote begins with."""


def given(fields: Fields) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def label(name: str, sold: Catalog) -> str:
    """A field's name for a person: "Year 2, capacity"."""
    if name in LABELS:
        return LABELS[name]
    kind, _, rest = name.partition(".")
    of, _, part = rest.partition(".")
    if kind == "ramp":
        part, _, line = part.partition(".")
        entry = sold.entry(line)
        priced = f"price of {entry.name if entry else line}" if line else PARTS.get(part, part)
        return f"Year {of}, {priced}"
    if kind == "fee":
        return f"Fee {of}, {'amount' if part == 'amount' else PARTS.get(part, part)}"
    entry = sold.entry(of)
    owner = "Whole quote" if of == WHOLE else entry.name if entry else of
    return f"{owner}, uptime promised" if kind == "tier" else f"{owner}, {PARTS.get(part, part)}"

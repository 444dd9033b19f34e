"""The command that makes a customer at Stripe of a prospect, before anything can be sold to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Preview
from dashboard.actions.marks import everything, found, metadata
from dashboard.actions.of_subscription import CHANGE
from data.actions import Step
from data.gateway import Gateway

Json = dict[str, Any]


@dataclass(frozen=True)
class AddCustomer:
    """Make a customer; mark: a name of the command's own. account_id: theirs in the application, or empty."""

    name: str
    email: str
    country: str
    mark: str
    account_id: str = ""

    @property
    def customer_id(self) -> str:
        """There is none yet: the e-mail address keeps two people from making the same one at once."""
        return f"new {self.email.strip().lower()}"

    @property
    def subject(self) -> str:
        """The same."""
        return self.customer_id


def _read(gateway: Gateway, command: AddCustomer) -> Json:
    """Those who have the e-mail address already; Stripe compares it to the letter."""
    return {"customers": everything(gateway, "/v1/customers", email=command.email.strip())}


def _seen(obj: Json) -> Json:
    return {"customers": sorted(each["id"] for each in obj["customers"])}


def _guard(command: AddCustomer, obj: Json) -> str | None:
    name, _, domain = command.email.strip().partition("@")
    if not command.name.strip():
        return "The customer needs a name: it stands on invoices."
    if not name or "." not in domain or " " in command.email.strip():
        return "The billing e-mail needs a name, an @ and a domain."
    if command.country and (len(command.country) != 2 or not command.country.isalpha()):
        return "The country is a code of two letters, such as DE."
    if obj["customers"]:
        known = ", ".join(each["id"] for each in obj["customers"])
        return f"There is a customer with this billing e-mail already: {known}. Open their page instead."
    return None


def _params(command: AddCustomer) -> Json:
    marked = metadata(command.mark)["metadata"]
    account = {"account_id": command.account_id} if command.account_id else {}
    params: Json = {
        "name": command.name.strip(),
        "email": command.email.strip(),
        "metadata": marked | account,
    }
    return params | ({"address": {"country": command.country.upper()}} if command.country else {})


def _preview(command: AddCustomer, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    rows = [("Name", "–", command.name.strip()), ("Billing e-mail", "–", command.email.strip())]
    if command.country:
        rows.append(("Country", "–", command.country.upper()))
    warnings: tuple[str, ...] = ()
    if command.account_id:
        rows.append(("Account", "–", command.account_id))
        warnings = ("The account and the customer are one here once the application says so too.",)
    mails = ("Stripe sends nothing for this; later invoices and receipts go to this address.",)
    return Preview(tuple(rows), _seen(obj), at, mails=mails, warnings=warnings)


def _steps(command: AddCustomer, obj: Json, at: datetime) -> list[Step]:
    return [Step("post", "/v1/customers", _params(command))]


HANDLERS: dict[type, Handler[Any]] = {
    AddCustomer: Handler(
        "Add customer",
        CHANGE,
        _read,
        _seen,
        _guard,
        _preview,
        _steps,
        lambda command, obj: found(command.mark, obj["customers"]),
    ),
}
"""What each command needs and does."""

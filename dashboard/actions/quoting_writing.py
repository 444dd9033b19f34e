"""The command that writes a quote at Stripe, as a draft, with what it needs there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.actions.base import Handler, Money, Preview
from dashboard.actions.marks import everything
from dashboard.actions.objects import has_card
from dashboard.actions.quoting import SEND
from dashboard.actions.quoting_params import (
    CANCEL,
    Wanting,
    coupons_missing,
    fee_products,
    made_by,
    product_id,
    products_missing,
    quote_params,
    tiered_price,
    tiered_rows,
)
from dashboard.actions.quoting_reading import prices, products, tax_rates, those_there
from data.actions import HARMLESS, Step
from data.gateway import Gateway

Json = dict[str, Any]
NO_CARD = "There is no card on file: once accepted, the first invoice waits for one."


@dataclass(frozen=True)
class WriteQuote(Wanting):
    """Write a quote at Stripe, as a draft that binds nobody; with it what it needs.

    wanted: the text of dashboard.quotes.offering.wanted. customer: theirs at Stripe; a prospect has none, and
    becomes one by name and e-mail.
    """

    customer: str
    quote_id: str
    version: int
    seal: str
    wanted: str
    name: str = ""
    email: str = ""

    @property
    def customer_id(self) -> str:
        """The customer; of a prospect, what keeps two people from making the same one at once."""
        return self.customer or f"new {self.email.strip().lower()}"

    @property
    def subject(self) -> str:
        """The quote, ours."""
        return self.quote_id


def _read(gateway: Gateway, command: WriteQuote) -> Json:
    """What is there already of what is wanted, the customer, and the quote where it was written."""
    plan = command.plan
    known = products(gateway, plan)
    if command.customer:
        customers = [gateway.get(f"/v1/customers/{command.customer}")]
    else:
        customers = everything(gateway, "/v1/customers", email=command.email.strip())
    return {
        "products": known,
        "prices": prices(gateway, plan, known),
        "coupons": those_there(gateway, "/v1/coupons", [each["id"] for each in plan["coupons"]]),
        "fees": those_there(gateway, "/v1/products", [each["product"] for each in plan["fees"]]),
        "rates": tax_rates(gateway, plan),
        "customers": customers,
        "quotes": [quote for each in customers for quote in _written(gateway, command, each)],
    }


def _written(gateway: Gateway, command: WriteQuote, customer: Json) -> list[Json]:
    if customer.get("deleted"):
        return []
    mine = {"quote": command.quote_id, "version": str(command.version), "seal": command.seal}
    held = everything(gateway, "/v1/quotes", customer=customer["id"])
    return [each for each in held if each["metadata"] == mine and each["status"] != "canceled"]


def _seen(obj: Json) -> Json:
    customer = obj["customers"][0] if obj["customers"] else {}
    quote = obj["quotes"][0]["id"] if obj["quotes"] else None
    return {"quote": quote, "customer": customer.get("id"), "currency": customer.get("currency")}


def _guard(command: WriteQuote, obj: Json) -> str | None:
    for name, rate in obj["rates"].items():
        if wrong := _untaxable(rate):
            return f"The tax rate {name} of QUOTE_TAX {wrong}."
    if not command.customer:
        return _no_prospect(command, obj)
    customer, plan = obj["customers"][0], command.plan
    if customer.get("deleted"):
        return "This customer is deleted at Stripe."
    if (currency := customer.get("currency")) and currency != plan["currency"]:
        return f"This customer is billed in {currency.upper()}, and Stripe bills no second currency."
    return None


def _untaxable(rate: Json | None) -> str:
    """Why a quote cannot be taxed by a rate; empty where it can."""
    if rate is None:
        return "is not at Stripe: name one that is there"
    if not rate["active"]:
        return f"({rate['display_name']}) is archived at Stripe: name one that is in use"
    if rate["inclusive"]:
        told = "is included in prices, and those of quotes are before taxes: name one that comes on top"
        return f"({rate['display_name']}) {told}"
    return ""


def _no_prospect(command: WriteQuote, obj: Json) -> str | None:
    if not command.name.strip() or not command.email.strip():
        return "Give the prospect's name and e-mail: they become a customer at Stripe."
    others = [each for each in obj["customers"] if _made_for(each) != command.quote_id]
    if others:
        return f"There is a customer with this e-mail already, {others[0]['id']}: choose them in the quote."
    return None


def _made_for(customer: Json) -> str | None:
    found = (customer.get("metadata") or {}).get("quote")
    return None if found is None else str(found)


def _preview(command: WriteQuote, obj: Json, gateway: Gateway, at: datetime) -> Preview:
    plan = command.plan
    expected, currency = plan["expected"], plan["currency"]
    rows = [("At Stripe", "–", "a draft, then its totals are compared")]
    rows += [
        (step.path.rpartition("/")[2].capitalize(), "–", _told(step)) for step in _steps(command, obj, at)
    ]
    warnings = (NO_CARD,) if _charges(command) and not any(map(has_card, obj["customers"])) else ()
    lines = [("First period", expected["first"] - expected["fees"])]
    lines += [(fee["name"], fee["amount"]) for fee in plan["fees"]]
    money = Money(currency, expected["first"], expected["first"], tuple(lines), now=False)
    return Preview(tuple(rows), _seen(obj), at, currency, money, warnings=warnings)


def _charges(command: WriteQuote) -> bool:
    return bool(command.plan["terms"]["collection_method"] == "charge_automatically")


def _told(step: Step) -> str:
    return str(step.params.get("name") or step.params.get("id") or step.params.get("product") or "made anew")


def _steps(command: WriteQuote, obj: Json, at: datetime) -> list[Step]:
    """What is missing, each thing before what names it; the quote last."""
    plan, known = command.plan, dict(obj["products"])
    steps = products_missing(plan, known)
    known = {key: known.get(key) or product_id(key) for key in plan["entries"]}
    steps += fee_products(plan, obj["fees"])
    steps += coupons_missing(plan, known, obj["coupons"])
    by_word: Json = dict(obj["prices"])
    for name, row in tiered_rows(plan).items():
        if name not in by_word:
            by_word[name] = made_by(len(steps))
            steps.append(tiered_price(plan, row, known))
    customer: Any = obj["customers"][0]["id"] if obj["customers"] else made_by(len(steps))
    if not obj["customers"]:
        marked = {"name": command.name.strip(), "email": command.email.strip()}
        marked["metadata"] = {"quote": command.quote_id}  # type: ignore[assignment]
        steps.append(Step("post", "/v1/customers", marked, HARMLESS))
    params = quote_params(plan, customer, known, by_word)
    return [*steps, Step("post", "/v1/quotes", params, CANCEL)]


def _is_written(command: WriteQuote, obj: Json) -> bool:
    return bool(obj["quotes"])


HANDLERS: dict[type, Handler[Any]] = {
    WriteQuote: Handler(
        "Write quote at Stripe",
        SEND,
        _read,
        _seen,
        _guard,
        _preview,
        _steps,
        _is_written,
        own=frozenset({"customer", "currency"}),
    ),
}
"""What the command needs and does."""

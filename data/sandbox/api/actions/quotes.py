"""POST /v1/quotes: written, changed, finalized, accepted, canceled, revised; and their PDF."""

from typing import Any

from data.sandbox.api.actions.asked import (
    count,
    flag,
    mapping,
    one_of,
    present,
    required,
    rows,
    tax_rates,
    to_come,
)
from data.sandbox.api.actions.discounts import discounts_asked
from data.sandbox.api.actions.price_data import price_asked
from data.sandbox.api.calls import Call, Reply
from data.sandbox.api.errors import StripeError, invalid
from data.sandbox.api.parameters import Parameters, only_known, whole
from data.sandbox.api.quote_pdf import pdf_of
from data.sandbox.api.writes import new_metadata
from data.sandbox.billing import Billing, accepting, quotes, working
from data.sandbox.billing.cancellations import last_period_end
from data.sandbox.billing.subscribing import RefusedError
from data.sandbox.factory import discount as new_discount
from data.sandbox.factory import quote as new_quote
from data.sandbox.factory.quotes import automatic_tax, invoice_settings
from data.sandbox.store import Store

Json = dict[str, Any]
KNOWN = {
    "line_items", "discounts", "default_tax_rates", "collection_method", "invoice_settings", "expires_at",
    "header", "footer", "description", "metadata", "subscription_data", "customer", "expand",
    "automatic_tax",
}  # fmt: skip
DATA = ("description", "effective_date", "trial_period_days", "metadata", "billing_mode")
_TEXTS = {"header": 50, "footer": 500, "description": 500}


def create(store: Store, call: Call) -> Json:
    """A draft; or a copy or revision of another quote."""
    parameters = call.parameters()
    only_known(parameters, {*KNOWN, "from_quote"})
    with working(store, call.request) as billing:
        if "from_quote" in parameters:
            return {**_copied(billing, parameters)}
        required(parameters, "customer")
        customer = present(billing, "customers", "customer", parameters["customer"], "customer")
        blank = new_quote("", billing.now, customer["id"], customer["currency"] or "usd")
        values = _values(billing, {**blank, "orders": []}, parameters)
        orders = values.pop("orders", [])
        return {**quotes.write_quote(billing, customer["id"], orders, **values)}


def _copied(billing: Billing, parameters: Parameters) -> Json:
    others = sorted(set(parameters) - {"from_quote", "expires_at", "expand"})
    if others:
        raise invalid(others[0], f"You cannot set `{others[0]}` if `from_quote` is set.")
    asked = mapping("from_quote", parameters["from_quote"], ("quote", "is_revision"))
    origin = present(billing, "quotes", "quote", asked.get("quote"), "from_quote[quote]")
    revision = bool(flag(asked, "is_revision"))
    if revision and origin["status"] not in ("open", "accepted"):
        told = f"You cannot create a revision of a quote with status `{origin['status']}`."
        raise invalid("from_quote[quote]", told)
    kept = ("automatic_tax", "collection_method", "default_tax_rates", "description", "discounts", "footer",
            "header", "invoice_settings", "metadata", "subscription_data")  # fmt: skip
    fields = {name: origin[name] for name in kept}
    if "expires_at" in parameters:
        fields["expires_at"] = to_come("expires_at", parameters["expires_at"], billing.now)
    fields["from_quote"] = {"is_revision": revision, "quote": origin["id"]}
    return quotes.write_quote(billing, origin["customer"], accepting.ordered(origin), **fields)


def update(store: Store, call: Call) -> Json:
    """Change a draft."""
    parameters = call.parameters()
    only_known(parameters, KNOWN)
    with working(store, call.request) as billing:
        quote = _found(billing, call)
        if parameters.get("customer", quote["customer"]) != quote["customer"]:
            raise invalid("customer", "The customer of a quote cannot be changed.")
        try:
            return {**quotes.change_quote(billing, quote, **_values(billing, quote, parameters))}
        except RefusedError as refused:
            raise StripeError(400, refused.args[0]) from None


def finalize(store: Store, call: Call) -> Json:
    """Offer a draft to the customer."""
    parameters = call.parameters()
    only_known(parameters, {"expires_at", "expand"})
    with working(store, call.request) as billing:
        quote = _found(billing, call)
        given = parameters.get("expires_at")
        until = None if given is None else to_come("expires_at", given, billing.now)
        return _moved(lambda: quotes.finalize_quote(billing, quote["id"], until))


def accept(store: Store, call: Call) -> Json:
    """The customer accepts."""
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        quote = _found(billing, call)
        return _moved(lambda: accepting.accept_quote(billing, quote["id"]))


def cancel(store: Store, call: Call) -> Json:
    """Take a quote back."""
    only_known(call.parameters(), {"expand"})
    with working(store, call.request) as billing:
        quote = _found(billing, call)
        return _moved(lambda: quotes.cancel_quote(billing, quote["id"]))


def _moved(action: Any) -> Json:
    try:
        return {**action()}
    except RefusedError as refused:
        raise StripeError(400, refused.args[0]) from None


def pdf(store: Store, call: Call) -> Reply:
    """A finalized quote as a document."""
    only_known(call.parameters(), {"expand"})
    with working(store) as billing:
        quote = _found(billing, call)
        if quote["status"] == "draft":
            raise StripeError(400, "A quote must be finalized before its PDF can be downloaded.")
        customer = billing.get("customers", quote["customer"])
        return Reply(pdf_of(quote, customer), headers={"Content-Type": "application/pdf"})


def _found(billing: Billing, call: Call) -> Json:
    return present(billing, "quotes", "quote", call.path_params["id"], "quote", 404)


def _values(billing: Billing, quote: Json, parameters: Parameters) -> Json:
    """The fields that a request sets on a quote, as they then are."""
    values: Json = {}
    for name, most in _TEXTS.items():
        if name in parameters:
            if len(parameters[name]) > most:
                raise invalid(name, f"Invalid string: must be at most {most} characters")
            values[name] = parameters[name] or None
    if "metadata" in parameters:
        values["metadata"] = new_metadata("metadata", parameters["metadata"], quote["metadata"])
    if "expires_at" in parameters:
        values["expires_at"] = to_come("expires_at", parameters["expires_at"], billing.now)
    if "subscription_data" in parameters:
        known = quote["subscription_data"]
        values["subscription_data"] = _data(billing, quote, known, parameters["subscription_data"])
    if "discounts" in parameters:
        values["discounts"] = _discounts(billing, "discounts", quote, parameters["discounts"])
    if "line_items" in parameters:
        values["orders"] = _orders(billing, quote, parameters["line_items"])
    return values | _taxes(billing, parameters) | _collection(quote, parameters)


def _taxes(billing: Billing, parameters: Parameters) -> Json:
    values: Json = {}
    if "automatic_tax" in parameters:
        asked = mapping("automatic_tax", parameters["automatic_tax"], ("enabled",))
        values["automatic_tax"] = automatic_tax(bool(flag(asked, "enabled")))
    if "default_tax_rates" in parameters:
        found = tax_rates(billing, "default_tax_rates", parameters["default_tax_rates"])
        values["default_tax_rates"] = [each["id"] for each in found]
    return values


def _collection(quote: Json, parameters: Parameters) -> Json:
    values: Json = {}
    methods = ("charge_automatically", "send_invoice")
    method = parameters.get("collection_method", quote["collection_method"])
    values["collection_method"] = one_of("collection_method", method, methods)
    if "invoice_settings" in parameters:
        asked = mapping("invoice_settings", parameters["invoice_settings"], ("days_until_due",))
        days = count("invoice_settings[days_until_due]", asked.get("days_until_due"))
        values["invoice_settings"] = invoice_settings(days)
    settings: Json = values.get("invoice_settings") or quote["invoice_settings"]
    if method == "send_invoice" and settings["days_until_due"] is None:
        told = "You must pass `days_until_due` when `collection_method` is `send_invoice`."
        raise invalid("invoice_settings[days_until_due]", told)
    return values


def _data(billing: Billing, quote: Json, known: Json, value: Any) -> Json:
    asked = mapping("subscription_data", value, DATA)
    values = {**known}
    if "description" in asked:
        values["description"] = asked["description"] or None
    if "metadata" in asked:
        values["metadata"] = new_metadata("subscription_data[metadata]", asked["metadata"], known["metadata"])
    if "trial_period_days" in asked:
        given = asked["trial_period_days"]
        name = "subscription_data[trial_period_days]"
        values["trial_period_days"] = (count(name, given) or None) if given else None
    if "effective_date" in asked:
        values["effective_date"] = _effective(billing, quote, asked["effective_date"])
    return values


def _effective(billing: Billing, quote: Json, value: Any) -> int | None:
    if value == "":
        return None
    if value != "current_period_end":
        return whole("subscription_data[effective_date]", value)
    origin = quote["from_quote"] or {}
    earlier = billing.find("quotes", origin.get("quote", "")) or {}
    if not earlier.get("subscription"):
        told = "`current_period_end` needs a quote that updates a subscription."
        raise invalid("subscription_data[effective_date]", told)
    return last_period_end(billing.get("subscriptions", earlier["subscription"]))


def _discounts(billing: Billing, name: str, quote: Json, value: Any) -> list[Json]:
    """Discounts that a quote promises: they are redeemed when it is accepted."""
    held = [*quote["discounts"], *(each for order in quote["orders"] for each in order["discounts"])]
    return [
        each.held
        or new_discount(
            billing.new_id("di_1"),
            billing.now,
            each.coupon,
            None,
            customer=quote["customer"],
            promotion_code=each.promotion_code,
        )
        for each in discounts_asked(billing, name, value, held)
    ]


def _orders(billing: Billing, quote: Json, value: Any) -> list[Json]:
    found = []
    for place, row in enumerate(rows("line_items", value, ("price", "price_data", "quantity", "discounts"))):
        name = f"line_items[{place}]"
        price = price_asked(billing, name, row)
        if not price["active"] and "price" in row:
            told = f"The price specified is inactive. This field only accepts active prices: {price['id']}"
            raise invalid(f"{name}[price]", told)
        quantity = count(f"{name}[quantity]", row.get("quantity", "1"))
        own = _discounts(billing, f"{name}[discounts]", quote, row.get("discounts", ""))
        found.append({"price": price["id"], "quantity": quantity, "discounts": own})
    prices = [billing.get("prices", each["price"]) for each in found]
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("line_items", "All prices of a quote must have the same currency.")
    every = [price["recurring"] for price in prices if price["recurring"]]
    if len({(each["interval"], each["interval_count"]) for each in every}) > 1:
        raise invalid("line_items", "All recurring prices of a quote must have the same interval.")
    return found

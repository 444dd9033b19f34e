"""Later stages of a quote's term, compared with what Stripe would bill in a period of each."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from dashboard.actions.quoting_params import coupons, items, product_id
from dashboard.actions.quoting_reading import prices, products
from dashboard.formatting import amount
from data.gateway import Gateway

Json = dict[str, Any]


def differences(gateway: Gateway, customer: str, wanted: Json) -> Iterator[str]:
    """Where Stripe comes to something else for a period of a later stage. Raises GatewayError.

    Each is previewed as a subscription that begins with it, which makes nothing; the quote itself tells the
    first. Before taxes, and without what else waits for the customer's next invoice, which lines that do not
    fit a page do not tell apart: then nothing is said.
    """
    later = [each for each in wanted["stages"][1:] if "net" in each]
    known = products(gateway, wanted) if later else {}
    known = {key: known.get(key) or product_id(key) for key in wanted["entries"]}
    by_word = prices(gateway, wanted, known) if later else {}
    for stage in later:
        asked = {
            "customer": customer,
            "subscription_details": {"items": items(stage, wanted, known, by_word)},
            "discounts": coupons(stage["coupons"]) or "",
        }
        found = gateway.write("post", "/v1/invoices/create_preview", asked, f"preview-{uuid4().hex}").object
        theirs, code = sum(map(_net, found["lines"]["data"])), wanted["currency"]
        if theirs != stage["net"] and not found["lines"].get("has_more"):
            yield (
                f"Stripe comes to {amount(theirs, code)} for a period from month {stage['month'] + 1} on, "
                f"the quote to {amount(stage['net'], code)}."
            )


def _net(line: Json) -> int:
    """A line of the subscription less its discounts; others are not of the quote."""
    if (line.get("parent") or {}).get("type") != "subscription_item_details":
        return 0
    off = sum(int(each["amount"]) for each in line.get("discount_amounts") or ())
    return int(line["amount"]) - off

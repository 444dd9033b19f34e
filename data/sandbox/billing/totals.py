"""An invoice's sums: discounts and taxes line by line, and the identities that hold between them.

subtotal = sum of lines; total = subtotal - discounts + exclusive taxes; what is due takes the balance too.
"""

from collections.abc import Sequence
from typing import Any

from data.sandbox.billing.discounting import CouponOf, Row, taken_off
from data.sandbox.billing.pricing import taxed, too_small
from data.sandbox.factory.invoices import product_in

Json = dict[str, Any]


def total_up(invoice: Json, coupon_of: CouponOf) -> None:
    """Fill in an invoice's and its lines' money; coupon_of finds the coupon behind a discount."""
    lines: list[Json] = invoice["lines"]["data"]
    wanted = [line for line in lines if line["discountable"]]
    rows = [Row(line["amount"], product_in(line["pricing"]), line["discounts"]) for line in wanted]
    taken = taken_off(rows, invoice["discounts"], coupon_of, invoice["currency"])
    off = dict(zip((line["id"] for line in wanted), taken, strict=True))
    rates, exempt = invoice["default_tax_rates"], invoice["customer_tax_exempt"]
    for line in lines:
        _price_line(line, off.get(line["id"], []), rates, exempt)
    sums = {discount["id"]: 0 for discount in invoice["discounts"]}
    for amount, name in (each for found in taken for each in found):
        sums[name] = sums.get(name, 0) + amount
    amounts = [{"amount": amount, "discount": name} for name, amount in sums.items()]
    invoice["total_discount_amounts"] = amounts
    invoice["total_pretax_credit_amounts"] = [{**each, "type": "discount"} for each in amounts]
    invoice["total_taxes"] = _summed([tax for line in lines for tax in line["taxes"]])
    _sum_up(invoice, lines)


def _price_line(line: Json, off: Sequence[tuple[int, str]], rates: Sequence[Json], exempt: str) -> None:
    line["discount_amounts"] = [{"amount": amount, "discount": name} for amount, name in off]
    line["pretax_credit_amounts"] = [
        {"amount": amount, "discount": name, "type": "discount"} for amount, name in off
    ]
    line["taxes"] = taxed(line["amount"] - sum(amount for amount, _ in off), rates, exempt)


def _summed(taxes: Sequence[Json]) -> list[Json]:
    sums: dict[str, Json] = {}
    for tax in taxes:
        key = tax["tax_rate_details"]["tax_rate"]
        known = sums.get(key)
        sums[key] = {
            **tax,
            "amount": tax["amount"] + (known["amount"] if known else 0),
            "taxable_amount": tax["taxable_amount"] + (known["taxable_amount"] if known else 0),
        }
    return list(sums.values())


def _sum_up(invoice: Json, lines: Sequence[Json]) -> None:
    subtotal = sum(line["amount"] for line in lines)
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    exclusive = sum(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "exclusive")
    inclusive = sum(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "inclusive")
    total = subtotal - off + exclusive
    due = max(total, 0)
    invoice.update(
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal - inclusive,
        total=total,
        total_excluding_tax=total - exclusive - inclusive,
        amount_due=due,
        amount_remaining=due,
    )


def settle_balance(invoice: Json, balance: int) -> int:
    """Set what is due after the customer's balance (negative = credit); returns the new balance.

    A total below zero, or a rest under the smallest charge, is carried to the balance.
    """
    owed = invoice["total"] + balance
    carried = owed if owed <= 0 or too_small(owed, invoice["currency"]) else 0
    due = owed - carried
    invoice.update(amount_due=due, amount_remaining=due, starting_balance=balance, ending_balance=carried)
    return carried

"""The identities between an invoice's sums, for any lines, coupons, taxes and balance."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from data.sandbox.billing.totals import settle_balance, total_up
from data.sandbox.factory import coupon, customer, discount, invoice, line, tax_rate

Json = dict[str, Any]

LINES = st.lists(st.tuples(st.integers(-500_000, 2_000_000), st.booleans()), min_size=1, max_size=5)
COUPONS = st.lists(
    st.one_of(
        st.sampled_from([10, 12.5, 33.33, 100]).map(
            lambda value: coupon("P", 0, "forever", percent_off=value)
        ),
        st.integers(1, 1_000_000).map(
            lambda value: coupon("A", 0, "forever", amount_off=value, currency="usd")
        ),
    ),
    max_size=3,
)
RATES = st.lists(
    st.tuples(st.sampled_from(["19", "20", "8.1", "5.5"]), st.booleans()), max_size=2, unique=True
)
EXEMPT = st.sampled_from(["none", "none", "reverse", "exempt"])


def totalled(
    lines: list[tuple[int, bool]], coupons: list[Json], rates: list[tuple[str, bool]], exempt: str
) -> Json:
    """An invoice of such lines (amount, discountable) with its sums filled in."""
    made = invoice("in_1", 0, customer("cus_1", 0, tax_exempt=exempt), "usd")
    made["lines"]["data"] = [
        line(f"il_{number}", made, amount, (0, 1), discountable=discountable)
        for number, (amount, discountable) in enumerate(lines)
    ]
    made["discounts"] = [discount(f"di_{number}", 0, each["id"], None) for number, each in enumerate(coupons)]
    made["default_tax_rates"] = [
        tax_rate(f"txr_{number}", 0, "DE", percentage, "VAT", inclusive=inclusive)
        for number, (percentage, inclusive) in enumerate(rates)
    ]
    behind = dict(zip((each["id"] for each in made["discounts"]), coupons, strict=True))
    total_up(made, lambda discount: behind[discount["id"]])
    return made


def summed(rows: list[Json]) -> int:
    return sum(row["amount"] for row in rows)


@given(lines=LINES, coupons=COUPONS, rates=RATES, exempt=EXEMPT)
def test_a_total_is_its_lines_less_discounts_plus_taxes(
    lines: list[tuple[int, bool]], coupons: list[Json], rates: list[tuple[str, bool]], exempt: str
) -> None:
    made = totalled(lines, coupons, rates, exempt)
    rows = made["lines"]["data"]
    exclusive = summed([tax for tax in made["total_taxes"] if tax["tax_behavior"] == "exclusive"])
    assert made["subtotal"] == summed(rows)
    assert made["total"] == made["subtotal"] - summed(made["total_discount_amounts"]) + exclusive
    assert made["total_excluding_tax"] == made["total"] - summed(made["total_taxes"])
    assert made["amount_due"] == max(made["total"], 0) == made["amount_remaining"]
    assert summed(made["total_taxes"]) == sum(summed(row["taxes"]) for row in rows)


@given(lines=LINES, coupons=COUPONS, rates=RATES)
def test_discounts_of_lines_sum_to_the_invoices_and_spare_what_is_not_discountable(
    lines: list[tuple[int, bool]], coupons: list[Json], rates: list[tuple[str, bool]]
) -> None:
    made = totalled(lines, coupons, rates, "none")
    for total in made["total_discount_amounts"]:
        rows = [each for row in made["lines"]["data"] for each in row["discount_amounts"]]
        assert total["amount"] == summed([row for row in rows if row["discount"] == total["discount"]])
    for row in made["lines"]["data"]:
        assert 0 <= summed(row["discount_amounts"]) <= max(row["amount"], 0)
        assert row["discountable"] or row["discount_amounts"] == []


@given(total=st.integers(-1_000_000, 1_000_000), balance=st.integers(-1_000_000, 1_000_000))
def test_what_is_due_and_the_balance_after_account_for_everything(total: int, balance: int) -> None:
    made = totalled([(total, False)], [], [], "none")
    after = settle_balance(made, balance)
    assert made["amount_due"] + after == total + balance
    assert made["amount_due"] >= 0
    assert made["amount_due"] == 0 or made["amount_due"] >= 50
    assert (made["starting_balance"], made["ending_balance"]) == (balance, after)


def test_a_coupon_for_some_products_spares_the_others() -> None:
    only = coupon("P", 0, "forever", percent_off=50, applies_to={"products": ["prod_a"]})
    made = invoice("in_1", 0, customer("cus_1", 0), "usd")
    for number, product in enumerate(("prod_a", "prod_b")):
        pricing = {"type": "price_details", "price_details": {"price": "price_1", "product": product}}
        made["lines"]["data"].append(line(f"il_{number}", made, 1_000, (0, 1), pricing=pricing))
    made["discounts"] = [discount("di_1", 0, "P", None)]
    total_up(made, lambda _discount: only)
    assert [summed(row["discount_amounts"]) for row in made["lines"]["data"]] == [500, 0]


def test_a_lines_own_discount_is_taken_before_the_invoices() -> None:
    made = invoice("in_1", 0, customer("cus_1", 0), "usd")
    own = discount("di_own", 0, "P", None)
    made["lines"]["data"] = [
        line("il_0", made, 1_000, (0, 1), discounts=[own]),
        line("il_1", made, 1_000, (0, 1)),
    ]
    made["discounts"] = [discount("di_all", 0, "A", None)]
    behind = {"P": coupon("P", 0, "forever", percent_off=50), "A": coupon("A", 0, "once", percent_off=10)}
    total_up(made, lambda each: behind[each["source"]["coupon"]])
    assert [
        [(each["discount"], each["amount"]) for each in row["discount_amounts"]]
        for row in made["lines"]["data"]
    ] == [
        [("di_own", 500), ("di_all", 50)],
        [("di_all", 100)],
    ]
    assert {each["discount"]: each["amount"] for each in made["total_discount_amounts"]} == {
        "di_all": 150, "di_own": 500,
    }  # fmt: skip
    assert made["total"] == 1_350

"""Objects that tutorials do not show, each as Stripe may send it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from data.records import deleted_ids, incomplete, rows_of
from data.records.fields import BEGINNING, decimal_text
from data.tables import mirror

AT = datetime(2026, 11, 21, 23, tzinfo=UTC)
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
COUPON = {"id": "SAVE", "object": "coupon", "percent_off": 12.5, "duration": "forever", "created": 1767225600}


def subscription(**given: Any) -> dict[str, Any]:
    """A subscription with one item, as small as Stripe's shape allows."""
    item = {"id": "si_1", "price": "price_1", "quantity": 3, "current_period_end": 1769904000}
    return {"id": "sub_1", "status": "active", "customer": "cus_1", "items": {"data": [item]}} | given


def line(**given: Any) -> dict[str, Any]:
    """An invoice's line without optional fields."""
    return {"id": "il_1", "amount": 500, "currency": "usd", "period": {"start": 0, "end": 86400}} | given


def test_a_deleted_customer_is_an_id_to_mark_and_no_row() -> None:
    gone = {"id": "cus_1", "object": "customer", "deleted": True}
    assert rows_of("customers", [gone], AT)[mirror.customer] == []
    assert deleted_ids([gone, {"id": "cus_2"}]) == ["cus_1"]
    assert incomplete("subscriptions", gone) == []


def test_a_subscription_may_carry_a_deleted_customer() -> None:
    obj = subscription(customer={"id": "cus_1", "object": "customer", "deleted": True})
    assert rows_of("subscriptions", [obj], AT)[mirror.subscription][0]["customer_id"] == "cus_1"


def test_unexpanded_discounts_have_no_coupon() -> None:
    rows = rows_of("subscriptions", [subscription(discounts=["di_1", "di_2"])], AT)[mirror.discount]
    assert [(row["id"], row["subscription_id"], row["coupon_id"]) for row in rows] == [
        ("di_1", "sub_1", None),
        ("di_2", "sub_1", None),
    ]
    assert [row["position"] for row in rows] == [0, 1]


def test_an_expanded_coupon_becomes_a_row_that_never_overwrites_a_listed_one() -> None:
    given = {"id": "di_1", "source": {"type": "coupon", "coupon": COUPON}, "start": 1767225600, "end": None}
    rows = rows_of("subscriptions", [subscription(discounts=[given])], AT)
    assert rows[mirror.discount][0]["coupon_id"] == "SAVE"
    assert rows[mirror.coupon][0]["percent_off"] == "12.5"
    assert rows[mirror.coupon][0]["observed_at"] == CREATED


def test_a_discount_on_one_item_names_it() -> None:
    item = {"id": "si_9", "price": "price_1", "discounts": [{"id": "di_1", "source": {"coupon": "SAVE"}}]}
    rows = rows_of("subscriptions", [subscription(items={"data": [item]})], AT)[mirror.discount]
    assert [(row["subscription_id"], row["subscription_item_id"]) for row in rows] == [("sub_1", "si_9")]


def test_a_deleted_discount_is_left_out() -> None:
    obj = subscription(discounts=[{"id": "di_1", "deleted": True, "source": {"coupon": "SAVE"}}])
    assert rows_of("subscriptions", [obj], AT)[mirror.discount] == []


def test_a_customers_own_discount_belongs_to_no_subscription() -> None:
    obj = {"id": "cus_1", "discount": {"id": "di_1", "source": {"coupon": COUPON}, "customer": "cus_1"}}
    rows = rows_of("customers", [obj], AT)
    assert (rows[mirror.discount][0]["customer_id"], rows[mirror.discount][0]["subscription_id"]) == (
        "cus_1",
        None,
    )
    assert rows[mirror.coupon][0]["id"] == "SAVE"


def test_a_tiered_price_with_and_without_its_tiers() -> None:
    tiers = [{"up_to": 10, "unit_amount": 500, "flat_amount": None}, {"up_to": None, "unit_amount": 400}]
    price = {"id": "price_1", "billing_scheme": "tiered", "tiers_mode": "graduated", "unit_amount": None}
    rows = rows_of("prices", [price | {"tiers": tiers}, price], AT)[mirror.price]
    assert [row["tiers"] for row in rows] == [tiers, None]
    assert {row["tiers_mode"] for row in rows} == {"graduated"}


def test_a_price_finer_than_a_minor_unit() -> None:
    price = {"id": "price_1", "unit_amount": None, "unit_amount_decimal": "0.125", "recurring": None}
    row = rows_of("prices", [price], AT)[mirror.price][0]
    assert (row["unit_amount"], row["unit_amount_decimal"], row["recurring_interval"]) == (
        None,
        "0.125",
        None,
    )


def test_a_price_inside_a_subscription_is_dated_by_its_creation() -> None:
    dated = {"id": "price_1", "created": 1767225600}
    prices = [dated, {"id": "price_2"}, dated]
    items = [{"id": f"si_{number}", "price": price} for number, price in enumerate(prices)]
    rows = rows_of("subscriptions", [subscription(items={"data": items})], AT)
    assert [row["price_id"] for row in rows[mirror.subscription_item]] == ["price_1", "price_2", "price_1"]
    assert {row["id"]: row["observed_at"] for row in rows[mirror.price]} == {
        "price_1": CREATED,
        "price_2": BEGINNING,
    }


def test_a_metered_item_has_no_quantity() -> None:
    obj = subscription(items={"data": [{"id": "si_1", "price": "price_1"}]})
    assert rows_of("subscriptions", [obj], AT)[mirror.subscription_item][0]["quantity"] is None


def test_an_unknown_status_is_kept_as_it_is() -> None:
    obj = subscription(status="dormant", pause_collection={"behavior": "void", "resumes_at": None})
    row = rows_of("subscriptions", [obj], AT)[mirror.subscription][0]
    assert (row["status"], row["pause_behavior"], row["pause_resumes_at"]) == ("dormant", "void", None)


def test_a_one_off_invoice_has_no_parent() -> None:
    obj = {"id": "in_1", "parent": None, "customer": {"id": "cus_1", "object": "customer"}, "lines": {}}
    row = rows_of("invoices", [obj], AT)[mirror.invoice][0]
    assert (row["subscription_id"], row["customer_id"], row["tax"]) == (None, "cus_1", None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (None, ["lines"]),
        ({"data": [], "has_more": True}, ["lines"]),
        ({"data": [], "has_more": False}, []),
        ({"data": []}, []),
    ],
)
def test_more_pages_are_reported(lines: dict[str, Any] | None, expected: list[str]) -> None:
    assert incomplete("invoices", {"id": "in_1", "lines": lines}) == expected
    assert incomplete("customers", {"id": "cus_1", "lines": lines}) == []


def test_a_line_from_an_invoice_item() -> None:
    origin = {"invoice_item": "ii_1", "proration": False, "subscription": None, "proration_details": None}
    parent = {
        "type": "invoice_item_details",
        "invoice_item_details": origin,
        "subscription_item_details": None,
    }
    pricing = {
        "price_details": {"price": {"id": "price_1"}, "product": "prod_1"},
        "unit_amount_decimal": None,
    }
    obj = {"id": "in_1", "lines": {"data": [line(parent=parent, pricing=pricing), line(id="il_2")]}}
    first, second = rows_of("invoices", [obj], AT)[mirror.invoice_line]
    assert (first["invoice_item_id"], first["subscription_id"], first["price_id"]) == (
        "ii_1",
        None,
        "price_1",
    )
    assert (first["proration"], first["product_id"], first["credited_lines"]) == (False, "prod_1", None)
    assert (second["position"], second["proration"], second["price_id"]) == (1, False, None)


def test_proration_credits_of_lines_and_of_invoice_items() -> None:
    credited = {"invoice": "in_0", "invoice_line_items": ["il_7"]}
    origin = {"subscription": "sub_1", "subscription_item": "si_1", "proration": True}
    details = origin | {"proration_details": {"credited_items": credited}}
    parent = {"type": "subscription_item_details", "subscription_item_details": details}
    amounts = [{"amount": 5, "discount": {"id": "di_1", "object": "discount"}}]
    obj = {"id": "in_1", "lines": {"data": [line(parent=parent, discount_amounts=amounts)]}}
    row = rows_of("invoices", [obj], AT)[mirror.invoice_line][0]
    assert (row["proration"], row["credited_lines"], row["subscription_item_id"]) == (True, ["il_7"], "si_1")
    assert row["discount_amounts"] == [{"amount": 5, "discount": "di_1"}]
    nested = {"credited_items": {"type": "invoice_line_items", "invoice_line_item_details": credited}}
    item = {"id": "ii_1", "proration": True, "proration_details": nested, "invoice": {"id": "in_1"}}
    row = rows_of("invoiceitems", [item], AT)[mirror.invoice_item][0]
    assert (row["credited_lines"], row["invoice_id"], row["date"]) == (["il_7"], "in_1", None)


def test_a_payment_method_without_a_card() -> None:
    row = rows_of("payment_methods", [{"id": "pm_1", "type": "sepa_debit", "customer": None}], AT)
    assert row[mirror.payment_method][0]["card_exp_year"] is None


def test_tax_ids_are_null_unless_expanded() -> None:
    found = {"type": "eu_vat", "value": "DE123", "verification": {"status": "verified"}}
    expanded = {"id": "cus_1", "tax_ids": {"data": [found]}, "tax": {"automatic_tax": "supported"}}
    first, second = rows_of("customers", [expanded, {"id": "cus_2"}], AT)[mirror.customer]
    assert first["tax_ids"] == [{"type": "eu_vat", "value": "DE123", "verification": "verified"}]
    assert (first["tax_status"], second["tax_status"], second["tax_ids"]) == ("supported", None, None)


def test_a_quote_where_nothing_recurs() -> None:
    obj = {
        "id": "qt_1",
        "computed": {"recurring": None, "upfront": {"amount_total": 900}},
        "amount_total": 900,
    }
    row = rows_of("quotes", [obj], AT)[mirror.quote][0]
    assert (row["recurring_interval"], row["recurring_amount_total"], row["amount_total"]) == (
        None,
        None,
        900,
    )


def test_an_event_of_unknown_type_is_kept_whole() -> None:
    data = {
        "object": {"object": "moon", "id": "moon_1", "phase": "full"},
        "previous_attributes": {"phase": "new"},
    }
    known = {"id": "evt_1", "type": "moon.updated", "created": 1767225600, "data": data}
    first, second = rows_of("events", [known, {"id": "evt_2", "type": "v2.thing"}], AT)[mirror.event]
    assert (first["object_type"], first["object_id"], first["data"]) == ("moon", "moon_1", data)
    assert (first["created_at"], first["observed_at"]) == (CREATED, AT)
    assert (second["object_id"], second["created_at"]) == (None, None)


def test_a_resource_that_is_not_mirrored_is_refused() -> None:
    with pytest.raises(KeyError, match="tax_rates"):
        rows_of("tax_rates", [], AT)


@pytest.mark.parametrize(
    ("given", "expected"), [(20.0, "20"), (12.5, "12.5"), (15, "15"), ("0.1250", "0.1250"), (None, None)]
)
def test_decimals_are_exact_text(given: str | float | None, expected: str | None) -> None:
    assert decimal_text(given) == expected

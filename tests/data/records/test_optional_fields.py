"""Whatever optional field is absent and whatever nullable field is null, an object becomes a row."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.records import TABLES, incomplete, rows_of
from tests.data.records.drawing import draw, schemas

AT = datetime(2026, 11, 21, 23, tzinfo=UTC)
SCHEMAS = {
    "products": "product",
    "prices": "price",
    "coupons": "coupon",
    "promotion_codes": "promotion_code",
    "customers": "customer",
    "payment_methods": "payment_method",
    "subscriptions": "subscription",
    "subscription_schedules": "subscription_schedule",
    "invoices": "invoice",
    "invoiceitems": "invoiceitem",
    "credit_notes": "credit_note",
    "charges": "charge",
    "refunds": "refund",
    "quotes": "quote",
    "events": "event",
}


@pytest.mark.parametrize("resource", list(TABLES))
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_object_of_the_description_converts(resource: str, seed: int) -> None:
    obj = draw(schemas()[SCHEMAS[resource]], Random(seed))
    rows = rows_of(resource, [obj], AT)
    assert rows[TABLES[resource]][0]["id"] == obj["id"]
    for table, found in rows.items():
        columns = {column.name: column for column in table.columns}
        for row in found:
            assert set(row) == set(columns)
            assert all(value is not None or columns[name].nullable for name, value in row.items())
    assert set(incomplete(resource, obj)) <= {"items", "lines"}

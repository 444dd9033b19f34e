"""Invoices found by what is on them, filtered, and a page at a time without gap or repetition."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data import frames
from data.frames.invoice_list import METHODS, STATUSES
from data.tables import ledger, mirror
from tests.data.frames.invoicing import closed, customer, invoice, noon, put

NOW = noon("2026-06-15")


@pytest.fixture
def some(engine: Engine) -> Engine:
    """Six invoices that differ in everything that can be searched for."""
    with engine.begin() as connection:
        put(
            connection,
            mirror.customer,
            [
                customer("cus_1", name="Acme Müller GmbH", email="pay@acme.test"),
                customer("cus_2", name="Zeta"),
            ],
        )
        put(
            connection,
            mirror.invoice,
            [
                invoice("ab-1", "2026-05-01", total=123_450, po_number="PO-77"),
                invoice("ab-2", "2026-05-02", total=2_900, amount_remaining=123_450),
                invoice("cd-1", "2026-05-03", customer_id="cus_2", currency="jpy", total=12_345),
                invoice("cd-2", "2026-05-04", customer_id="cus_2", currency="kwd", total=1_234_500),
                closed("cd-3", "2026-05-05", "paid", "2026-05-05", collection_method="charge_automatically"),
                invoice("x%y_z", "2026-05-06", status="draft", customer_id=None),
            ],
        )
    return engine


def found(engine: Engine, **asked: object) -> list[str]:
    return [str(each) for each in frames.invoice_page(engine, NOW, **asked)["number"]]


SEARCHES: dict[str, list[str]] = {
    "": ["X%Y_Z", "CD-3", "CD-2", "CD-1", "AB-2", "AB-1"],
    "AB-": ["AB-2", "AB-1"],
    "ab-1": ["AB-1"],
    "%": [],
    "X%": ["X%Y_Z"],
    "B-1": [],
    "po-77": ["AB-1"],
    "PO": ["AB-1"],
    "1,234.50": ["CD-2", "AB-2", "AB-1"],
    "$1234.5": ["CD-2", "AB-2", "AB-1"],
    "12345": ["CD-1"],
    "29.00 usd": ["AB-2"],
    "acme": ["CD-3", "AB-2", "AB-1"],
    "  MULLER acme ": ["CD-3", "AB-2", "AB-1"],
    "pay@acme.test": ["CD-3", "AB-2", "AB-1"],
    "in_cd-2": ["CD-2"],
    "cus_2": ["CD-2", "CD-1"],
    "cus_": [],
    "nobody at all": [],
    "'; drop table invoice; --": [],
    "acmee": ["CD-3", "AB-2", "AB-1"],
    "acme zeta": [],
    "cd\x00-3": ["CD-3"],
}
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"statuses": ["draft"]}, ["X%Y_Z"]),
    ({"statuses": ["paid", "draft"]}, ["X%Y_Z", "CD-3"]),
    ({"statuses": ["nonsense"]}, []),
    ({"methods": ["charge_automatically"]}, ["CD-3"]),
    ({"statuses": ["open"], "methods": ["charge_automatically"]}, []),
    ({"statuses": ["open"], "search": "acme"}, ["AB-2", "AB-1"]),
    ({"ages": ["31-60"]}, ["AB-1", "AB-2", "CD-1", "CD-2"]),
    ({"ages": ["31-60"], "search": "zeta"}, ["CD-1", "CD-2"]),
    (
        {"ages": ["31-60", "nonsense"], "statuses": ["open"], "methods": ["send_invoice"], "limit": 1},
        ["AB-1"],
    ),
    ({"ages": ["31-60"], "statuses": ["paid"]}, []),
    ({"ages": ["not_due"]}, []),
    ({"audiences": [3]}, ["CD-2", "CD-1"]),
    ({"audiences": [3], "statuses": ["open"], "search": "acme"}, []),
    ({"after": "nonsense"}, ["X%Y_Z", "CD-3", "CD-2", "CD-1", "AB-2", "AB-1"]),
    ({"after": "2026-05-03|in_x"}, ["X%Y_Z", "CD-3", "CD-2", "CD-1", "AB-2", "AB-1"]),
]


def test_search(some: Engine) -> None:
    assert {typed: found(some, search=typed) for typed in SEARCHES} == SEARCHES


def test_filters(some: Engine) -> None:
    with some.begin() as connection:
        connection.execute(ledger.audience.insert().values(id=3, country="JP"))
        connection.execute(ledger.customer_audience.insert().values(customer_id="cus_2", audience_id=3))
    assert [(asked, found(some, **asked)) for asked, _ in FILTERS] == FILTERS


def test_a_deleted_draft_is_gone_and_its_customer_may_be_unknown(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, mirror.invoice, [invoice("a", deleted_at=NOW), invoice("b", customer_name="On it")])
    page = frames.invoice_page(engine, NOW)
    assert list(page["customer_name"]) == ["On it"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.integers(1, 5), min_size=1, max_size=14),
    size=st.integers(1, 5),
    narrow=st.sampled_from(
        [{}, {"statuses": ["open", "paid"]}, {"ages": ["31-60", "61-90"]}, {"search": "cus_1"}]
    ),
    kinds=st.lists(st.sampled_from(list(product(STATUSES, METHODS))), min_size=14, max_size=14),
)
def test_pages_together_are_the_list(
    sqlite_engine: Engine,
    days: list[int],
    size: int,
    narrow: dict[str, list[str]],
    kinds: list[tuple[str, str]],
) -> None:
    rows = [
        invoice(f"{number:02}", f"2026-04-{17 + day:02}", status=status, collection_method=method)
        for number, (day, (status, method)) in enumerate(zip(days, kinds, strict=False))
    ]
    with sqlite_engine.begin() as connection:
        connection.execute(mirror.invoice.delete())
        put(connection, mirror.invoice, rows)
    whole = frames.invoice_page(sqlite_engine, NOW, **narrow)
    pages, after = [], ""
    while len(page := frames.invoice_page(sqlite_engine, NOW, after=after, limit=size, **narrow)):
        pages += list(page["invoice_id"])
        after = page["place"].iloc[-1]
    assert pages == list(whole["invoice_id"])
    wanted = [
        row
        for row in rows
        if row["status"] in narrow.get("statuses", STATUSES)
        and ("ages" not in narrow or row["status"] == "open")
    ]
    assert set(pages) == {row["id"] for row in wanted}
    if "ages" not in narrow:
        assert whole["created_at"].is_monotonic_decreasing

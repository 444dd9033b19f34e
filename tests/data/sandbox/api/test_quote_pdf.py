"""The stand-in's document of a quote."""

import re
from typing import Any

import pytest

from data.sandbox.api.quote_pdf import pdf_of

Json = dict[str, Any]


def quote(lines: int, **fields: Any) -> Json:
    row = {"description": "*Enterprise* $x$ #let [a](b)", "quantity": 250, "amount_subtotal": 123400}
    details = {"amount_discount": 3400, "amount_tax": 1200}
    return {
        **{"number": "QT-7-1", "currency": "usd", "expires_at": 1_800_000_000, "total_details": details},
        **{"line_items": {"data": [row] * lines}, "amount_subtotal": 123400, "amount_total": 121200},
        **fields,
    }


@pytest.mark.parametrize(("lines", "pages"), [(1, 1), (45, 2)])
def test_it_has_the_pages_that_its_lines_need(lines: int, pages: int) -> None:
    found = pdf_of(quote(lines), {"name": "Łódź <script>", "email": None, "id": "cus_1"})
    assert len(re.findall(rb"/Type\s*/Page\b", found)) == pages
    assert b"QT-7-1" in found


def test_what_is_missing_is_left_out() -> None:
    none = {"amount_discount": 0, "amount_tax": 0}
    bare = quote(1, currency="jpy", total_details=none, header=None, footer=None, description=None)
    assert pdf_of(bare, {"name": None, "email": None, "id": "cus_1"}).startswith(b"%PDF-")

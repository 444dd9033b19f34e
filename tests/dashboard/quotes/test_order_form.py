"""Order forms: what they say is what was priced, and nothing that was typed is read as anything but text."""

import re
import zlib
from datetime import date
from typing import Any

import pytest

from dashboard.quotes.order_form import Paper, Party, UnshownError, content, party, pdf
from dashboard.quotes.pricing import price
from dashboard.quotes.reading import read
from data.catalog import load
from tests.dashboard.actions.quoted import ENTERPRISE
from tests.dashboard.quotes.test_joining import FIELDS as ADDED

SOLD, TODAY = load(), date(2026, 1, 3)
FIELDS = {
    **ENTERPRISE,
    "customer_id": "cus_1",
    "expires_on": "2026-02-01",
    "po_number": "PO 7",
    "notes_inside": "They would pay more",
    "notes_outside": "Thank you",
    "addon.custom_domain.hostname": "app.example.com",
}


def paper(name: str = "Acme") -> Paper:
    """An order form of today."""
    known = {"line1": "5 Road", "city": "Oslo", "email": "ada@example.com", "phone": "1"}
    seller = Party("Northwind Software", ("1 Main Street",))
    return Paper("Q-1001", "f" * 64, seller, party(name, known), "sam", TODAY, "The terms of service apply.")


def said(fields: dict[str, Any], name: str = "Acme") -> dict[str, Any]:
    """What the form of some fields says."""
    quote = read(fields, SOLD, TODAY).quote
    assert quote is not None
    return content(paper(name), fields, price(quote, SOLD), SOLD)


def test_a_form_says_what_was_priced_stage_by_stage() -> None:
    found = said(FIELDS)
    assert [stage["name"] for stage in found["stages"]] == [
        f"From month {month}, for 12 months" for month in (1, 13, 25)
    ]
    assert found["stages"][0]["rows"][0] == ["Enterprise", "250", "$43,200.00", "−$9,504.00", "$33,696.00"]
    assert [row[3] for row in found["years"]] == ["$42,178.91", "$45,294.91", "$56,526.91", "$144,000.73"]
    assert found["fees"] == [["Onboarding", "$2,500.00"]]
    assert found["discounts"] == ["22% off all items for the whole term."]
    assert found["slas"][0]["rows"][0] == ["Below 99.95%", "10%"]
    assert "21.6 minutes" in found["slas"][0]["said"]
    assert found["addons"] == [["Custom domain", "Hostname", "app.example.com"]]
    assert ["Purchase order", "PO 7"] in found["terms"]
    renewed = "Renews for another 36 months, unless notice is given 30 days before the term ends"
    assert ["After the term", renewed] in found["terms"]
    assert ["After the term", "It ends without notice"] in said({**FIELDS, "renewal": "ends"})["terms"]
    assert found["head"][0] == ["Number", "Q-1001"]
    assert found["footer"] == "Order form Q-1001, code ffffffffffff"
    assert ["Valid until", "1 Feb 2026"] in found["head"]
    assert "Valid until" not in str(said({**FIELDS, "expires_on": None})["head"])  # nobody knows it yet
    assert ["Paid by", "Invoice, due 30 days after it is sent"] in found["terms"]
    assert found["customer"]["lines"] == ("5 Road", "Oslo", "ada@example.com")
    assert "pay more" not in str(found)
    assert "Three years" not in str(found)


def test_a_form_of_an_addition_says_the_part_until_the_renewal_and_what_renews() -> None:
    off = {"discount.whole.percent": "10", "discount.whole.reason": "More seats"}
    fields = {**ADDED, **off, "addons": ["sso"], "term": 12}
    quote = read(fields, SOLD, date(2026, 11, 21)).quote
    assert quote is not None
    found = content(paper(), fields, price(quote, SOLD), SOLD)
    part, whole = found["stages"]
    assert (part["name"], part["every"]) == ("1 Apr 2027 to 1 Jul 2027: 91 days of 365", "for 91 days")
    assert part["rows"][-1] == ["Sum", "", "$2,154.08", "−$215.41", "$1,938.67"]
    assert whole["name"] == "From 1 Jul 2027, for 12 months"
    assert whole["rows"][-1] == ["Each period", "", "$8,640.00", "−$864.00", "$7,776.00"]
    assert found["years"] == [
        ["Until 1 Jul 2027", "50", "", "$1,938.67"],
        ["Year 1 from 1 Jul 2027", "50", "12", "$7,776.00"],
        ["Total contract value", "", "12", "$9,714.67"],
    ]
    assert ["Adds to", "Subscription sub_1 with 250 units, which stays as it is"] in found["terms"]
    assert ["Term", "Until 1 Jul 2027 and 12 months from it"] in found["terms"]
    assert ["Term", "Until 1 Jul 2028"] in found["figures"]


@pytest.mark.parametrize(
    "typed", ['#import "x.typ"', "$ \\ #pagebreak() *_`<b>", "株式会社 \u202e\u200b", "x" * 900]
)
def test_a_form_is_a_pdf_with_its_fonts_whatever_was_typed(typed: str) -> None:
    fields = {**FIELDS, "notes_outside": typed, "terms": typed}
    quote = read(fields, SOLD, TODAY).quote
    assert quote is not None
    found = pdf(paper(typed), fields, price(quote, SOLD), SOLD)
    assert found.startswith(b"%PDF-1.7")
    assert b"%%EOF" in found[-16:]
    inside = b"".join(_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", found, re.S))
    assert b"/FontFile" in found + inside


def test_a_form_is_kept_for_good_and_misses_no_letter_that_is_to_be_whole() -> None:
    quote = read(FIELDS, SOLD, TODAY).quote
    assert quote is not None
    known = (FIELDS, price(quote, SOLD), SOLD)
    whole = pdf(paper("Ærø Žižka Ωmega"), *known, whole=True)
    assert b"<pdfaid:part>2" in whole.replace(b"\n", b"")
    nowhere = "\U00050000"  # no font has it: no such letter was assigned
    assert pdf(paper(nowhere), *known).startswith(b"%PDF-1.7")
    with pytest.raises(UnshownError, match="50000"):
        pdf(paper(nowhere), *known, whole=True)


def _inflated(stream: bytes) -> bytes:
    """What a stream holds; nothing where it is packed otherwise."""
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""

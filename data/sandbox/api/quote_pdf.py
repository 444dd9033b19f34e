"""The document of a quote at the stand-in: its number, for whom, each line and what it comes to at once."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from data.sandbox.billing.invoicing import shown

Json = dict[str, Any]
SOURCE = Path(__file__).with_name("quote_pdf.typ").read_bytes()


def pdf_of(quote: Json, customer: Json) -> bytes:
    """The PDF of a finalized quote, of as many pages as its lines need."""
    told = {
        "number": quote["number"],
        "head": _head(quote, customer),
        "header": quote.get("header") or "",
        "footer": quote.get("footer") or "",
        "rows": [_row(row, quote["currency"]) for row in quote["line_items"]["data"]],
        "sums": _sums(quote),
    }
    return typst.compile(SOURCE, sys_inputs={"data": json.dumps(told)}, timestamp=0)


def _head(quote: Json, customer: Json) -> list[tuple[str, str]]:
    named = [
        ("Number", quote["number"]),
        ("For", customer["name"] or customer["email"] or customer["id"]),
        ("Valid until", _day(quote["expires_at"])),
    ]
    return named + [("About", text) for text in [quote.get("description")] if text]


def _day(at: int) -> str:
    day = datetime.fromtimestamp(at, UTC)
    return f"{day.day} {day:%b %Y}"


def _row(row: Json, currency: str) -> tuple[str, str, str]:
    return row["description"], str(row["quantity"]), shown(row["amount_subtotal"], currency)


def _sums(quote: Json) -> list[tuple[str, str]]:
    """Subtotal, what is taken off and added where there is any, and the total: of what is billed at once."""
    off, tax = (quote["total_details"][name] for name in ("amount_discount", "amount_tax"))
    amounts = [("Subtotal", quote["amount_subtotal"], ""), ("Discount", off, "−"), ("Tax", tax, "")]
    total = ("Total", quote["amount_total"], "")
    told = [*(each for each in amounts if each[1]), total]
    return [(name, sign + shown(amount, quote["currency"])) for name, amount, sign in told]

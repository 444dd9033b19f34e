"""The order form of a quote: everything that is agreed, on paper, with a place to sign."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from dashboard import formatting
from dashboard.addons.uptime import THIRTY_DAYS
from dashboard.quotes import order_form_added
from dashboard.quotes.billing import plan
from dashboard.quotes.comparing import shown
from dashboard.quotes.fields import COLLECTION, ENDS, PARTS, RENEWAL, Fields, given
from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Quote
from dashboard.quotes.pricing import PER_UNIT, Period, Priced
from data.catalog import Addon, Catalog

NOTES = (("terms", "Special terms"), ("notes_outside", "Notes"))
LONG_WORD = re.compile(r"\S{36,}")
UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
TEMPLATE = Path(__file__).with_suffix(".typ")
Json = dict[str, Any]


@dataclass(frozen=True)
class Party:
    """Who signs: a name, and lines of address under it."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """What an order form says beside the quote itself."""

    name: str  # of the quote, as people call it
    seal: str
    seller: Party
    customer: Party
    owner: str
    at: date
    standard: str  # the terms that are printed on every order form
    until: date | None = None  # the last day on which it can be accepted, where the quote names none
    replaces: str = ""  # the name of an earlier one that the customer has


class UnshownError(Exception):
    """A letter that no font of this machine has; the message is that letter."""


def pdf(paper: Paper, fields: Fields, priced: Priced, sold: Catalog, *, whole: bool = False) -> bytes:
    """The order form as A4 pages, to be kept (PDF/A-2b); the same input gives the same bytes.

    A letter that no font has is an empty box, in a plain PDF; whole: it raises UnshownError instead.
    """
    data = orjson.dumps(_breakable(content(paper, given(fields), priced, sold))).decode()
    try:
        written = typst.compile(_source(), sys_inputs={"data": data}, timestamp=0, pdf_standards="a-2b")
    except typst.TypstError as error:
        unshown = UNSHOWN.search(str(error))
        if unshown is None:
            raise
        if whole:
            raise UnshownError(unshown[1]) from error
        written = typst.compile(_source(), sys_inputs={"data": data}, timestamp=0)
    assert isinstance(written, bytes)
    return written


def _breakable(told: Any) -> Any:
    """The same texts, with places to break words that are longer than a line has room for."""
    if isinstance(told, dict):
        return {name: _breakable(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_breakable(each) for each in told]
    return LONG_WORD.sub(lambda found: "\u200b".join(found[0]), told) if isinstance(told, str) else told


@cache
def _source() -> bytes:
    return TEMPLATE.read_bytes()


def content(paper: Paper, fields: Fields, priced: Priced, sold: Catalog) -> Json:
    """What the order form says, as the template takes it: texts only."""
    quote, code = priced.quote, priced.quote.currency
    starts = formatting.day(quote.start) if quote.start else "On acceptance"
    expires = fields.get("expires_on")
    until = date.fromisoformat(str(expires)) if expires else paper.until
    return {
        "title": f"Order form for {paper.customer.name}",
        "subtitle": f"{_name(sold, quote.plan)} {order_form_added.lasts(quote)}",
        "footer": f"Order form {paper.name}, code {paper.seal[:12]}",
        "every": formatting.interval(quote.interval).lower(),
        "currency": code.upper(),
        "seller": vars(paper.seller),
        "customer": vars(paper.customer),
        "head": [
            ["Number", paper.name],
            *([["Replaces", paper.replaces]] if paper.replaces else []),
            ["Date", formatting.day(paper.at)],
            *([["Valid until", formatting.day(until)]] if until else []),
            ["Prepared by", paper.owner],
        ],
        "figures": [
            ["Total contract value", formatting.amount(priced.total, code)],
            ["First invoice", formatting.amount(priced.first_invoice, code)],
            ["Term", f"{quote.term} months" if quote.joins is None else order_form_added.until(quote)],
            ["Starts", starts],
        ],
        "stages": _stages(priced, sold),
        "discounts": _discounts(quote, sold),
        "fees": [[fee.name, formatting.amount(fee.amount, code)] for fee in quote.fees],
        "years": order_form_added.years(priced) if quote.joins else _years(priced),
        "addons": _addons(quote, fields, sold),
        "slas": [_sla(addon, quote) for addon in _promised(quote, sold)],
        "terms": _terms(quote, fields, starts),
        "notes": [[said, str(fields[name])] for name, said in NOTES if fields.get(name)],
        "standard": paper.standard,
    }


def _name(sold: Catalog, key: str) -> str:
    entry = sold.entry(key)
    return entry.name if entry else key


def _stages(priced: Priced, sold: Catalog) -> list[Json]:
    """The rows of each stretch of the term in which nothing changes, as its first period bills them."""
    if priced.quote.joins:
        return [
            {"name": name, "every": every, "rows": _rows(period, priced.quote, sold, last)}
            for name, every, period, last in order_form_added.stages(priced)
        ]
    periods = {period.month: period for period in priced.periods}
    return [
        {
            "name": f"From month {stage.month + 1}, for {stage.months} months",
            "rows": _rows(periods[stage.month], priced.quote, sold),
        }
        for stage in plan(priced, sold).stages
    ]


def _rows(period: Period, quote: Quote, sold: Catalog, last: str = "Each period") -> list[list[str]]:
    code = quote.currency
    rows = [
        [
            _called(quote, sold, each.key),
            formatting.count(period.capacity if _by_unit(sold, each.key, quote) else 1),
            formatting.amount(each.at_list, code),
            _off(each.at_list - each.net, code),
            formatting.amount(each.net, code),
        ]
        for each in period.charges
    ]
    off = _off(period.at_list - period.net, code)
    amounts = [formatting.amount(period.at_list, code), off, formatting.amount(period.net, code)]
    return [*rows, [last, "", *amounts]]


def _by_unit(sold: Catalog, key: str, quote: Quote) -> bool:
    """Whether a line is priced by the unit of capacity: the plan's is told so however it is priced."""
    entry = sold.entry(key)
    return key == quote.plan or (entry is not None and entry.rule in PER_UNIT)


def _off(minor: int, code: str) -> str:
    return formatting.amount(-minor, code) if minor else formatting.DASH


def _called(quote: Quote, sold: Catalog, key: str) -> str:
    uptime = quote.tiers.get(key)
    return f"{_name(sold, key)}, {uptime}%" if uptime is not None else _name(sold, key)


def _discounts(quote: Quote, sold: Catalog) -> list[str]:
    """What is taken off; why is for us alone."""
    return [
        f"{_taken(discount, quote.currency)} off {_on(key, sold)} {_lasting(discount)}."
        for key, discount in quote.discounts.items()
        if discount.percent or discount.amount
    ]


def _taken(discount: Discount, code: str) -> str:
    if discount.percent is not None:
        return f"{discount.percent.normalize():f}%"
    return f"{formatting.amount(discount.amount, code)} each period"


def _on(key: str, sold: Catalog) -> str:
    return "all items" if key == WHOLE else _name(sold, key)


def _lasting(discount: Discount) -> str:
    return "for the whole term" if discount.months is None else f"for the first {discount.months} months"


def _years(priced: Priced) -> list[list[str]]:
    code = priced.quote.currency
    rows = [
        [
            f"Year {year.number}",
            formatting.count(year.capacity),
            str(year.months),
            formatting.amount(year.billed, code),
        ]
        for year in priced.years
    ]
    return [
        *rows,
        ["Total contract value", "", str(priced.quote.term), formatting.amount(priced.total, code)],
    ]


def _addons(quote: Quote, fields: Fields, sold: Catalog) -> list[list[str]]:
    """What was agreed about how add-ons are set up: the fields addon.<key>.<setting>."""
    rows = []
    for key in quote.addons:
        prefix = f"addon.{key}."
        for name in (name for name in fields if name.startswith(prefix)):
            setting = PARTS.get(part := name.removeprefix(prefix), part)
            rows.append(
                [_name(sold, key), setting[:1].upper() + setting[1:], shown(name, fields[name], sold)]
            )
    return rows


def _promised(quote: Quote, sold: Catalog) -> list[Addon]:
    found = [sold.entry(key) for key in quote.tiers]
    return [entry for entry in found if isinstance(entry, Addon)]


def _sla(addon: Addon, quote: Quote) -> Json:
    promised = quote.tiers[addon.key]
    tier = next(tier for tier in addon.tiers if tier.uptime == promised)
    down = float((100 - promised) / 100 * THIRTY_DAYS)
    greatest = max((line.percent for line in tier.credits), default=0)
    return {
        "uptime": f"{promised}%",
        "said": f"At most {down:,.1f} minutes of downtime in a month of 30 days. {addon.excluded} Credits "
        f"are claimed within 30 days after the month, and are at most {greatest}% of the month's fee.",
        "rows": [[f"Below {line.below}%", f"{line.percent}%"] for line in tier.credits],
    }


def _terms(quote: Quote, fields: Fields, starts: str) -> list[list[str]]:
    method = str(fields.get("collection") or "")
    paid = COLLECTION.get(method, method)
    if method == "send_invoice":
        paid = f"{paid}, due {fields.get('net_days') or 0} days after it is sent"
    every = formatting.interval(quote.interval)
    rows = [
        ["Term", f"{quote.term} months from the start"],
        *_at_the_end(quote, fields),
        ["Start", starts],
        ["Billed", f"{every}, in advance ({quote.term // INTERVALS[quote.interval]} invoices)"],
        ["Paid by", paid],
    ]
    if quote.joins:
        rows = [*order_form_added.terms(quote), ["The first part is paid by", paid]]
    if fields.get("po_number"):
        rows.append(["Purchase order", str(fields["po_number"])])
    return rows


def _at_the_end(quote: Quote, fields: Fields) -> list[list[str]]:
    """What follows the term, where that is agreed."""
    renewal, days = fields.get("renewal"), fields.get("notice_days")
    if quote.joins is not None or renewal not in RENEWAL:
        return []
    if renewal == ENDS:
        return [["After the term", "It ends without notice"]]
    told = f"Renews for another {quote.term} months"
    if isinstance(days, int):
        told += f", unless notice is given {formatting.plural(days, 'day')} before the term ends"
    return [["After the term", told]]


def party(name: str, details: Mapping[str, Any]) -> Party:
    """A customer as an order form names them; details: email and the parts of an address, as far as known."""
    parts = ("line1", "line2", "postal_code", "city", "state", "country", "email")
    return Party(name, tuple(str(details[part]) for part in parts if details.get(part)))

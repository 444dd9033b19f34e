"""How a quote differs from the standard: prices from the list, terms from those that a new quote has."""

from collections.abc import Iterator

from dashboard import formatting
from dashboard.quotes.comparing import shown
from dashboard.quotes.fields import AT_THE_END, STARTING, Fields, given, label
from dashboard.quotes.model import WHOLE
from dashboard.quotes.pricing import Priced
from dashboard.quotes.sealing import figures
from data.catalog import Catalog

TERMS = ("term", *AT_THE_END, "collection", "net_days", "terms")
Row = tuple[str, str, str]


def differences(found: Priced, fields: Fields, sold: Catalog) -> list[Row]:
    """What, as it is by standard, and as it is here: prices, discounts, terms."""
    prices = [*_whole(found), *_prices(found, sold), *_ramp(fields, sold)]
    return [*prices, *_discounts(fields, sold), *_terms(fields, sold)]


def _whole(found: Priced) -> Iterator[Row]:
    """All that recurs in the term."""
    code, off = found.quote.currency, found.effective_discount
    if off:
        known = figures(found)
        at_list, net = (formatting.amount(each, code) for each in (known.recurring_list, known.recurring_net))
        yield "What recurs in the term", at_list, f"{net}, {formatting.percent(off)} off"


def _prices(found: Priced, sold: Catalog) -> Iterator[Row]:
    code, every = found.quote.currency, formatting.interval(found.quote.interval).lower()
    for charge in found.periods[0].charges:
        if charge.net != charge.at_list:
            entry = sold.entry(charge.key)
            off = formatting.percent(
                (charge.at_list - charge.net) / charge.at_list if charge.at_list else None
            )
            yield (
                f"{entry.name if entry else charge.key}, {every}",
                formatting.amount(charge.at_list, code),
                f"{formatting.amount(charge.net, code)}, {off} off",
            )


def _ramp(fields: Fields, sold: Catalog) -> Iterator[Row]:
    """Prices that are agreed for a year."""
    for name, value in given(fields).items():
        if name.startswith("ramp.") and name.split(".")[2:3] == ["price"]:
            yield label(name, sold), "List price", f"{value}"


def _discounts(fields: Fields, sold: Catalog) -> Iterator[Row]:
    """Each discount as it was typed, with its reason and its end."""
    said = given(fields)
    for name in [name for name in said if name.startswith("discount.") and name.endswith(".reason")]:
        of = name.removesuffix(".reason")
        percent, amount, months = (said.get(f"{of}.{part}") for part in ("percent", "amount", "months"))
        if percent or amount:
            size = f"{str(percent).removesuffix('%')}%" if percent else f"{amount} off each bill"
            end = formatting.plural(months, "month") if isinstance(months, int) else "the whole term"
            key = of.split(".")[1]
            entry = sold.entry(key)
            owner = "Whole quote" if key == WHOLE else entry.name if entry else key
            yield f"{owner}, discount", "No discount", f"{size} for {end}: {said[name]}"


def _terms(fields: Fields, sold: Catalog) -> Iterator[Row]:
    said = given(fields)
    for name in TERMS:
        standard, here = STARTING.get(name), said.get(name)
        if name == "net_days" and said.get("collection") != "send_invoice":
            continue
        if name in AT_THE_END and here is None:  # nobody has said it, so it is not promised otherwise
            continue
        if here != standard:
            yield label(name, sold), shown(name, standard, sold), shown(name, here, sold)

"""What is approved of a quote: its fields, and what they came to at the price list of that day."""

from typing import Any

from dashboard.quotes.fields import Fields, given
from dashboard.quotes.pricing import Priced
from data.quotes.states import Figures, seal_of


def seal(fields: Fields, found: Priced) -> str:
    """The hash that a quote is approved and sent under: another field or another amount is another hash."""
    periods = [
        [period.month, [[charge.key, charge.at_list, charge.net] for charge in period.charges]]
        for period in found.periods
    ]
    comes_to: list[Any] = [
        found.quote.currency,
        periods,
        [[fee.name, fee.amount] for fee in found.quote.fees],
    ]
    return seal_of(given(fields), comes_to)


def figures(found: Priced) -> Figures:
    """What a quote comes to, as its moves keep it."""
    return Figures(
        found.quote.currency,
        found.total,
        found.arr,
        found.first_invoice,
        sum(period.at_list for period in found.periods),
        sum(period.net for period in found.periods),
        found.quote.term,
    )

"""What an order form says of an addition to a running subscription: the part until the renewal, and then."""

from collections.abc import Iterator
from datetime import datetime, time
from itertools import groupby

from dashboard import formatting
from dashboard.quotes.model import Joined, Quote
from dashboard.quotes.pricing import Period, Priced
from data.contracts import add_months


def lasts(quote: Quote) -> str:
    """For how long it is agreed."""
    join = quote.joins
    if join is None:
        return f"for {quote.term} months"
    renews = formatting.day(join.renews_on)
    if not quote.share:
        return f"for {quote.term} months from {renews}"
    return f"until {renews}" + (f" and {quote.term} months from it" if quote.term else "")


def until(quote: Quote) -> str:
    """The day to which all of it is agreed, as a figure."""
    begins = datetime.combine(_joined(quote).renews_on, time())
    return f"Until {formatting.day(add_months(begins, quote.term or 0))}"


def stages(priced: Priced) -> Iterator[tuple[str, str, Period, str]]:
    """The part until the renewal and a whole period: name, what a price is for, lines, name of the sum."""
    quote, every = priced.quote, formatting.interval(priced.quote.interval).lower()
    join, days = _joined(quote), _days(quote)
    renews = formatting.day(join.renews_on)
    if quote.share:
        yield (
            f"{_since(quote)} to {renews}: {days}",
            f"for {days.partition(' of')[0]}",
            priced.periods[0],
            "Sum",
        )
    agreed = f", for {quote.term} months" if quote.term else ", where the subscription renews"
    yield f"From {renews}{agreed}", every, priced.whole, "Each period"


def years(priced: Priced) -> list[list[str]]:
    """What is billed of it: until the renewal, in each year from it, and in all; fees with the first."""
    quote, code = priced.quote, priced.quote.currency
    renews, capacity = formatting.day(_joined(quote).renews_on), formatting.count(quote.capacity)
    fees, periods, rows = priced.fees, list(priced.periods), list[list[str]]()
    if quote.share:
        first = periods.pop(0)
        rows.append([f"Until {renews}", capacity, "", formatting.amount(first.net + fees, code)])
        fees = 0
    for number, mine in groupby(periods, lambda each: each.year):
        billed = sum(each.net for each in mine) + fees
        months = str(min(12, quote.term - 12 * (number - 1)))
        rows.append([f"Year {number} from {renews}", capacity, months, formatting.amount(billed, code)])
        fees = 0
    return [*rows, ["Total contract value", "", str(quote.term or ""), formatting.amount(priced.total, code)]]


def terms(quote: Quote) -> list[list[str]]:
    """What it adds to, how long it is agreed, and when it is billed."""
    join, every = _joined(quote), formatting.interval(quote.interval).lower()
    renews = formatting.day(join.renews_on)
    with_it = f"{every}, in advance, with the subscription"
    part = (
        f"On {_since(quote)} for {_days(quote)}, on acceptance where that is later; from {renews} {with_it}"
    )
    running = f"with {formatting.count(join.capacity)} units, which stays as it is"
    return [
        ["Adds to", f"Subscription {join.subscription} {running}"],
        ["Term", f"{lasts(quote)[:1].upper()}{lasts(quote)[1:]}"],
        ["Start", _since(quote)],
        ["Billed", part if quote.share else f"From {renews} {with_it}"],
    ]


def _joined(quote: Quote) -> Joined:
    assert quote.joins is not None
    return quote.joins


def _since(quote: Quote) -> str:
    assert quote.start is not None
    return formatting.day(quote.start)


def _days(quote: Quote) -> str:
    """ "91 days of 365"."""
    join = _joined(quote)
    assert quote.start is not None
    left, whole = (join.renews_on - quote.start).days, (join.renews_on - join.period_start).days
    return f"{formatting.plural(left, 'day')} of {whole}"

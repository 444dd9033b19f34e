"""A subscription's past as spans: its items' terms, cut where it counted and where it did not."""

from collections.abc import Iterator
from dataclasses import dataclass

from data.discounts import Discount
from data.history.items import Stretch, stretches
from data.history.life import Doubt, Hidden, Item, Life, Pause, Removal, Span, first
from data.history.past_discounts import discounts, hidden
from data.history.standing import Standing, doubtful, standings
from data.valuation import Price, is_recurring, per_period


@dataclass(frozen=True, slots=True)
class History:
    """What a subscription was: spans by item and time, discounts, and what no evidence dates."""

    spans: list[Span]
    discounts: list[Discount]
    doubts: list[Doubt]
    removals: list[Removal]
    pauses: list[Pause]
    hidden: list[Hidden]


def history(life: Life) -> History:
    """The past of a subscription, as far as the evidence goes."""
    found, doubts = stretches(life)
    stands = standings(life)
    spans = [span for stretch in found for span in _spans(life, stretch, stands)]
    given, removals = discounts(life)
    return History(spans, given, doubts, removals, doubtful(life), list(hidden(life)))


def _spans(life: Life, stretch: Stretch, stands: list[Standing]) -> Iterator[Span]:
    item = Item(stretch.item_id, stretch.terms.price, _quantity(life, stretch), None)
    doubt = price_doubt(item.price)
    if doubt:
        yield Span(item, stretch.start, stretch.end, False, doubt)
        return
    for each in stands:
        start, end = max(stretch.start, each.start), first(stretch.end, each.end)
        if end is None or start < end:
            word = each.word or _word(life, stretch)
            yield Span(item, start, end, each.counted, word)


def _quantity(life: Life, stretch: Stretch) -> int | None:
    """As the item says it where it is the item as it is now: Stripe leaves out what is one or metered."""
    now = next((item for item in life.items if item.id == stretch.item_id), None)
    return now.quantity if now and now.terms == stretch.terms else stretch.terms.quantity


def _word(life: Life, stretch: Stretch) -> str:
    """What the value of a counted span rests on."""
    if any(discount.coupon is None for discount in life.discounts):
        return "discount not known"
    return stretch.word


def price_doubt(price: Price | None) -> str | None:
    """Why a price does not count; None when it does."""
    if price is None:
        return "price not known"
    if not is_recurring(price):
        return "metered"
    return "price not known" if per_period(price, 1) is None else None

"""Quotes in each state, for pages that list and edit them."""

from datetime import timedelta
from itertools import pairwise

from data import clock
from data.quotes import drafts as quotes
from data.quotes import states as quote_states
from data.quotes.states import ACCEPTED, APPROVED, DECLINED, DRAFT, SENT, Figures, Move

WAYS = ((), (APPROVED,), (APPROVED, SENT), (APPROVED, SENT, ACCEPTED), (APPROVED, SENT, DECLINED))
FIELDS = {
    "plan": "enterprise",
    "currency": "usd",
    "interval": "1year",
    "term": 36,
    "start": "acceptance",
    "collection": "send_invoice",
    "net_days": 30,
    "expires_on": "2099-01-01",
    "discount.whole.percent": "12",
    "discount.whole.reason": "Three years",
    "ramp.2.capacity": 4_000,
}
BY = ("Ada", "sales")


def quoted(url: str, count: int) -> str:
    """Begin quotes for the first customers, each edited once, and move them on; a draft's id."""
    for place in range(count):
        fields = {**FIELDS, "customer_id": f"cus_{place + 1:08d}", "capacity": 100 + place}
        key = quotes.create(url, fields, BY[0])
        quotes.save(url, key, 1, {**fields, "capacity": 200 + place}, *BY)
        worth = Figures("usd", 9_000_000, 3_000_000, 3_000_000, 10_000_000, 9_000_000, 36)
        at = clock.now() - timedelta(days=60)
        for before, after in pairwise((DRAFT, *WAYS[place % len(WAYS)])):
            at += timedelta(days=place % 10 + 1)
            quote_states.go(url, Move(key, before, after, 2, at, *BY, figures=vars(worth)))
    return next(each.id for each in quotes.listed(url) if each.state == DRAFT)

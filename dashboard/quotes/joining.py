"""A quote that adds to a running subscription: what that was when it was written, from the quote's fields.

The running lines stay as they are. What is added is billed for the rest of the running period, by days, and
renews with it.
"""

from datetime import date, timedelta

from dashboard.quotes.model import Joined
from dashboard.quotes.typed import Typed
from data.catalog import Catalog, Plan

FIELDS = ("of.subscription", "of.plan", "of.capacity", "of.addons", "of.period_start", "of.renews_on")
"""subscription: its id; plan, addons: keys of the catalogue; the running period begins and ends."""
MOST_CAPACITY = 10_000_000
NO_RAMP = "What is added to a running subscription has no ramp."
NO_MONTHS = "In a change of a running subscription a discount has no end of its own."
NO_AMOUNT = "In a change of a running subscription a discount is a percentage."


def joined(typed: Typed, sold: Catalog, today: date) -> Joined | None:
    """The subscription that a quote adds to; None: it makes a new one, or too little is known."""
    fields = typed.fields
    if not fields.get("of.subscription"):
        return None
    if "of.capacity" not in fields:
        typed.wrong("of.capacity", "Say how many run now: what is added is priced by the list beyond them.")
        return None
    start, end = typed.day("of.period_start"), typed.day("of.renews_on")
    plan, capacity = sold.entry(str(fields.get("of.plan", ""))), typed.whole("of.capacity", 1, MOST_CAPACITY)
    if not (start and end and start < end and isinstance(plan, Plan)):
        typed.wrong("of.subscription", "What runs now is not known well enough: choose it again.")
        return None
    if end <= today:
        typed.wrong("of.subscription", "It has renewed since this was written: take over what it is now.")
    if capacity is None:
        return None
    addons = fields.get("of.addons") or ()
    keys = tuple(str(key) for key in addons) if isinstance(addons, list | tuple) else ()
    return Joined(str(fields["of.subscription"]), plan.key, capacity, start, end, keys)


def start_of(typed: Typed, join: Joined, today: date) -> date | None:
    """The day from which what is added is billed; None where that is not said well."""
    if typed.fields.get("start") == "renewal":
        return join.renews_on
    if typed.fields.get("start") != "date":
        typed.wrong("start", "Choose a day or the renewal: the first part is billed exactly from it.")
        return None
    day = typed.day("start_on")
    first = max(today, join.period_start)
    if day is None or not first <= day <= join.renews_on:
        last = join.renews_on - timedelta(days=1)
        typed.wrong("start_on", f"Choose a day from {first} to {last}, or the renewal.")
    if day is None or not join.period_start <= day <= join.renews_on:
        return None
    return day  # one that is past since it was sent is still what was agreed

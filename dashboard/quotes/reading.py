"""From the fields of a quote to a quote that can be priced; every broken rule is told beside its field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.quotes import joining, settings
from dashboard.quotes.fields import COLLECTION, MOST_FEES, MOST_YEARS, RENEWAL, START, Fields, given
from dashboard.quotes.joining import MOST_CAPACITY
from dashboard.quotes.model import INTERVALS, WHOLE, Discount, Fee, Joined, Quote, Step
from dashboard.quotes.typed import Broken, Typed
from data.catalog import Addon, Catalog, Plan

MOST_MONTHS = 12 * MOST_YEARS
MOST_BILLED = 10**13  # minor units of a line
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


@dataclass
class Reading:
    """A quote as its fields tell it; None while something is missing without which nothing can be priced."""

    quote: Quote | None = None
    broken: list[Broken] = field(default_factory=list)

    def of(self, *names: str) -> list[str]:
        """What is broken at some fields."""
        return [each.told for each in self.broken if each.field in names]


def read(fields: Fields, sold: Catalog, today: date) -> Reading:
    """Read the fields, find what is broken."""
    reader = _Reader(given(fields), sold, today)
    quote = reader.quote()
    return Reading(quote, reader.broken)


class _Reader(Typed):
    """Reads field after field and notes what is wrong with each."""

    def __init__(self, fields: dict[str, Any], sold: Catalog, today: date) -> None:
        super().__init__(fields)
        self.sold, self.today = sold, today

    def quote(self) -> Quote | None:
        """Everything; None where it cannot be priced."""
        self._party()
        self._terms()
        plan = self.sold.entry(str(self.fields.get("plan", "")))
        if not isinstance(plan, Plan):
            self.wrong("plan", "Choose a plan.")
        currency, interval = str(self.fields.get("currency", "")), str(self.fields.get("interval", ""))
        join = joining.joined(self, self.sold, self.today)
        joins = bool(self.fields.get("of.subscription"))
        capacity = self._capacity(joins)
        term = self._term(interval, 0 if joins else 1)
        start = None if joins else self._start()
        if join:
            start = joining.start_of(self, join, self.today)
        if not isinstance(plan, Plan):
            return None
        addons = self._addons()
        listed = self._listed([plan, *addons], currency, interval)
        tiers = {addon.key: tier for addon in addons if (tier := self._tier(addon)) is not None}
        self._fits(plan, addons, capacity, join)
        self.broken += (each for addon in addons for each in settings.broken(addon, self.fields))
        keys = (plan.key, *(addon.key for addon in addons))
        fees = tuple(self._fees(currency))
        if capacity is None or term is None or not listed or interval not in INTERVALS:
            return None
        if joins and not self._joins(join, plan, term, start, adds=bool(capacity or addons)):
            return None
        discounts = {key: each for key in (*keys, WHOLE) if (each := self._discount(key, currency, term))}
        ramp = self._ramp(currency, term, plan, addons)
        quote = Quote(
            plan.key, capacity, currency, interval, term, keys[1:], tiers, discounts, ramp, fees, start, join
        )
        self._can_be_billed(quote)
        return quote

    def _can_be_billed(self, quote: Quote) -> None:
        for year in quote.ramp:
            stands = quote.stands(year)
            if (stands.unit_price or 0) * (stands.capacity or 0) > MOST_BILLED:
                self.wrong(f"ramp.{year}.price", "This comes to more than can be billed.")

    def _capacity(self, joins: bool) -> int | None:
        if joins and "capacity" not in self.fields:
            return 0
        return self.whole("capacity", 0 if joins else 1, MOST_CAPACITY)

    def _joins(self, join: Joined | None, plan: Plan, term: int, start: date | None, *, adds: bool) -> bool:
        """Whether what is added to a running subscription can be worked out."""
        if join is None or start is None:
            return False
        if plan.key != join.plan:
            self.wrong("plan", "The plan is that of the running subscription.")
        elif not adds:
            self.wrong("capacity", "Say what is added: capacity, add-ons or both.")
        elif not term and start == join.renews_on:
            self.wrong("term", "From the renewal on it is billed for whole periods: say for how many months.")
        else:
            return True
        return False

    def _party(self) -> None:
        if not self.fields.get("customer_id") and not self.fields.get("prospect"):
            self.wrong("customer_id", "Choose a customer, or name a prospect.")
        email = self.fields.get("prospect_email")
        if email and not ADDRESS.fullmatch(str(email).strip()):
            self.wrong("prospect_email", "An address has a name, an @ and a domain.")

    def _terms(self) -> None:
        collection = str(self.fields.get("collection", ""))
        if collection not in COLLECTION:
            self.wrong("collection", "Choose how it is paid.")
        if collection == "send_invoice":
            self.whole("net_days", 0, 365)
        if self.fields.get("renewal", "renews") not in RENEWAL:
            self.wrong("renewal", "Choose what follows the term.")
        if "notice_days" in self.fields:
            self.whole("notice_days", 0, 365)
        expires = self.day("expires_on")
        if expires and expires < self.today:
            self.wrong("expires_on", "That day is past: nobody could accept the quote.")

    def _start(self) -> date | None:
        start = str(self.fields.get("start", ""))
        if start not in START:
            self.wrong("start", "Choose when it starts.")
        if start != "date":
            return None
        day = self.day("start_on")
        if day is None and "start_on" not in self.fields:
            self.wrong("start_on", "Choose the day on which it starts.")
        if day and day < self.today:
            self.wrong("start_on", "That day is past.")
        return day

    def _term(self, interval: str, least: int) -> int | None:
        term = self.whole("term", least, MOST_MONTHS)
        months = INTERVALS.get(interval)
        if months is None:
            self.wrong("interval", "Choose how often it is billed.")
        elif term is not None and term % months:
            told = f"The term has to be whole billing periods: a multiple of {months} months."
            self.wrong("term", told)
            return None
        return term

    def _addons(self) -> list[Addon]:
        chosen = self.fields.get("addons", [])
        found = [self.sold.entry(str(key)) for key in (chosen if isinstance(chosen, list) else [chosen])]
        if len([each for each in found if isinstance(each, Addon)]) < len(found):
            self.wrong("addons", "An add-on of this quote is no longer in the catalog: take it out.")
        return [each for each in found if isinstance(each, Addon)]

    def _listed(self, entries: list[Plan | Addon], currency: str, interval: str) -> bool:
        """Whether everything has a list price."""
        missing = [entry for entry in entries if entry.list_price(currency, interval) is None]
        for entry in missing:
            where = "plan" if isinstance(entry, Plan) else "addons"
            known = {
                price.code
                for price in entry.list_prices
                if price.currency == currency and price.code in INTERVALS
            }
            if known:
                told = f"{entry.name} has no list price for this billing interval."
                where = "interval"
            else:
                told = f"{entry.name} has no list price in {currency.upper()}."
            self.wrong(where, told)
        return not missing

    def _tier(self, addon: Addon) -> Decimal | None:
        if not addon.tiers:
            return None
        promised = {f"{tier.uptime}": tier.uptime for tier in addon.tiers}
        tier = promised.get(str(self.fields.get(f"tier.{addon.key}", "")))
        if tier is None:
            self.wrong(f"tier.{addon.key}", "Choose the uptime that is promised.")
        return tier

    def _fits(self, plan: Plan, addons: list[Addon], capacity: int | None, join: Joined | None) -> None:
        """What goes together, also with what runs, and what the plan gives at most."""
        running = set(join.addons) if join else set()
        keys = {plan.key, *running, *(addon.key for addon in addons)}
        for addon in addons:
            if addon.key in running:
                self.wrong("addons", f"{addon.name} runs already.")
        if capacity is not None and join:
            capacity += join.capacity
        for entry in (plan, *addons):
            where = "plan" if isinstance(entry, Plan) else "addons"
            if entry.requires and not keys & set(entry.requires):
                self.wrong(where, f"{entry.name} needs {self._named(entry.requires, 'or')}.")
            if against := sorted(keys & set(entry.excludes)):
                self.wrong(where, f"{entry.name} does not go with {self._named(against, 'and')}.")
        self._at_most("capacity", plan, capacity)

    def _named(self, keys: Any, word: str) -> str:
        names = [entry.name for key in keys if (entry := self.sold.entry(key))]
        return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def _discount(self, key: str, currency: str, term: int) -> Discount | None:
        name = f"discount.{key}"
        percent, amount = self.percent(f"{name}.percent"), self.amount(f"{name}.amount", currency)
        joins = "of.subscription" in self.fields
        ends = f"{name}.months" in self.fields
        months = self.whole(f"{name}.months", 1, term) if ends and not joins else None
        if ends and joins:
            self.wrong(f"{name}.months", joining.NO_MONTHS)
        stated = percent is not None or amount is not None
        if percent is not None and amount is not None:
            self.wrong(f"{name}.amount", "Give a percentage or an amount, not both.")
        elif amount is not None and joins:
            self.wrong(f"{name}.amount", joining.NO_AMOUNT)
        length = INTERVALS.get(str(self.fields.get("interval")), 1)
        if months and months % length:
            self.wrong(f"{name}.months", f"It ends with a billing period: a multiple of {length} months.")
        if stated and f"{name}.reason" not in self.fields:
            self.wrong(f"{name}.reason", "Say why it is given.")
        if not stated or (percent is not None and amount is not None):
            return None
        return Discount(percent, amount or 0, months)

    def _ramp(self, currency: str, term: int, plan: Plan, addons: list[Addon]) -> dict[int, Step]:
        steps = {}
        for year in range(1, MOST_YEARS + 1):
            name = f"ramp.{year}"
            prices = {
                key: self.amount(key, currency)
                for key in (f"{name}.price", *(f"{name}.price.{addon.key}" for addon in addons))
            }
            known = f"{name}.capacity" in self.fields and year > 1
            capacity = self.whole(f"{name}.capacity", 1, MOST_CAPACITY) if known else None
            stated = [key for key, price in prices.items() if price is not None]
            if capacity is None and not stated:
                continue
            if "of.subscription" in self.fields:
                self.wrong(stated[0] if stated else f"{name}.capacity", joining.NO_RAMP)
                continue
            if 12 * (year - 1) >= term:
                told = f"Year {year} is after the term, so it is not counted."
                self.wrong(stated[0] if stated else f"{name}.capacity", told)
                continue
            self._at_most(f"{name}.capacity", plan, capacity)
            own = {addon.key: prices[f"{name}.price.{addon.key}"] for addon in addons}
            agreed = {key: price for key, price in own.items() if price is not None}
            steps[year] = Step(capacity, prices[f"{name}.price"], agreed)
        return steps

    def _at_most(self, name: str, plan: Plan, capacity: int | None) -> None:
        most = plan.limits.get(f"{plan.capacity_unit}s")
        if capacity is not None and most is not None and capacity > most:
            self.wrong(name, f"{plan.name} has at most {most:,} {plan.capacity_unit}s.")

    def _fees(self, currency: str) -> Iterator[Fee]:
        for number in range(1, MOST_FEES + 1):
            name = str(self.fields.get(f"fee.{number}.name", "")).strip()
            amount = self.amount(f"fee.{number}.amount", currency)
            if amount is not None and not name:
                self.wrong(f"fee.{number}.name", "Say what the fee is for.")
            if name and f"fee.{number}.amount" not in self.fields:
                self.wrong(f"fee.{number}.amount", "Say how much it is.")
            if amount is not None:
                yield Fee(name or f"Fee {number}", amount)

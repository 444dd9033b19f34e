"""Which roles have to agree to a quote, and because of what: the catalogue's rules held against it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dashboard import formatting
from dashboard.quotes.fields import Fields
from dashboard.quotes.pricing import Priced
from data.approval_rules import ApprovalRule
from data.fx.rates import RateTable
from data.money import decimals

WORDS = {
    "discount": "the effective discount",
    "term": "the term",
    "net_days": "the time to pay",
    "uptime": "the uptime promised",
    "value": "the total contract value",
    "terms": "there are terms that differ from the standard",
}
ROLES = {"manager": "Manager", "finance": "Finance", "admin": "Admin"}


@dataclass(frozen=True)
class Measured:
    """A measure of a quote: its size, None where it is not known, and as it is told."""

    size: Fraction | None
    told: str


def needed(
    found: Priced, fields: Fields, rules: Sequence[ApprovalRule], rates: RateTable, month: str
) -> dict[str, list[str]]:
    """The roles that have to agree, each because of phrases; nothing: nobody has to.

    rates are into the currency that values are judged in, as of a "YYYY-MM" month. A role that several rules
    of one measure name hears of the furthest bound only.
    """
    measures = dict(_measures(found, fields, rates, month))
    because: dict[str, dict[str, str]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.over or 0, -(rule.under or 0))):
        measured = measures.get(rule.of)
        if measured is not None and (told := _told(rule, measured, rates.to)):
            for role in rule.roles:
                because.setdefault(role, {})[rule.of] = told
    return {role: [why[of] for of in WORDS if of in why] for role in ROLES if (why := because.get(role))}


def _measures(
    found: Priced, fields: Fields, rates: RateTable, month: str
) -> Iterator[tuple[str, Measured | None]]:
    quote = found.quote
    share = found.effective_discount
    yield "discount", Measured(share * 100, formatting.percent(share)) if share is not None else None
    if quote.joins is None:  # what is added ends with what runs
        yield "term", Measured(Fraction(quote.term), formatting.plural(quote.term, "month"))
    days = fields.get("net_days")
    if fields.get("collection") == "send_invoice" and isinstance(days, int):
        yield "net_days", Measured(Fraction(days), formatting.plural(days, "day"))
    if quote.tiers:
        uptime = max(quote.tiers.values())
        yield "uptime", Measured(Fraction(uptime), f"{uptime}%")
    yield "value", _value(found, rates, month)
    if str(fields.get("terms") or "").strip():
        yield "terms", Measured(Fraction(1), "")


def _value(found: Priced, rates: RateTable, month: str) -> Measured:
    told = formatting.amount(found.total, found.quote.currency)
    rate = rates.closing(found.quote.currency, month)
    if rate is None:
        return Measured(None, f"{told}, without an exchange rate to {rates.to.upper()}")
    converted = rates.converted(found.total, found.quote.currency, rate)
    return Measured(Fraction(formatting.major(converted, rates.to)), told)


def _told(rule: ApprovalRule, measured: Measured, currency: str) -> str:
    """Why a rule holds, in a phrase; empty where it does not."""
    bound = rule.over if rule.over is not None else rule.under
    if bound is None:
        return WORDS[rule.of]
    word, at = ("above" if rule.over is not None else "below"), _bound(rule.of, bound, currency)
    if measured.size is None:
        return f"{WORDS[rule.of]} is {measured.told}, so it may be {word} {at}"
    beyond = measured.size > bound if rule.over is not None else measured.size < bound
    return f"{WORDS[rule.of]} is {measured.told} ({word} {at})" if beyond else ""


def _bound(of: str, bound: Decimal, currency: str) -> str:
    if of == "value":
        return formatting.amount(int(bound.scaleb(decimals(currency))), currency)
    units = {"term": " months", "net_days": " days"}
    return f"{bound.normalize():f}{units.get(of, '%')}"


def in_words(asked: Mapping[str, Sequence[str]]) -> str:
    """Who has to agree and why, in a sentence."""
    if not asked:
        return "No approval needed."
    reasons = list(dict.fromkeys(reason for each in asked.values() for reason in each))
    roles = listed([ROLES[role].lower() for role in asked])
    return f"Needs the approval of {roles}, because {listed(reasons)}."


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

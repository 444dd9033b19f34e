"""What nobody would type and somebody will send: a corpus of texts, amounts, instants and enum values, and
Stripe objects that are full of them."""

from collections.abc import Iterator
from random import Random
from typing import Any

from data.sandbox.store import Store

Json = dict[str, Any]
MARK = "<script>alert(1)</script>"
TEXTS = (
    MARK,
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](https://example.com/x.png)",
    "**bold** _it_ `code` $x^2$ :red[red] :material/delete: :streamlit: # head\n\n- list\n\n| a | b |",
    '=HYPERLINK("https://example.com","click")',
    "+1+1|cmd",
    "@SUM(A1:A9)",
    "-2+3",
    "'; drop table customer; --",
    '" or ""="',
    "%s %(x)s {x} {0} {{}} $1 :x",
    "\u202eevil\u202c \u2066x\u2069 \u200b\u200d\ufeff",
    "line\r\nbreak\ttab\u2028sep\u2029end",
    "\x01\x02\x07\x1b[31mred\x7f\x80",
    "nul\x00inside",
    "👩‍👩‍👧‍👦 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "../../etc/passwd",
    "${7*7} {{7*7}} <%= 7*7 %>",
    " ",
    "",
    "null",
    "NaN",
    "long " * 2_000,
)
LARGE = "a" * 2**20
AMOUNTS = (0, 1, -1, 2**53 + 1, 2**62, 2**63 - 1, -(2**63), 10**15)
INSTANTS = (0, 1, -1, 86_399, 4_102_444_800, 9_223_372_036, 9_223_372_037, 253_402_300_799)
"""Epoch seconds: 1970, 1969, 2100, either side of where pandas' nanoseconds end (2262), 9999."""
CURRENCIES = ("xxx", "zzz", "jpy", "kwd", "clf")
UNKNOWN = "a_word_of_tomorrow"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PROSE = _words(
    "name description email phone nickname lookup_key memo footer number line1 line2 city state postal_code "
    "last4 brand display_brand failure_message feedback comment value customer_name customer_email"
)
ENUMS = _words(
    "status type interval usage_type billing_reason collection_method duration reason tax_exempt "
    "billing_scheme failure_code proration_behavior behavior end_behavior mode"
)
MONEY = _words(
    "amount unit_amount amount_due amount_paid amount_remaining total subtotal balance amount_off "
    "amount_refunded starting_balance ending_balance quantity"
)
TIMES = _words(
    "created start end period_start period_end current_period_start current_period_end due_date canceled_at "
    "cancel_at ended_at trial_start trial_end start_date billing_cycle_anchor finalized_at paid_at voided_at "
    "marked_uncollectible_at next_payment_attempt effective_at redeem_by"
)


def spoilt(obj: Json, random: Random, *, texts: float, enums: float, money: float, times: float) -> Json:
    """The object with such shares of its fields replaced; its ids and its shape stay."""

    def walked(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walked("value" if name == "metadata" else key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [walked(name, each) for each in value]
        if name in PROSE and isinstance(value, str | None):
            return random.choice(TEXTS) if random.random() < texts else value
        if name in ENUMS and isinstance(value, str):
            return UNKNOWN if random.random() < enums else value
        if name in MONEY and isinstance(value, int):
            return random.choice(AMOUNTS) if random.random() < money else value
        if name in TIMES and isinstance(value, int):
            return random.choice(INSTANTS) if random.random() < times else value
        return value

    return {name: walked(name, value) for name, value in obj.items()}


def without(obj: Json, random: Random, share: float) -> Json:
    """The object with such a share of its own fields null or missing, all but those that name it."""
    kept: Json = {}
    for name, value in obj.items():
        if name in ("id", "object", "created", "date", "customer") or random.random() >= share:
            kept[name] = value
        elif random.random() < 0.5:
            kept[name] = None
    return kept


def objects_of(store: Store, resources: tuple[str, ...]) -> Iterator[tuple[str, Json]]:
    """Every object of some resources, with the resource's name."""
    for resource in resources:
        for obj in list(store.all(resource)):
            yield resource, obj

"""Figures and dates as people read them. Frames keep the exact figure; these are for the eye."""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import isnan
from unicodedata import bidirectional

from data import clock, money

DASH = "–"
MINUS = "−"
SIGNS = {
    "usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "krw": "₩", "brl": "R$",
    "cad": "CA$", "aud": "A$", "nzd": "NZ$", "mxn": "MX$", "cny": "CN¥", "hkd": "HK$", "sgd": "S$",
}  # fmt: skip
INTERVALS = {
    "1day": "Daily", "1week": "Weekly", "1month": "Monthly", "3month": "Quarterly", "6month": "Half-yearly",
    "1year": "Yearly", "2year": "Every 2 years", "3year": "Every 3 years",
}  # fmt: skip
MARKDOWN = frozenset("\\`*_{}[]<>#$~|:")
LINK = re.compile(r"(www|\\:)(\.|//)", re.IGNORECASE)
JOINER = "\u2060"  # has no width; an address that somebody put into a name is then no link
SCALES = ((Decimal(10**3), "k"), (Decimal(10**6), "M"), (Decimal(10**9), "B"))


def sign(currency: str) -> str:
    """What stands before an amount: "$", or the code and a space where there is no sign of its own."""
    return SIGNS.get(currency.lower(), f"{currency.upper()} ")


def amount(minor: int | None, currency: str) -> str:
    """An amount in full: "$1,234.50"; nothing known is a dash."""
    if is_missing(minor):
        return DASH
    value = money.major(int(minor or 0), currency)
    return _signed(value, f"{abs(value):,.{money.decimals(currency)}f}", currency)


def short(minor: int | Fraction | None, currency: str) -> str:
    """An amount for a headline: "$61.5k", "$1.2M"; below a thousand, whole units."""
    if minor is None or is_missing(minor):
        return DASH
    value = major(minor, currency)
    return _signed(value, _shortened(abs(value)), currency)


def _shortened(value: Decimal) -> str:
    whole = value.quantize(Decimal(1), ROUND_HALF_UP)
    if whole < 1000:
        return f"{whole}"
    figures = ((value / scale).quantize(Decimal("0.1"), ROUND_HALF_UP) for scale, _ in SCALES)
    for figure, (_, letter) in zip(figures, SCALES, strict=True):
        if figure < 1000 or letter == SCALES[-1][1]:
            return f"{figure:,}{letter}"
    raise AssertionError("the last scale takes everything")


def _signed(value: Decimal, figure: str, currency: str) -> str:
    return f"{'−' if value < 0 else ''}{sign(currency)}{figure}"


def major(minor: int | Fraction, currency: str) -> Decimal:
    """Minor units, perhaps a fraction of one, as a number of the main unit."""
    exact = minor if isinstance(minor, Fraction) else Fraction(int(minor))
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).scaleb(-money.decimals(currency))


def monthly(arr: int | None) -> Fraction | None:
    """MRR of an ARR, in minor units, exact. For display only: what is kept is ARR."""
    return None if is_missing(arr) else Fraction(int(arr or 0), 12)


def unit_price(decimal: str, currency: str) -> str:
    """A unit price from Stripe's exact minor units: "$12.00", "$0.0125"; nothing known is a dash."""
    if not decimal:
        return DASH
    value = Decimal(decimal).scaleb(-money.decimals(currency)).normalize()
    places = max(money.decimals(currency), -int(value.as_tuple().exponent))
    return _signed(value, f"{abs(value):,.{places}f}", currency)


def mrr(arr: int | None, currency: str) -> str:
    """MRR in full to the minor unit, half-up."""
    exact = monthly(arr)
    return DASH if exact is None else amount(money.half_up(exact), currency)


def mrr_short(arr: int | None, currency: str) -> str:
    """MRR for a headline."""
    return short(monthly(arr), currency)


def exact_mrr(arr: int | None, currency: str) -> str:
    """The sentence behind a shortened MRR: the month's figure and the ARR that is kept."""
    return f"{mrr(arr, currency)} a month, which is {amount(arr, currency)} a year ({currency.upper()})."


def percent(share: float | Fraction | None, places: int = 1) -> str:
    """A share as "12.3%"; a rate that is not defined is a dash."""
    if share is None or is_missing(share):
        return DASH
    figure = round(float(share) * 100, places) + 0.0  # a rounded −0.0 is 0.0
    return f"{figure:.{places}f}%".replace("-", "−")


def count(number: int | None) -> str:
    """A whole number with its thousands marked."""
    return DASH if is_missing(number) else f"{int(number or 0):,}".replace("-", "−")


def signed_count(number: int) -> str:
    """A change in a whole number, with its sign: "+3", "−2", "0"."""
    return f"{number:+,}".replace("-", "−") if number else "0"


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 customer", "2 customers"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def interval(code: str) -> str:
    """A billing interval in words: "1month" is "Monthly", "4month" is "Every 4 months"."""
    if code in INTERVALS:
        return INTERVALS[code]
    digits = "".join(filter(str.isdigit, code))
    unit = code.removeprefix(digits)
    if not digits or not unit:
        return code or DASH
    return f"Every {digits} {unit}s" if int(digits) != 1 else f"Every {unit}"


def month(code: str) -> str:
    """A "YYYY-MM" month as "Nov 2026"."""
    return f"{clock.month_start(code):%b %Y}"


def day(instant: date | None) -> str:
    """A day, or an instant's UTC day, as "21 Nov 2026"."""
    return DASH if instant is None or is_missing(instant) else f"{instant.day} {instant:%b %Y}"


def moment(instant: datetime | None) -> str:
    """An instant as "21 Nov 2026, 23:00 UTC"."""
    return DASH if instant is None or is_missing(instant) else f"{day(instant)}, {instant:%H:%M} UTC"


def age(then: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit: "just now", "5 minutes ago", "2 days ago"."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{plural(seconds // size, unit)} ago"
    return "just now"


def elapsed(seconds: float) -> str:
    """A length of time for a headline: "< 1 min", "5 min", "2 h", "3 days"."""
    if seconds < 60:
        return "< 1 min"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h" if seconds < 172800 else f"{int(seconds // 86400)} days"


def word(code: str) -> str:
    """One of Stripe's own words as a person writes it: "too_expensive" is "Too expensive"."""
    return code.replace("_", " ").capitalize()


def led(text: str) -> str:
    """A sentence that begins with a name written from right to left, marked as running from left to right."""
    strong = next((kind for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return text if strong == "L" else f"\u200e{text}"


def markdown(text: str) -> str:
    """A text as Markdown that shows it as it is: two dollar signs are no formula, a bracket no link."""
    escaped = "".join(f"\\{letter}" if letter in MARKDOWN else letter for letter in text)
    return LINK.sub(lambda found: f"{found[1]}{JOINER}{found[2]}", escaped)


def is_missing(value: object) -> bool:
    """Whether a figure is not there: None, pandas' NA or NaT, or not a number."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and isnan(value)

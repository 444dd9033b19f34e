"""A rate: an exact fraction of two figures, or the reason why it is not defined."""

from dataclasses import dataclass
from fractions import Fraction
from typing import SupportsInt

Exact = Fraction | SupportsInt
"""A whole number, of Python or of a frame, or a fraction."""


@dataclass(frozen=True)
class Rate:
    """What was divided by what; `value` is missing where `reason` says why, and never stands in for 0."""

    numerator: Fraction
    denominator: Fraction
    reason: str | None = None

    @property
    def value(self) -> Fraction | None:
        """The exact rate; None where it is not defined."""
        return None if self.reason is not None else self.numerator / self.denominator

    @property
    def number(self) -> float | None:
        """The rate for a chart or a table; None where it is not defined."""
        return None if self.value is None else float(self.value)


def rate(numerator: Exact, denominator: Exact, *, empty: str) -> Rate:
    """One figure over another; `empty` is the reason why there is no rate over 0."""
    over = exact(denominator)
    return Rate(exact(numerator), over, None if over else empty)


def undefined(reason: str, numerator: Exact = 0) -> Rate:
    """A rate that cannot be had, and why."""
    return Rate(exact(numerator), Fraction(0), reason)


def exact(number: Exact) -> Fraction:
    """A figure without rounding; a float has no place here."""
    if isinstance(number, float):
        raise TypeError(f"{number!r} is a float: rates are made of whole numbers and fractions")
    return number if isinstance(number, Fraction) else Fraction(int(number))

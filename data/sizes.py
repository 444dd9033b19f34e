"""Sizes of customers by their run rate in a currency."""

from data import money

STEPS = (50, 200, 1000)
"""Where sizes begin, in MRR of the currency's main unit; a currency without decimals has a hundredfold."""


def bounds(currency: str) -> tuple[int, ...]:
    """STEPS as ARR in minor units, ascending."""
    scale = 10 ** max(money.decimals(currency), 2)
    return tuple(step * 12 * scale for step in STEPS)

"""The rows behind a figure: the largest by name, the others summed, so that they always add up to it.

Every frame has `rows`, which is 1 for a named row and the number of rows where others are summed into one.
With audiences, the rows of other customers are there too, marked `outside`.
"""

from data.frames.behind.customers import behind_lifetime_value, behind_retention, behind_subscribers
from data.frames.behind.holdings import behind_arr
from data.frames.behind.moves import behind_movements, behind_rates

__all__ = [
    "behind_arr",
    "behind_lifetime_value",
    "behind_movements",
    "behind_rates",
    "behind_retention",
    "behind_subscribers",
]

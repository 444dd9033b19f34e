"""Colours from one place, told apart by people who see colour differently, on light and on dark.

Plans: a plan keeps its colour on every page. Gains are blues and losses oranges, never red against green.
"""

PLANS = ("#8a94a0", "#317fc4", "#e39a3b", "#7446b8", "#56bfc9", "#9c493f", "#cf86a8")
OTHER = "#9aa3ad"

CURRENCIES = tuple(PLANS[place] for place in (1, 4, 3, 6, 0, 2, 5))

GAIN = "#317fc4"
LOSS = "#dd7a34"
NEUTRAL = "#9aa3ad"

MOVEMENTS = {
    "new": "#2c68a6",
    "reactivation": "#86c5ec",
    "expansion": "#4f97d6",
    "contraction": "#f0b37c",
    "churn": "#cf6420",
    "transfer": NEUTRAL,
}
EVIDENCE = {
    "Events": "#2c68a6",
    "Invoices": "#4f97d6",
    "Schedules": "#86c5ec",
    "As it is now": "#f0b37c",
    "A discount not shown": "#cf6420",
}
WHY = {"voluntary": "#cf6420", "involuntary": "#8f80d8", "unknown": NEUTRAL}


def plan(index: int | None) -> str:
    """The colour at a plan's place; a place beyond the palette goes round, none is grey."""
    return OTHER if index is None or index < 0 else PLANS[index % len(PLANS)]

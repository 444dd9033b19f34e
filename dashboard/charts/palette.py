"""Colours from one place, told apart by people who see colour differently.

Each has a contrast of at least 3 to 1 against the light and the dark page alike (WCAG 2.2, 1.4.11).

Plans: a plan keeps its colour on every page. Gains are blues and a teal, losses oranges: never red and green.
"""

PLANS = ("#848d99", "#317fc4", "#c98233", "#9245d6", "#316e65", "#a05639", "#d66097")
OTHER = "#848d99"

CURRENCIES = tuple(PLANS[place] for place in (1, 4, 3, 6, 0, 2, 5))

GAIN = "#317fc4"
LOSS = "#cf6420"
NEUTRAL = "#848d99"

MOVEMENTS = {
    "new": "#2a69a8",
    "reactivation": "#2c9280",
    "expansion": "#4a8fd0",
    "contraction": "#d07a2c",
    "churn": "#a94a12",
    "transfer": NEUTRAL,
}
EVIDENCE = {
    "Events": "#2a69a8",
    "Invoices": "#4a8fd0",
    "Schedules": "#2c9280",
    "As it is now": "#d07a2c",
    "A discount not shown": "#a94a12",
}
WHY = {"voluntary": "#cf6420", "involuntary": "#8f80d8", "unknown": NEUTRAL}

AGES = ("#4a8fd0", "#c98524", "#c2571c", "#b8404f", "#a03f8f", "#7d55c7")
"""What is not due yet, and what is overdue for longer and longer."""
FATES = {
    "recovered": GAIN,
    "trying": "#2c9280",
    "open": "#c98524",
    "written off": "#a05639",
    "voided": NEUTRAL,
}
"""What became of a payment that failed."""


def plan(index: int | None) -> str:
    """The colour at a plan's place; a place beyond the palette goes round, none is grey."""
    return OTHER if index is None or index < 0 else PLANS[index % len(PLANS)]

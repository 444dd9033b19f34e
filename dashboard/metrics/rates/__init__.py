"""Rates of a month: pure functions that give exact fractions, or say why there is none."""

"""Colours that people tell apart, however they see colour, on light and on dark."""

import tomllib
from itertools import combinations, product
from math import dist
from pathlib import Path

import pytest

from dashboard.charts import palette

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB.
SIGHTS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
LIGHT, DARK = "#ffffff", "#10151c"


def linear(colour: str) -> list[float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """The colour in CIE Lab, as someone with this sight sees it."""
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear(colour), strict=True))))
        for row in SIGHTS[sight]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio."""
    first, second = (
        sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other)
    )
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


@pytest.mark.parametrize("sight", SIGHTS)
def test_paid_plans_are_told_apart(sight: str) -> None:
    nearest = min(dist(seen(a, sight), seen(b, sight)) for a, b in combinations(palette.PLANS[1:], 2))
    assert nearest > 14


@pytest.mark.parametrize("sight", SIGHTS)
def test_gains_and_losses_are_told_apart(sight: str) -> None:
    gains = [palette.MOVEMENTS[kind] for kind in ("new", "reactivation", "expansion")]
    losses = [palette.MOVEMENTS[kind] for kind in ("contraction", "churn")]
    assert min(dist(seen(a, sight), seen(b, sight)) for a, b in product(gains, losses)) > 40


@pytest.mark.parametrize("paper", [LIGHT, DARK])
def test_every_colour_is_seen_on_light_and_on_dark(paper: str) -> None:
    colours = {
        *palette.PLANS,
        *palette.MOVEMENTS.values(),
        *palette.WHY.values(),
        *palette.EVIDENCE.values(),
        palette.OTHER,
        palette.GAIN,
        palette.LOSS,
    }
    assert min(contrast(colour, paper) for colour in colours) > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_button_is_read_and_seen(scheme: str) -> None:
    theme = tomllib.loads(Path(".streamlit/config.toml").read_text())["theme"][scheme]
    primary = theme["primaryColor"]
    assert min(contrast(primary, other) for other in ("#ffffff", theme["backgroundColor"])) > 4


def test_a_plan_keeps_its_colour_and_every_place_has_one() -> None:
    assert palette.plan(1) == palette.PLANS[1]
    assert palette.plan(len(palette.PLANS) + 1) == palette.PLANS[1]
    assert palette.plan(None) == palette.plan(-1) == palette.OTHER

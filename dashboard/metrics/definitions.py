"""A metric is declared once: its name, unit, formula in words and function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Unit = Literal[
    "customers",
    "accounts",
    "subscriptions",
    "resources",
    "rates",
    "currencies",
    "units",
    "minutes",
    "days",
    "amount",
    "amount a month",
    "amount a year",
    "share",
    "ratio",
]


@dataclass(frozen=True)
class Metric(Generic[P, R]):
    """A figure of the business; called like the function that computes it."""

    name: str
    unit: Unit
    formula: str
    function: Callable[P, R]
    source: str = ""  # whose published definition it follows; empty: our own

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The figure, computed from frames."""
        return self.function(*args, **kwargs)


METRICS: dict[str, Metric[..., Any]] = {}


def metric(
    name: str, unit: Unit, formula: str, *, source: str = ""
) -> Callable[[Callable[P, R]], Metric[P, R]]:
    """Declare the function below as the one that computes this metric. Names are unique."""

    def declare(function: Callable[P, R]) -> Metric[P, R]:
        if name in METRICS:
            raise ValueError(f"{name} is declared twice")
        declared = Metric(name, unit, formula, function, source)
        METRICS[name] = declared
        return declared

    return declare

"""Metrics are declared once, in words that a person can read."""

import pytest

from dashboard.metrics import churn, movements, plan_mix, renewals
from dashboard.metrics.definitions import METRICS, Metric, metric


@pytest.mark.parametrize("declared", METRICS.values(), ids=lambda declared: str(declared.name))
def test_a_formula_is_a_sentence(declared: Metric[..., object]) -> None:
    assert declared.formula[0].isupper()
    assert declared.formula.endswith(".")
    assert declared.function.__doc__


def test_the_key_figures_of_the_pages_are_declared() -> None:
    assert {"MRR", "Subscribers", "Customer churn rate", "Gross MRR churn", "ARR due"} <= set(METRICS)
    assert all(
        isinstance(declared, Metric)
        for declared in (plan_mix.run_rate, movements.gross_churn, churn.lost, renewals.arr_due)
    )


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="MRR is declared twice"):
        metric("MRR", "amount a month", "Twice.")(len)

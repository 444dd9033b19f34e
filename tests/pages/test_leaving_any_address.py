"""Whatever churn and retention are asked for, in any of their parts, they answer without a fault."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pages.conftest import said
from tests.pages.test_any_address import ADDRESSES, Visit, values, visit  # noqa: F401
from tests.pages.test_churn import PARTS, table

OWN = {
    "part": list(PARTS),
    "by": ["reason", "plan", "time as a customer", "size", "won in", "country", "segment", "account manager"],
    "group": ["plan", "size", "won in", "country", "account manager"],
    "rate": ["customers", "mrr"],
    "span": ["12 months", "1 month"],
    "month": ["Aug 2026", "Nov 2026", "2026-03"],
    "find": ["expensive", "50% ' \\ _"],
}
CHOICES = st.fixed_dictionaries({}, optional={key: values(known) for key, known in OWN.items()})


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(page=st.sampled_from(["churn", "churn", "retention"]), address=ADDRESSES, choices=CHOICES)
def test_any_part_of_any_selection_is_answered(
    visit: Visit,  # noqa: F811
    page: str,
    address: dict[str, list[str]],
    choices: dict[str, list[str]],
) -> None:
    app = visit(page, address | choices)
    assert not app.exception
    assert "could not be" not in said(app)
    assert "Data as of" in said(app)


@pytest.mark.parametrize("currency", ["all", "usd"])
@pytest.mark.parametrize("people", [{}, {"country": ["DE"]}])
def test_the_list_adds_up_to_lost_under_any_filter(
    visit: Visit,  # noqa: F811
    currency: str,
    people: dict[str, list[str]],
) -> None:
    asked = {"part": ["everyone who left"], "period": ["All time"], "currency": [currency]}
    app = visit("churn", asked | people)
    rows = table(app, "What", "Of it churn").set_index("What")["Customers"]
    assert rows["Lost, the months added up"] == table(app, "Month", "Lost", "At start")["Lost"].sum()

"""A prospect becomes a customer once, also when answers are lost."""

import pytest

from dashboard.actions.base import ActionError
from dashboard.actions.prospects import AddCustomer
from dashboard.actions.starting import StartSubscription
from tests.dashboard.actions.conftest import Desk

ADA = AddCustomer("Ada Ltd", "ada@example.com", "de", "mark-1", "acc_1")


def _named(desk: Desk) -> list[dict[str, object]]:
    return list(desk.gateway.page("/v1/customers", {"email": "ada@example.com"}).objects)


def test_a_prospect_becomes_a_customer_and_subscribes(desk: Desk) -> None:
    shown = desk.preview(ADA)
    assert ("Name", "–", "Ada Ltd") in shown.rows
    desk.do(ADA, shown)
    (made,) = _named(desk)
    assert (made["name"], made["address"]["country"]) == ("Ada Ltd", "DE")  # type: ignore[index]
    assert made["metadata"] == {"made_by": "mark-1", "account_id": "acc_1"}
    price = desk.scenario.price(3_000)
    desk.do(StartSubscription(str(made["id"]), ((price, 1),), "mark-2", trial_days=14))
    assert desk.states() == ["done", "done"]


def test_the_same_address_is_not_made_twice(desk: Desk) -> None:
    desk.do(ADA)
    with pytest.raises(ActionError, match="already: cus_"):
        desk.preview(AddCustomer("Ada again", "ada@example.com", "", "mark-2"))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (AddCustomer(" ", "ada@example.com", "", "m"), "needs a name"),
        (AddCustomer("Ada", "ada", "", "m"), "needs a name, an @"),
        (AddCustomer("Ada", "ada@example.com", "Germany", "m"), "two letters"),
    ],
)
def test_what_is_missing_is_told(desk: Desk, command: AddCustomer, told: str) -> None:
    with pytest.raises(ActionError, match=told):
        desk.preview(command)

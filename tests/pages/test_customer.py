"""Finding a customer and seeing everything about it."""

import sqlite3

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import App, said


@pytest.fixture
def customer(business: str) -> tuple[str, str]:
    """The id and name of a customer who pays now."""
    with sqlite3.connect(business.removeprefix("sqlite:///")) as connection:
        query = (
            "select c.id, c.name from customer c join subscription s on s.customer_id = c.id "
            "where s.status = 'active' order by c.id"
        )
        key, name = connection.execute(query).fetchone()
    return key, name


def table(app: AppTest, column: str) -> list[object]:
    """The values of the first table that has a column."""
    return next(list(each.value[column]) for each in app.dataframe if column in each.value)


def shown(markdown: str) -> str:
    """What a person reads of escaped Markdown."""
    return markdown.replace("\\", "")


def test_a_customer_is_found_by_some_letters(open_app: App, customer: tuple[str, str]) -> None:
    app = open_app("customers", find=customer[1][:6])
    app.text_input(key="find").set_value(customer[1][:6]).run()
    assert customer[1] in table(app, "Customer")


def test_nobody_found_says_what_to_do(open_app: App) -> None:
    app = open_app("customers")
    app.text_input(key="find").set_value("zzzzzz").run()
    assert "Nobody found" in said(app)
    assert "Fewer letters find more" in said(app)


def test_everybody_is_listed_a_page_at_a_time(open_app: App) -> None:
    app = open_app("customers")
    first = table(app, "Customer")
    assert "1 to 50, by name" in said(app)
    app.button(key="_customers_pages_next").click().run()
    assert "51 to " in said(app)
    assert not set(first) & set(table(app, "Customer"))


def test_the_list_is_narrowed_by_the_address(open_app: App) -> None:
    app = open_app("customers", plan="Business", state=["active", "leaving"], sort="arr", billed="usd")
    assert not app.exception
    assert set(table(app, "Standing")) <= {"Active", "Set to end"}
    assert all("Business" in str(each) for each in table(app, "Plan and add-ons"))
    assert set(table(app, "Currency")) == {"USD"}
    assert "Only those billed in USD" in said(app)


@pytest.mark.parametrize(("served", "plan"), [("self", "Professional"), ("manager", "Enterprise")])
def test_who_serves_themselves(open_app: App, served: str, plan: str) -> None:
    plans = table(open_app("customers", served=served), "Plan and add-ons")
    assert any(plan in str(each) for each in plans)
    other = "Enterprise" if served == "self" else "Professional"
    assert not any(other in str(each) for each in plans)


def test_a_search_goes_with_filters(open_app: App, customer: tuple[str, str]) -> None:
    app = open_app("customers", state=["active", "leaving", "past_due"])
    app.text_input(key="find").set_value(customer[1]).run()
    assert table(app, "Found by")[0] == "Name"
    assert customer[1] in table(app, "Customer")
    app = open_app("customers", state="never")
    assert "Nobody found" in said(app.text_input(key="find").set_value(customer[1]).run())


def test_the_page_of_a_customer(open_app: App, customer: tuple[str, str]) -> None:
    app = open_app("customer", id=customer[0])
    assert not app.exception
    assert [shown(each.value) for each in app.header] == [customer[1]]
    assert [each.label for each in app.metric] == ["ARR", "Open on invoices", "Renews on", "Subscriber since"]
    assert "active" in [str(each).lower() for each in table(app, "Status")]
    assert table(app, "Movement")[-1] == "New"
    assert len(table(app, "Number")) > 0


def test_the_page_of_an_account_that_pays_nothing(open_app: App) -> None:
    app = open_app("customer", account="free_1")
    assert not app.exception
    assert "not a customer at Stripe" in said(app)
    assert "Free" in [each.value for each in app.subheader]


@pytest.mark.parametrize("given", [{}, {"id": "cus_nobody"}, {"account": "nobody"}, {"id": "<script>"}])
def test_an_address_that_names_nobody(open_app: App, given: dict[str, str]) -> None:
    app = open_app("customer", **given)
    assert not app.exception
    assert "No such customer" in said(app)

"""Finding a customer and seeing everything about it."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import benefits
from data import customer_notes
from data.addons import storage
from data.customer_notes import Note
from data.quotes import drafts as quotes
from tests.pages.conftest import App, said


@pytest.fixture
def customer(business: str) -> tuple[str, str]:
    """The id and name of a customer who pays now."""
    with sqlite3.connect(business.removeprefix("sqlite:///")) as connection:
        query = (
            "select c.id, c.name from customer c join subscription s on s.customer_id = c.id "
            "where s.status = 'active' and s.cancel_at is null and not s.cancel_at_period_end order by c.id"
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
    assert all(str(each).startswith("$") for each in table(app, "MRR"))
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
    everybody = table(app.text_input(key="find").set_value("").run(), "Customer")
    app.text_input(key="find").set_value("c").run()  # which matches more than are shown
    assert sorted(map(str, table(app, "Customer"))) == sorted(map(str, everybody))


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


def test_a_note_is_written_changed_and_taken_away(
    open_app: App, tmp_path: Path, business: str, customer: tuple[str, str]
) -> None:
    copy = tmp_path / "dashboard.db"
    shutil.copy(business.removeprefix("sqlite:///"), copy)
    app = open_app("customer", url=f"sqlite:///{copy}", id=customer[0])
    assert "Nothing is noted yet." in said(app)
    app.text_area(key=f"note_text_{customer[0]}_new_0").set_value("Prefers *calls*").run()
    app.button(key=f"note_keep_{customer[0]}_new_0").click().run()
    assert "Prefers *calls*" in said(app)
    assert app.text_area(key=f"note_text_{customer[0]}_new_1").value == ""
    field = next(each for each in app.text_area if each.value == "Prefers *calls*")
    field.set_value("Prefers mail").run()
    app.button(key=str(field.key).replace("text", "keep")).click().run()
    assert "changed by" in said(app)
    assert "noted" in [str(each).lower() for each in table(app, "What")]
    thread = str(field.key).rpartition("_")[2]
    customer_notes.write(f"sqlite:///{copy}", Note(customer[0], None, thread), "Ada")
    assert "Nothing is noted yet." in said(app.run())


def test_what_is_offered_and_set_up_is_listed_at_its_customer(
    open_app: App, tmp_path: Path, business: str, customer: tuple[str, str]
) -> None:
    assert "No quote was made for this customer" in said(open_app("customer", id=customer[0]))
    shutil.copy(business.removeprefix("sqlite:///"), tmp_path / "dashboard.db")
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    for whom in (customer[0], "cus_other"):
        quotes.create(url, {"customer_id": whom, "plan": "enterprise"}, "ada")
        storage.request(url, whom, "custom_domain", "custom_domain", storage.By("ada", "sales"))
    app = open_app("customer", url=url, id=customer[0])
    assert not app.exception
    shown = [table(app, column) for column in ("Quote", "Plan", "Add-on")]
    assert shown == [["Q-1001"], ["Enterprise"], ["Custom domain"]]


def test_whoever_may_not_write_notes_reads_them(open_app: App, customer: tuple[str, str]) -> None:
    app = open_app("customer", role="viewer", id=customer[0])
    assert not app.exception
    assert not app.text_area
    assert "permission “view actions”" in said(app)
    assert "@" not in "".join(each.value for each in app.markdown)
    assert not any("@" in str(each) for each in table(app, "Detail"))
    assert all("E-mail" not in each.value for each in open_app("customers", role="viewer").dataframe)


def test_what_happened_is_narrowed_by_the_address(open_app: App, customer: tuple[str, str]) -> None:
    app = open_app("customer", id=customer[0], where="Stripe", what="Paid")
    assert {str(each) for each in table(app, "What")} == {"Paid"}
    assert {str(each) for each in table(app, "Where")} == {"Stripe, invoice"}
    assert "Nothing is known to have happened yet." in said(open_app("customer", account="free_1"))


def test_a_renewal_is_asked_of_stripe_and_its_failure_named(open_app: App, customer: tuple[str, str]) -> None:
    app = open_app("customer", id=customer[0])
    assert "renews on **" in said(app)
    app.button(key="ask_upcoming").click().run()
    assert [shown(each.value).partition(":")[0] for each in app.error] == ["Stripe was not heard"]
    assert "STRIPE_API_KEY" in shown(app.error[0].value)


@pytest.mark.parametrize(
    ("plan", "manager", "told"),
    [
        ("Professional", "", "Looks after itself"),
        ("enterprise", "Ada", "goes through its account manager, Ada."),
        ("Enterprise", "", "an account manager, and none is named"),
        ("Nothing like it", "", "not known"),
    ],
)
def test_who_may_serve_themselves(plan: str, manager: str, told: str) -> None:
    assert told in benefits.served(benefits.plan(plan), manager)

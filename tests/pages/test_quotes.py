"""Quotes: begun from the list, kept as they are typed, and edited by two people at once."""

import re
import sqlite3
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.quoting import state
from data import clock
from data.quotes import drafts as quotes
from data.quotes import states as quote_states
from data.quotes.drafts import Draft
from data.quotes.states import Figures, Move
from tests.pages.conftest import App, said

FIELDS = {
    "prospect": "Initech",
    "plan": "enterprise",
    "capacity": 250,
    "currency": "usd",
    "interval": "1year",
    "term": 36,
    "start": "acceptance",
    "collection": "send_invoice",
    "net_days": 30,
}


@pytest.fixture
def url(tmp_path: Path, business: str) -> str:
    """The small business as a copy of this test's own."""
    file = tmp_path / "dashboard.db"
    with sqlite3.connect(business.removeprefix("sqlite:///")) as whole, sqlite3.connect(file) as copy:
        whole.backup(copy)
    return f"sqlite:///{file}"


def now(url: str, key: str) -> Draft:
    found = quotes.latest(url, key)
    assert found is not None
    return found


def shown(app: AppTest) -> str:
    return said(app)


def test_a_new_quote_is_kept_as_it_is_typed(open_app: App, url: str) -> None:
    app = open_app("quotes", url, role="sales")
    assert "No quotes yet" in shown(app)
    app.button(key="new_quote").click().run()
    assert not app.exception
    (draft,) = quotes.listed(url)
    app = open_app("quote", url, role="sales", id=draft.id)
    assert "Choose a customer, or name a prospect." in shown(app)
    app.text_input(key=f"{draft.id}/prospect").set_value("Initech").run()
    app.number_input(key=f"{draft.id}/capacity").set_value(250).run()
    assert not app.exception
    kept = now(url, draft.id)
    assert (kept.fields["prospect"], kept.fields["capacity"], kept.version) == ("Initech", 250, 3)
    assert "No rule is broken" in app.success[0].value
    again = open_app("quote", url, role="sales", id=draft.id)
    assert again.number_input(key=f"{draft.id}/capacity").value == 250
    metrics = {each.label: each.value.replace("\\", "") for each in again.metric}
    assert metrics["Total contract value"] == "$43,200.00"  # 21,600 for 100 seats, 150 at 144


def test_what_is_typed_wrong_is_kept_and_told(open_app: App, url: str) -> None:
    line = {"discount.enterprise.percent": "5", "discount.enterprise.reason": "Volume"}
    key = quotes.create(url, {**FIELDS, **line}, "Ada")
    app = open_app("quote", url, role="sales", id=key)
    assert app.text_input(key=f"{key}/discount.enterprise.percent").value == "5"
    app.session_state[f"{key}/_Single lines"] = False
    app.text_input(key=f"{key}/discount.whole.percent").set_value("22,5\0 %").run()
    assert not [each for each in app.text_input if "discount.enterprise" in str(each.key)]  # folded, and kept
    assert now(url, key).fields["discount.enterprise.percent"] == "5"
    assert "Give a number such as 22.5, with a point." in shown(app)
    assert now(url, key).fields["discount.whole.percent"] == "22,5 %"
    app.text_input(key=f"{key}/discount.whole.percent").set_value("22").run()
    assert "Say why it is given." in shown(app)


def test_two_people_see_each_others_change(open_app: App, url: str) -> None:
    key = quotes.create(url, FIELDS, "Ada")
    app = open_app("quote", url, role="sales", id=key)
    quotes.save(url, key, 1, {**FIELDS, "term": 24, "capacity": 300}, "Grace")
    app.number_input(key=f"{key}/net_days").set_value(60).run()
    kept = now(url, key)
    assert {name: kept.fields[name] for name in ("term", "capacity", "net_days")} == {
        "term": 24,
        "capacity": 300,
        "net_days": 60,
    }
    assert app.number_input(key=f"{key}/term").value == 24
    quotes.save(url, key, kept.version, {**kept.fields, "capacity": 400}, "Grace")
    app.number_input(key=f"{key}/capacity").set_value(500).run()
    assert now(url, key).fields["capacity"] == 400
    assert "Capacity: somebody else made it 400 while you typed 500." in app.warning[0].value.replace(
        "\\", ""
    )
    app.button(key="clash_mine_capacity").click().run()
    assert now(url, key).fields["capacity"] == 500
    assert app.number_input(key=f"{key}/capacity").value == 500
    assert "somebody else" not in "".join(each.value for each in app.warning)


def test_a_run_that_is_cut_short_loses_nothing(
    open_app: App, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = quotes.create(url, FIELDS, "Ada")
    name = f"{key}/term"
    with monkeypatch.context() as patch:
        patch.setattr(state, "finish", lambda editing: None)  # what is typed ends each run before
        app = open_app("quote", url, role="sales", id=key)
        term = app._run().number_input(key=name)  # the browser has no widget yet
        assert (term.proto.set_value, term.proto.value) == (True, 36)
        quotes.save(url, key, 1, {**FIELDS, "term": 24}, "Grace")
        app.run()
        app.number_input(key=name).set_value(36).run()  # the browser does not show hers yet
        assert now(url, key).fields["term"] == 24
    app.run()
    assert app.number_input(key=name).value == 24
    app.number_input(key=name).set_value(36).run()
    assert now(url, key).fields["term"] == 36


def test_a_viewer_reads_and_changes_nothing(open_app: App, url: str) -> None:
    key = quotes.create(url, {**FIELDS, "notes_inside": "they will pay more"}, "Ada")
    quotes.save(url, key, 1, {**FIELDS, "notes_inside": "a secret", "expires_on": "2099-01-01"}, "Ada")
    quote_states.go(url, Move(key, "draft", "withdrawn", 2, clock.now(), "Ada", "sales", "a secret"))
    app = open_app("quote", url, role="viewer", id=key)
    assert not app.exception
    tables = [each.value.to_csv() for each in app.dataframe]
    everything = "".join([shown(app), *(each.value or "" for each in app.text_area), *tables])
    assert "Withdrawn" in everything
    assert "a secret" not in everything
    assert all(each.disabled for each in app.number_input)
    assert "clone_quote" not in [each.key for each in app.button]
    assert "new_quote" not in [each.key for each in open_app("quotes", url, role="viewer").button]


def test_a_clone_and_two_versions_in_words_and_money(open_app: App, url: str) -> None:
    key = quotes.create(url, FIELDS, "Ada")
    quotes.save(url, key, 1, {**FIELDS, "term": 12, "discount.whole.percent": "10"}, "Grace")
    app = open_app("quote", url, role="manager", id=key)
    tables = [each.value for each in app.dataframe]
    changes = next(each for each in tables if "Field" in each)
    assert changes.to_numpy().tolist() == [
        ["Term in months", "36", "12"],
        ["Whole quote, discount in percent", "nothing", "10%"],
    ]
    money = next(each for each in tables if "Figure" in each)
    assert money.iloc[0].tolist() == ["Total contract value", "$129,600.00", "$38,880.00", "−$90,720.00"]
    app.button(key="clone_quote").click().run()
    assert not app.exception
    clone = next(each for each in quotes.listed(url) if each.id != key)
    assert (clone.cloned_from, clone.fields["term"], clone.version) == (key, 12, 1)


def test_a_customer_is_found_and_chosen(open_app: App, url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        customer, name = connection.execute("select id, name from customer order by id").fetchone()
    key = quotes.create(url, FIELDS, "Ada")
    app = open_app("quote", url, role="sales", id=key)
    app.text_input(key="find_customer").set_value(customer).run()
    app.button(key=f"choose_{customer}").click().run()
    assert not app.exception
    assert now(url, key).fields["customer_id"] == customer
    assert name in shown(app)
    assert "a year today; this is" in shown(app)
    of_customer = open_app("customer", url, role="sales", id=customer)
    of_customer.button(key="new_quote").click().run()
    assert quotes.listed(url)[0].fields["customer_id"] == customer
    assert name in open_app("quotes", url, role="sales").dataframe[0].value["For"].tolist()


def test_quotes_are_found_by_number_state_and_name(open_app: App, url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
        customer, name = file.execute("select id, name from customer where name is not null").fetchone()
    quotes.create(url, FIELDS, "ada")
    quotes.create(url, {**FIELDS, "prospect": "", "customer_id": customer}, "ada")

    def found(**asked: str) -> list[str]:
        app = open_app("quotes", url, role="sales", **asked)
        assert not app.exception
        if "No quote found" in shown(app):
            return []
        return sorted(app.dataframe[0].value["Quote"])

    assert found() == found(state="draft") == ["Q-1001", "Q-1002"]
    assert found(q="q-1001") == found(q="initech") == ["Q-1001"]
    assert found(q=name) == found(q="1002") == ["Q-1002"]
    assert found(q="Q-1001", state="sent") == found(q="nobody's") == []
    app = open_app("customers", url, role="sales", find="Q-1002")
    assert [each.label for each in app.button if each.label.startswith("Open quote")] == ["Open quote Q-1002"]
    assert "Nobody found" not in shown(app)
    app = open_app("customers", url, role="sales", find="Q-1003")
    assert "Nobody found" in shown(app)
    assert not [each for each in app.button if each.label.startswith("Open quote")]


def test_an_address_without_a_quote_leads_to_the_list(open_app: App, business: str) -> None:
    assert "No such quote" in shown(open_app("quote", business, id="q_none"))


def test_what_cannot_be_kept_stays_and_is_kept_when_it_can(open_app: App, url: str) -> None:
    key = quotes.create(url, FIELDS, "Ada")
    app = open_app("quote", url, role="sales", id=key)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "create trigger full before insert on sales_quote_version begin select raise(abort, 'no'); end"
        )
    app.number_input(key=f"{key}/capacity").set_value(300).run()
    assert not app.exception
    assert "Not kept yet" in app.error[0].value
    assert app.number_input(key=f"{key}/capacity").value == 300
    assert now(url, key).version == 1
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("drop trigger full")
    app.button(key="keep_again").click().run()
    assert not app.error
    assert now(url, key).fields["capacity"] == 300


OFF = {
    **FIELDS,
    "discount.whole.percent": "22",
    "discount.whole.reason": "=a reference",
    "expires_on": "2099-01-01",
}


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def test_sales_asks_and_a_manager_approves(open_app: App, url: str) -> None:
    key = quotes.create(url, OFF, "local sales")
    stale = open_app("quote", url, role="sales", id=key)
    assert "the effective discount is 22.0% (above 10%)" in stale.warning[0].value.replace("\\", "")
    assert stale.button(key=f"ask_{key}").disabled
    app = open_app("quote", url, role="sales", id=key)
    app.text_input(key=f"why_{key}").set_value("They sign this year").run()
    app.button(key=f"ask_{key}").click().run()
    assert not app.exception
    assert now(url, key).state == "waiting"
    assert all(each.disabled for each in app.number_input)
    assert "Approve as manager" not in labels(app)
    assert "nobody approves a quote that they asked for" not in shown(app)  # sales may approve none at all
    finance = open_app("approvals", url, role="finance")
    assert "It waits for somebody who may approve it." in shown(finance)
    manager = open_app("approvals", url, role="manager")
    assert "Quote Q-1001 for Initech" in shown(manager)
    assert "Why: They sign this year" in shown(manager)
    (rows,) = [each.value for each in manager.table if "Standard" in each.value]
    assert "22% for the whole term: =a reference" in [each.replace("\\", "") for each in rows["Here"]]
    assert manager.button(key=f"refuse_{key}_manager").disabled
    manager.button(key=f"agree_{key}_manager").click().run()
    assert not manager.exception
    assert now(url, key).state == "approved"
    assert "Approved" in shown(open_app("quote", url, role="sales", id=key))
    stale.number_input(key=f"{key}/capacity").set_value(300).run()
    assert not stale.exception
    assert (now(url, key).state, now(url, key).fields["capacity"]) == ("draft", 300)
    assert "Edited, so it has to be approved anew." in stale.warning[0].value


def test_a_no_says_why_and_leads_back(open_app: App, url: str) -> None:
    query = (
        "select customer_id from discount where deleted_at is null and subscription_id is null union "
        "select s.customer_id from discount d join subscription s on s.id = d.subscription_id "
        "where d.deleted_at is null and s.status = 'active' order by 1"
    )
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        (customer,) = connection.execute(query).fetchone()
    fields = {**OFF, "customer_id": customer}
    key = quotes.create(url, {**fields, "capacity": 1}, "Ada")
    assert quotes.save(url, key, 1, {**fields, "capacity": 2}, "local manager")
    assert quotes.save(url, key, 2, fields, "Ada")
    asking = open_app("quote", url, role="sales", id=key)
    asking.text_input(key=f"why_{key}").set_value("Please").run()
    asking.button(key=f"ask_{key}").click().run()
    app = open_app("quote", url, role="manager", id=key)  # who has typed into it
    assert "nobody approves a quote that they asked for" in shown(app)
    assert "Approve as manager" not in labels(app)
    admin = open_app("quote", url, role="admin", id=key)
    (now_given,) = [each.value for each in admin.table if "Coupon" in each.value]
    assert len(now_given) >= 1
    assert all(each.endswith("%") or each[0] in "$€£" for each in now_given["Off"])
    admin.text_input(key=f"comment_{key}").set_value("<b>Too much</b>").run()
    admin.button(key=f"refuse_{key}_manager").click().run()
    assert not admin.exception
    assert now(url, key).state == "draft"
    told = open_app("quote", url, role="manager", id=key).warning[0].value.replace("\\", "")
    assert told == "Back to draft: Not approved by local admin: <b>Too much</b>"


def test_what_needs_nobody_is_ready_and_can_be_withdrawn_and_revised(open_app: App, url: str) -> None:
    key = quotes.create(url, {**FIELDS, "term": 12, "expires_on": "2099-01-01"}, "local sales")
    app, stale = (open_app("quote", url, role="sales", id=key) for _ in range(2))
    app.button(key=f"ask_{key}").click().run()
    assert now(url, key).state == "approved"
    agreed = asdict(Figures("usd", 123_400, 123_400, 123_400, 200_000, 123_400, 12))  # by another price list
    by = (clock.now(), "local sales", "sales", None, "sealed", agreed)
    quote_states.go(url, Move(key, "approved", "sent", 1, *by))
    stale.text_input(key=f"{key}/po_number").set_value("PO-1").run()
    assert "This quote is sent, so it cannot be changed" in stale.error[0].value
    assert "Not kept: PO number: PO-1." in stale.error[0].value.replace("\\", "")
    assert "po_number" not in now(url, key).fields
    metrics = {each.label: each.value.replace("\\", "") for each in stale.metric}
    assert (metrics["Total contract value"], metrics["Effective discount"]) == ("$1,234.00", "38.3%")
    assert "No rule is broken" not in shown(stale)
    stale.button(key=f"revise_{key}").click().run()
    assert not stale.exception
    (revision,) = [each for each in quotes.listed(url) if each.id != key]
    assert (revision.revises, revision.state) == (key, "draft")
    quotes.save(url, revision.id, 1, {**revision.fields, "capacity": 260}, "Ada")
    assert f"revise_{key}" not in [each.key for each in open_app("quote", url, role="sales", id=key).button]
    other = open_app("quote", url, role="sales", id=revision.id)
    changes, money = (
        next(each.value for each in other.dataframe if name in each.value) for name in ("Field", "Figure")
    )
    assert changes.to_numpy().tolist() == [["Capacity", "250", "260"]]  # with what it revises
    assert money.iloc[0].tolist()[:2] == ["Total contract value", "$1,234.00"]  # as that was agreed
    at = "2026-01-03 00:00:00.000000"
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:  # it was sent, and is taken back
        offer = ("qt_1", key, 1, "", '{"stages": []}', "canceled", at, at)
        names = "id, quote_id, version, seal, wanted, state, written_at, sent_at"
        connection.execute(f"insert into quote_offer ({names}) values (?, ?, ?, ?, ?, ?, ?, ?)", offer)
        paper = ("qt_1", "order_form", "Order form Q-1001.pdf", "f", b"%PDF-", at, "Ada")
        names = "offer_id, kind, name, sha256, content, at, person"
        connection.execute(f"insert into quote_document ({names}) values (?, ?, ?, ?, ?, ?, ?)", paper)
    papers = open_app("quote", url, role="sales", id=key).get("download_button")
    assert [each.key for each in papers] == ["paper_0"]  # as it was sent, not as it would be today
    other.text_input(key=f"give_up_why_{revision.id}").set_value("A mistake").run()
    other.button(key=f"give_up_{revision.id}").click().run()
    assert now(url, revision.id).state == "withdrawn"
    assert "By local sales" in shown(other)
    assert "A mistake" in shown(other)


def test_a_quote_adds_to_a_subscription_that_runs(open_app: App, url: str) -> None:
    query = (
        "select s.customer_id, s.id from subscription s join subscription_item i on i.subscription_id = s.id "
        "where s.status = 'active' and s.schedule_id is null and s.cancel_at is null "
        "and s.cancel_at_period_end = 0 group by 1, 2 having count(*) = 1 order by 2"
    )
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        customer, subscription = connection.execute(query).fetchone()
        of = "select product_id from price p join subscription_item i on i.price_id = p.id where "
        said = ("Seats", '{"plan": "professional"}', subscription)  # told by its metadata alone
        connection.execute(
            f"update product set name = ?, metadata = ? where id = ({of} i.subscription_id = ?)", said
        )
        connection.execute(
            "update subscription_item set quantity = 1 where subscription_id = ?", (subscription,)
        )
        theirs = "update account set stripe_customer_id = {} where {}"
        connection.execute(theirs.format("null", "stripe_customer_id = ?"), (customer,))
        connection.execute(theirs.format("?, capacity = 60", "account_id = 'one'"), (customer,))
    key = quotes.create(url, {**FIELDS, "customer_id": customer, "addons": ["custom_domain"]}, "Ada")
    app = open_app("quote", url, role="sales", id=key)
    app.button(key=f"join_{subscription}").click().run()
    assert not app.exception
    fields = now(url, key).fields
    assert (fields["of.subscription"], fields["term"], "capacity" in fields) == (subscription, 0, False)
    assert fields["of.plan"] == "professional"
    assert "What runs stays as it is." in shown(app)
    assert "of.capacity" not in fields  # a quantity of one may be a whole contract
    app.button(key="join_capacity").click().run()
    assert now(url, key).fields["of.capacity"] == 60
    app.button(key="join_none").click().run()
    assert not app.exception
    assert now(url, key).fields["term"] == 12
    assert not [name for name in now(url, key).fields if name.startswith("of.")]


def test_names_are_neither_formulas_nor_markup(open_app: App, url: str) -> None:
    bad = '=HYPERLINK("http://x.example")<script>alert(1)</script>'
    asked = {**OFF, "prospect": bad, "terms": "[x](javascript:alert(1))", "discount.whole.reason": "@" * 200}
    key = quotes.create(url, asked, "=Mallory")
    app = open_app("quotes", url, role="sales")
    row = app.dataframe[0].value.iloc[0]
    assert (row["For"], row["Begun by"]) == (f"'{bad}", "'=Mallory")
    assert quotes.save(url, key, 1, {**asked, "prospect": "Initech"}, "Ada")
    row = app.run().dataframe[0].value.iloc[0]
    assert (row["For"], row["Changed by"]) == ("Initech", "Ada")
    assert quotes.save(url, key, 2, asked, "=Mallory")
    page = open_app("quote", url, role="sales", id=key)
    assert not page.exception
    assert "\\<script\\>" in page.header[0].value
    page.text_input(key=f"why_{key}").set_value("<img src=x onerror=alert(1)>").run()
    page.button(key=f"ask_{key}").click().run()
    manager = open_app("approvals", url, role="manager")
    assert not manager.exception
    texts = [each.value for each in (*manager.markdown, *manager.subheader, *manager.caption)]
    assert any("<img" in each for each in texts)
    assert not [each for each in texts if re.search(r"(?<!\\)<|(?<!\\)\]\(", each)]

"""One customer's frames: only theirs, whole, and in order."""

import pytest
from sqlalchemy import Engine, insert, update

from data import audit, customer_notes, frames
from data.audit import Entry
from data.customer_notes import Note
from data.tables import application, mirror
from data.tables.customers import customer_note
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.lives import day, discount, item, life, percent, price

NOW = day("2026-06-15")


def two_customers(fill: Fill) -> Engine:
    return fill(
        life(item(price(20_00), 3), discounts=[discount(percent("10"), "2026-01-01")]),
        life(
            item(price(99_00, "year")), id="sub_2", start="2025-02-01", status="canceled", ended="2026-02-01"
        ),
        life(item(price(30_00)), id="sub_other", customer_id="cus_2"),
        rows={
            mirror.customer: [
                {
                    "id": "cus_1",
                    "name": "Northwind",
                    "email": "billing@northwind.example",
                    "address": {"city": "Oslo", "country": "NO"},
                    "default_payment_method_id": "pm_2",
                    "created_at": day("2025-01-30"),
                }
            ],
            mirror.invoice: [
                {
                    "id": f"in_{number}",
                    "number": f"N-{number}",
                    "customer_id": customer,
                    "status": "paid",
                    "currency": "usd",
                    "total": 60_00,
                    "created_at": day(f"2026-0{number}-01"),
                    "finalized_at": day(f"2026-0{number}-01"),
                    "paid_at": day(f"2026-0{number}-02"),
                }
                for number, customer in ((1, "cus_1"), (2, "cus_2"), (3, "cus_1"))
            ],
            mirror.payment_method: [
                {"id": "pm_1", "customer_id": "cus_1", "type": "card", "created_at": day("2026-03-01")},
                {"id": "pm_2", "customer_id": "cus_1", "type": "card", "created_at": day("2026-01-01")},
            ],
            mirror.subscription_schedule: [
                {
                    "id": "sch_1",
                    "customer_id": "cus_1",
                    "subscription_id": "sub_1",
                    "status": "active",
                    "phases": [{"start": 1767225600, "end": None, "items": [{"price": "p", "quantity": 2}]}],
                }
            ],
            ACCOUNTS: [account("a", "cus_1", capacity=10, account_manager="Desk"), account("free")],
            USE: [use("a", "2026-06-01", 9), use("a", "2026-06-02", 7), use("free", "2026-06-02", 1)],
        },
    )


def test_who_it_is(fill: Fill) -> None:
    engine = two_customers(fill)
    profile = frames.customer_profile(engine, "cus_1").iloc[0]
    assert (profile["name"], profile["address"]) == ("Northwind", {"city": "Oslo", "country": "NO"})
    assert profile["tax_ids"] is None
    assert frames.customer_profile(engine, "cus_9").empty
    found = frames.customer_accounts(engine, "cus_1").iloc[0]
    assert (found["account_id"], found["capacity"], found["used"], found["peak"]) == ("a", 10, 7, 9)
    free = frames.account_profile(engine, "free").iloc[0]
    assert free[["capacity", "customer_id"]].isna().all()
    assert free["used"] == 1
    by_day = frames.customer_use(engine, ("a", "free"))
    assert by_day[["used", "accounts"]].to_numpy().tolist() == [[9, 1], [8, 2]]


def test_what_it_has(fill: Fill) -> None:
    engine = two_customers(fill)
    held = frames.customer_subscriptions(engine, "cus_1", NOW)
    assert held[["subscription_id", "status", "arr"]].to_numpy().tolist() == [
        ["sub_1", "active", 648_00],
        ["sub_2", "canceled", 0],
    ]
    items = frames.customer_items(engine, "cus_1", NOW)
    assert items[["item_id", "interval", "quantity", "arr"]].to_numpy().tolist() == [
        ["sub_1_si_1", "1month", 3, 648_00]
    ]
    given = frames.customer_discounts(engine, "cus_1")
    assert given[["subscription_id", "percent_off", "duration"]].to_numpy().tolist() == [
        ["sub_1", "10", "forever"]
    ]
    phases = frames.customer_schedules(engine, "cus_1")
    assert phases[["schedule_id", "start_at", "price_id", "quantity"]].to_numpy().tolist() == [
        ["sch_1", day("2026-01-01"), "p", 2]
    ]


def test_what_it_was_billed(fill: Fill) -> None:
    engine = two_customers(fill)
    assert frames.customer_invoices(engine, "cus_1")["number"].tolist() == ["N-3", "N-1"]
    assert frames.customer_methods(engine, "cus_1")["method_id"].tolist() == ["pm_2", "pm_1"]
    assert frames.customer_credit_notes(engine, "cus_1").empty
    assert frames.customer_quotes(engine, "cus_1").empty


def test_what_can_be_credited_of_it_for_a_month(fill: Fill) -> None:
    engine = two_customers(fill)
    lines = {"in_1": ("2026-01-15", "2026-02-15"), "in_3": ("2026-03-01", "2026-04-01")}
    with engine.begin() as connection:
        for name, (since, until) in lines.items():
            period = {"period_start": day(since), "period_end": day(until)}
            connection.execute(
                insert(mirror.invoice_line).values(
                    id=f"il_{name}", invoice_id=name, observed_at=NOW, **period
                )
            )
        partly = update(mirror.invoice).where(mirror.invoice.c.id == "in_3")
        connection.execute(partly.values(post_payment_credit_notes_amount=20_00))
    for month, told in (("2026-02", "in_1"), ("2026-03", "in_3"), ("2026-04", None)):
        rows = frames.creditable_invoices(engine, "cus_1", "usd", month)
        assert rows["invoice_id"].tolist() == (["in_1", "in_3"] if told == "in_1" else ["in_3", "in_1"])
        assert dict(zip(rows["invoice_id"], rows["left"], strict=True)) == {"in_1": 60_00, "in_3": 40_00}
        assert rows.loc[rows["covers"], "invoice_id"].tolist() == ([told] if told else [])
    assert frames.creditable_invoices(engine, "cus_1", "eur", "2026-03").empty


def test_what_happened(fill: Fill) -> None:
    engine = two_customers(fill)
    happened = frames.customer_happenings(engine, "cus_1", NOW)
    assert happened[["at", "source", "what"]].to_numpy().tolist()[:4] == [
        [day("2026-03-02"), "invoice", "paid"],
        [day("2026-03-01"), "invoice", "finalized"],
        [day("2026-02-01"), "subscription", "ended"],
        [day("2026-01-02"), "invoice", "paid"],
    ]
    assert set(happened["object_id"]) == {"in_1", "in_3", "sub_1", "sub_2", "cus_1"}
    assert len(frames.customer_happenings(engine, "cus_1", day("2026-01-01"))) == 4
    moved = frames.customer_movements(engine, "cus_1")
    assert moved["delta_arr"].sum() == 648_00
    assert set(frames.customer_segments(engine, "cus_1")["subscription_id"]) == {"sub_1", "sub_2"}


def test_what_happened_from_every_side_a_page_at_a_time(fill: Fill) -> None:
    engine = two_customers(fill)
    at, what = day("2026-06-16"), "Cancel subscription"
    entry = Entry(at, "Ada", "admin", what, "done", "cus_1", "sub_1", "asked for")
    with engine.begin() as connection:
        audit.write(connection, entry)
        mine = ACCOUNTS.c.account_id == "a"
        connection.execute(ACCOUNTS.update().where(mine).values(created_at=day("2025-01-29")))
        row = {"written_at": day("2026-06-17"), "written_by": "Grace"}
        for owner in ("cus_1", "free"):
            connection.execute(
                customer_note.insert().values(owner_id=owner, thread=owner, text="Call", **row)
            )
    kinds = frames.customer_happened(engine, "cus_1", NOW)
    assert dict(zip(kinds["what"], kinds["times"], strict=True))["paid"] == 2
    assert set(kinds["source"]) == {"action", "application", "customer", "invoice", "note", "subscription"}
    whole = frames.customer_happenings(engine, "cus_1", NOW)
    newest = whole[["what", "person"]].head(2).to_numpy().tolist()
    assert newest == [["noted", "Grace"], [what, "Ada"]]
    assert whole["what"].iloc[-1] == "account_created"
    walked: list[str] = []
    after = ""
    while len(rows := frames.customer_happenings(engine, "cus_1", NOW, after=after, limit=3)):
        walked += list(rows["place"])
        after = walked[-1]
    assert walked == list(whole["place"])
    some = frames.customer_happenings(engine, "cus_1", NOW, sources=["invoice"], kinds=["paid", "noted"])
    assert list(some["object_id"]) == ["in_3", "in_1"]
    assert list(frames.customer_happenings(engine, "free", NOW)["what"]) == ["noted"]
    assert len(frames.customer_happenings(engine, "cus_1", NOW, after="nonsense")) == len(whole)


def test_notes_keep_their_history(fill: Fill) -> None:
    engine = two_customers(fill)
    url = engine.url.render_as_string(hide_password=False)
    first = Note("cus_1", "Prefers e-mail")
    for note, person in ((first, "Ada"), (Note("cus_1", "Prefers calls", first.thread), "Grace")):
        customer_notes.write(url, note, person)
    found = frames.customer_notes(engine, "cus_1")
    versions = found[["text", "written_by"]].to_numpy().tolist()
    assert versions == [["Prefers calls", "Grace"], ["Prefers e-mail", "Ada"]]
    customer_notes.write(url, Note("cus_1", None, first.thread), "Ada")
    assert frames.customer_notes(engine, "cus_1")["text"].isna().tolist() == [True, False, False]
    with pytest.raises(ValueError, match="1 to 5000 letters"):
        Note("cus_1", "")


def test_which_add_ons_are_live(fill: Fill) -> None:
    engine = two_customers(fill)
    assert frames.addons_told(engine)["told"].tolist() == [False]
    with engine.begin() as connection:
        row = {"addon": "sso", "live_since": day("2026-02-01"), "observed_at": NOW}
        connection.execute(application.account_addon.insert(), {"account_id": "a", **row})
    assert frames.addons_told(engine)["told"].tolist() == [True]
    assert frames.customer_addons(engine, ("a",)).to_numpy().tolist() == [["sso", day("2026-02-01")]]
    assert frames.customer_addons(engine, ("free",)).empty

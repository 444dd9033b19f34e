"""What is owed as of an instant, told by tables of invoices; the same as Stripe's amounts where it is now."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.metrics import receivables
from data import frames
from data.tables import application, ledger, mirror
from data.tables.receivables import receivable_note
from tests.data.frames.invoicing import closed, customer, invoice, noon, put
from tests.data.lives import day

NOW = noon("2026-06-15")


def owed(engine: Engine, at: datetime) -> dict[tuple[str, str, str], int]:
    found = frames.owed(engine, at)
    bare = frames.owed_by_customer(engine, at)
    key = ["customer_id", "currency", "age"]
    named = found[[*key, "open"]]
    pd.testing.assert_frame_equal(*(each.sort_values(key, ignore_index=True) for each in (bare, named)))
    return {
        (who, currency, age): amount
        for who, currency, age, amount in found[["customer_id", "currency", "age", "open"]].itertuples(
            index=False
        )
    }


def test_open_invoices_by_customer_currency_and_age(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, mirror.customer, [customer("cus_1", email="one@example.com"), customer("cus_2")])
        put(
            connection,
            mirror.invoice,
            [
                invoice("a", "2026-05-01"),
                invoice("b", "2026-05-02", total=500),
                invoice("c", "2026-06-01", due_at=noon("2026-07-01"), falls_due_at=noon("2026-07-01")),
                invoice("d", "2026-01-01", customer_id="cus_2", currency="eur", total=700),
                invoice("draft", status="draft", finalized_at=None, falls_due_at=None),
                closed("paid", "2026-05-01", "paid", "2026-05-03"),
                closed("void", "2026-05-01", "void", "2026-05-03"),
                closed("lost", "2026-05-01", "uncollectible", "2026-05-03"),
                invoice("nothing", total=0),
                invoice("deleted", deleted_at=NOW),
            ],
        )
    assert owed(engine, NOW) == {
        ("cus_1", "usd", "31-60"): 10_500,
        ("cus_1", "usd", "not_due"): 10_000,
        ("cus_2", "eur", "over_120"): 700,
    }
    first = frames.owed(engine, NOW).iloc[0]
    assert (first["customer_name"], first["customer_email"]) == ("Name of cus_1", "one@example.com")
    assert (first["invoices"], first["oldest_due_at"]) == (2, noon("2026-05-01"))


def test_a_past_day_knows_nothing_of_what_came_later(engine: Engine) -> None:
    with engine.begin() as connection:
        put(
            connection,
            mirror.invoice,
            [
                closed("paid", "2026-03-01", "paid", "2026-05-10"),
                closed("void", "2026-03-01", "void", "2026-05-11", total=300),
                closed("lost", "2026-03-01", "uncollectible", "2026-05-12", total=20),
                closed("card", "2026-03-01", "paid", "2026-03-01", total=1),
                invoice("later", "2026-05-20"),
            ],
        )
    assert sum(owed(engine, noon("2026-02-28")).values()) == 0
    assert owed(engine, noon("2026-03-01")) == {("cus_1", "usd", "not_due"): 10_320}
    assert owed(engine, noon("2026-05-10")) == {("cus_1", "usd", "61-90"): 320}
    assert owed(engine, noon("2026-05-11")) == {("cus_1", "usd", "61-90"): 20}
    assert owed(engine, noon("2026-05-12")) == {}
    assert owed(engine, NOW) == {("cus_1", "usd", "1-30"): 10_000}


def test_net_of_credit_notes_and_of_payments_in_part_as_they_came(engine: Engine) -> None:
    note = {"invoice_id": "in_a", "currency": "usd", "status": "issued"}
    payment = {"invoice_id": "in_a", "status": "paid", "currency": "usd"}
    with engine.begin() as connection:
        put(
            connection,
            mirror.invoice,
            [invoice("a", "2026-05-01", amount_due=9_000, amount_paid=2_000, amount_remaining=7_000)],
        )
        put(
            connection,
            mirror.credit_note,
            [
                note | {"id": "cn_1", "pre_payment_amount": 1_000, "created_at": noon("2026-05-20")},
                note
                | {
                    "id": "cn_2",
                    "pre_payment_amount": 400,
                    "created_at": noon("2026-05-05"),
                    "status": "void",
                    "voided_at": noon("2026-05-08"),
                },
                note | {"id": "cn_3", "pre_payment_amount": 0, "created_at": noon("2026-05-06")},
            ],
        )
        put(
            connection,
            mirror.invoice_payment,
            [payment | {"id": "inpay_1", "amount_paid": 2_000, "paid_at": noon("2026-06-01")}],
        )
    told = {
        text: sum(owed(engine, noon(text)).values())
        for text in ("2026-05-02", "2026-05-06", "2026-05-09", "2026-05-21", "2026-06-02")
    }
    assert told == {
        "2026-05-02": 10_000,
        "2026-05-06": 9_600,
        "2026-05-09": 10_000,
        "2026-05-21": 9_000,
        "2026-06-02": 7_000,
    }
    over_time = frames.owed_over_time(engine, [noon(text) for text in told])
    assert dict(zip(over_time["at"], over_time["open"], strict=True)) == {
        noon(text): amount for text, amount in told.items()
    }


@pytest.mark.parametrize(
    ("due", "age"),
    [
        ("2026-06-15T12:00:00", "not_due"),
        ("2026-06-15T11:59:59", "1-30"),
        ("2026-05-16T12:00:00", "1-30"),
        ("2026-05-16T00:00:00", "31-60"),  # 30.5 days overdue, Stripe's own example
        ("2026-04-16T12:00:00", "31-60"),
        ("2026-04-16T11:00:00", "61-90"),
        ("2026-03-17T11:00:00", "91-120"),
        ("2026-02-15T12:00:00", "91-120"),
        ("2026-02-15T11:00:00", "over_120"),
    ],
)
def test_a_part_of_a_day_counts_as_a_day(engine: Engine, due: str, age: str) -> None:
    at = datetime.fromisoformat(due).replace(tzinfo=NOW.tzinfo)
    assert receivables.age(at, NOW) == age
    with engine.begin() as connection:
        put(connection, mirror.invoice, [invoice("a", "2026-01-01", falls_due_at=at)])
    assert owed(engine, NOW) == {("cus_1", "usd", age): 10_000}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.integers(0, 160), st.integers(0, 60), st.booleans()), max_size=12),
    back=st.integers(0, 150),
)
def test_sums_over_time_by_customer_and_by_invoice_agree(
    sqlite_engine: Engine, rows: list[tuple[int, int, bool]], back: int
) -> None:
    made = []
    for number, (ago, lasting, paid) in enumerate(rows):
        final, end = NOW - timedelta(days=ago, hours=number), NOW - timedelta(days=ago - lasting)
        if paid and end <= NOW:
            more = {"status": "paid", "closed_at": end, "paid_at": end, "amount_remaining": 0}
        else:
            more = {}
        made.append(invoice(f"{number}", finalized_at=final, falls_due_at=final, **more))
    with sqlite_engine.begin() as connection:
        connection.execute(mirror.invoice.delete())
        put(connection, mirror.invoice, made)
    at = NOW - timedelta(days=back)
    expected = sum(
        each["total"]
        for each in made
        if each["finalized_at"] <= at and (each["closed_at"] is None or each["closed_at"] > at)
    )
    summed = frames.owed_over_time(sqlite_engine, [at, at - timedelta(days=1)])
    listed = frames.owed_invoices(sqlite_engine, at)
    assert frames.owed(sqlite_engine, at)["open"].sum() == expected
    assert summed.loc[summed["at"] == at, "open"].sum() == expected
    ages = frames.owed(sqlite_engine, at).groupby("age")[["open", "invoices"]].sum()
    pd.testing.assert_frame_equal(
        summed.loc[summed["at"] == at].set_index("age")[["open", "invoices"]], ages, check_like=True
    )
    assert listed["open"].sum() == expected
    assert list(listed["age"]) == [receivables.age(due, at) for due in listed["falls_due_at"]]


def test_invoices_with_the_newest_note_on_each(engine: Engine) -> None:
    note = {"invoice_id": "in_a", "customer_id": "cus_1", "text": "", "written_by": "mia"}
    with engine.begin() as connection:
        put(connection, mirror.invoice, [invoice("a", "2026-05-02"), invoice("b", "2026-05-01")])
        for kind, on in (("remark", "2026-06-01"), ("promise", "2026-06-02")):
            values = note | {"kind": kind, "written_at": day(on)}
            values["promised_on"] = day("2026-06-20").date() if kind == "promise" else None
            connection.execute(receivable_note.insert().values(**values))
    found = frames.owed_invoices(engine, NOW, currencies=["usd"], ages=["31-60"], customers=["cus_1"])
    assert list(found["invoice_id"]) == ["in_b", "in_a"]
    assert list(found["note_kind"].fillna("")) == ["", "promise"]
    assert list(frames.receivable_notes(engine, "in_a")["kind"]) == ["promise", "remark"]
    assert frames.owed_invoices(engine, NOW, currencies=["eur"]).empty
    assert frames.owed_invoices(engine, NOW, ages=["over_120"]).empty


def test_invoiced_amount_of_the_last_ninety_days(engine: Engine) -> None:
    with engine.begin() as connection:
        put(
            connection,
            mirror.invoice,
            [
                closed("old", "2026-03-16", "paid", "2026-03-17"),  # 91 days before
                closed("in", "2026-03-18", "paid", "2026-03-19", total=100),
                invoice("open", "2026-06-15", total=20),
                closed("gone", "2026-05-01", "void", "2026-05-02", total=3_000),
                closed("voided later", "2026-05-01", "void", "2026-06-16", total=4),
                invoice("credit", "2026-05-01", total=-50, status="paid"),
                invoice("later", "2026-06-16"),
            ],
        )
    found = frames.invoiced(engine, NOW)
    assert found.to_dict("records") == [{"currency": "usd", "invoiced": 74, "invoices": 4}]


def test_an_audience_owes_what_its_customers_owe(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, mirror.invoice, [invoice("a"), invoice("b", customer_id="cus_2", total=5)])
        connection.execute(ledger.audience.insert().values(id=7, country="DE"))
        whose = {"customer_id": "cus_2", "audience_id": 7}
        connection.execute(ledger.customer_audience.insert().values(**whose))
    assert frames.owed(engine, NOW, audiences=[7])["open"].sum() == 5
    assert frames.owed_over_time(engine, [NOW], audiences=[7])["open"].sum() == 5
    assert frames.invoiced(engine, NOW, audiences=[7])["invoiced"].sum() == 5
    assert list(frames.owed_invoices(engine, NOW, audiences=[7])["invoice_id"]) == ["in_b"]


def test_account_managers_are_named(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, mirror.invoice, [invoice("a")])
        account = {"account_id": "acc", "stripe_customer_id": "cus_1", "account_manager": "Mia"}
        put(connection, application.account, [account | {"observed_at": NOW}])
    assert list(frames.owed(engine, NOW)["account_manager"]) == ["Mia"]
    assert list(frames.owed_invoices(engine, NOW)["account_manager"]) == ["Mia"]


def test_nobody_owes_anything(engine: Engine) -> None:
    assert frames.owed(engine, NOW).empty
    assert frames.owed_over_time(engine, [NOW]).empty
    assert frames.invoiced(engine, NOW).empty
    assert isinstance(frames.owed(engine, NOW)["open"].dtype, pd.Int64Dtype)

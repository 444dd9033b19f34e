"""What figures rest on, as frames."""

import pandas as pd

from data import frames
from data.tables import mirror
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.lives import day, discount, item, life, percent, price

MONTHLY = {"currency": "usd", "recurring_interval": "month", "recurring_interval_count": 1}


def company(fill: Fill) -> None:
    """cus_1 stays, cus_2 left, cus_3's discount came without its coupon, cus_4's price was not readable."""
    hidden = price(product="prod_h")
    fill(
        life(item(price())),
        life(item(price(20_00)), id="sub_2", customer_id="cus_2", status="canceled", ended="2026-03-05"),
        life(item(price()), id="sub_3", customer_id="cus_3", discounts=[discount(None)]),
        life(item(hidden), id="sub_4", customer_id="cus_4"),
        rows={
            mirror.price: [{"id": hidden.id, "product_id": "prod_h", **MONTHLY}],
            ACCOUNTS: [account("one", "cus_1"), account("two")],
            USE: [use("one", "2026-06-01", 5), use("one", "2026-06-02", 7)],
        },
    )


def test_its_running_sum_is_the_run_rate_of_every_month(fill: Fill) -> None:
    engine = fill()
    company(fill)
    changes = frames.evidence_changes(engine, day("2026-06-15"))
    ends = frames.month_end(engine).groupby("month")["arr"].sum()
    running = changes.groupby("month")["delta_arr"].sum().cumsum().reindex(ends.index).ffill()
    assert running.tolist() == ends.tolist()
    assert changes["delta_arr"].dtype == "Int64"


def test_what_begins_later_is_left_out(fill: Fill) -> None:
    engine = fill(
        life(item(price()), discounts=[discount(percent("50", "repeating"), "2026-01-01", "2026-09-01")])
    )
    changes = frames.evidence_changes(engine, day("2026-06-15"))
    assert changes[["month", "currency", "delta_arr"]].to_numpy().tolist() == [["2026-01", "usd", 60_00]]


def test_customers_who_ever_had_a_run_rate(fill: Fill) -> None:
    engine = fill()
    company(fill)
    found = frames.ever_subscribed(engine, day("2026-06-15"))
    assert found.to_numpy().tolist() == [["usd", 3]]


def test_what_stripe_did_not_show(fill: Fill) -> None:
    engine = fill()
    company(fill)
    found = frames.not_shown(engine).sort_values("customer_id")
    assert found[["subscription", "customer_name", "evidence", "arr"]].to_numpy().tolist() == [
        ["sub_3", "Name of cus_3", "discount not known", 120_00],
        ["sub_4", "Name of cus_4", "price not known", 0],
    ]
    assert found["meaning"].str.endswith(".").all()


def test_the_copy_of_the_application_database(fill: Fill) -> None:
    engine = fill()
    company(fill)
    found = frames.application_extent(engine).iloc[0]
    assert (found["accounts"], found["unlinked"], found["used"]) == (2, 1, 1)
    assert found["used_on"] == pd.Timestamp("2026-06-02")


def test_nothing_was_read_yet(fill: Fill) -> None:
    engine = fill()
    assert frames.evidence_changes(engine, day("2026-06-15")).empty
    assert frames.not_shown(engine).empty
    assert frames.application_extent(engine).iloc[0]["accounts"] == 0

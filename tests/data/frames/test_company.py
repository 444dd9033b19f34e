"""Accounts, products and the state of the data."""

import pandas as pd

from data import frames
from data.account_sums import add_up
from data.tables import mirror, operations
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.lives import day, item, life, price


def test_accounts_by_plan_sum_what_is_known(fill: Fill) -> None:
    engine = fill(
        rows={
            ACCOUNTS: [
                account("a", "cus_1", capacity=10),
                account("b", "cus_2", capacity=5),
                account("c", plan="Free"),
                account("d", plan="Free", deleted_at=day("2026-02-01")),
            ],
            USE: [use("a", "2026-06-01", 3), use("a", "2026-06-02", 4), use("b", "2026-05-01", 6)],
        }
    )
    frame = frames.accounts(engine).set_index("plan")
    assert frame.loc["Professional"].tolist() == [2, 15, 10, 2, 2, 0]
    assert frame.loc["Free"].isna().tolist() == [False, True, True, False, False, False]
    assert frame.loc["Free", "accounts_without_customer"] == 1


def test_what_was_added_up_is_what_would_be(fill: Fill) -> None:
    engine = fill(
        life(item(price()), start="2026-03-09"),
        rows={
            ACCOUNTS: [
                account("a", "cus_1", capacity=10, created_at=day("2026-03-01T23:00")),
                account("b", plan="Free", created_at=day("2026-03-31T23:59")),
                account("c", plan=None),
            ],
            USE: [use("a", "2026-06-01", 3)],
        },
    )
    live = [frames.accounts(engine), frames.conversions(engine)]
    with engine.begin() as connection:
        add_up(connection)
        add_up(connection)
        connection.execute(ACCOUNTS.delete())
    for before, kept in zip(live, (frames.accounts(engine), frames.conversions(engine)), strict=True):
        pd.testing.assert_frame_equal(before, kept)
    assert live[1][["month", "accounts"]].to_numpy().tolist() == [["2026-03", 1], ["2026-03", 1]]


def test_products_stand_in_the_order_of_the_catalogue(fill: Fill) -> None:
    made = {"created_at": day("2025-01-01")}
    engine = fill(
        rows={
            mirror.product: [
                {"id": "p1", "name": "Onboarding", **made},
                {"id": "p2", "name": "Weekly Reports", "metadata": {"addon": "true"}, **made},
                {"id": "p3", "name": "Business", **made},
                {"id": "p4", "name": "Professional (2024)", **made},
                {"id": "p5", "name": "Professional", "created_at": day("2025-02-01")},
            ]
        }
    )
    frame = frames.products(engine)
    assert frame[["product_id", "plan", "kind", "colour_index"]].to_numpy().tolist() == [
        ["p4", "Professional", "plan", 0],
        ["p5", "Professional", "plan", 0],
        ["p3", "Business", "plan", 1],
        ["p2", "Weekly Reports", "addon", 2],
        ["p1", "Onboarding", "other", 3],
    ]


def test_the_state_of_the_data(fill: Fill) -> None:
    engine = fill()
    assert frames.data_status(engine).version is None
    started = {"kind": "full", "started_at": day("2026-06-01"), "objects": 0, "requests": 0}
    runs = [
        {"state": "done", "finished_at": day("2026-06-02"), "error": None},
        {"state": "failed", "finished_at": day("2026-06-03"), "error": "Stripe did not answer."},
    ]
    with engine.begin() as connection:
        connection.execute(operations.sync_run.insert(), [started | run for run in runs])
        stamp = {"committed_at": day("2026-06-02"), "data_at": day("2026-06-01"), "reason": "sync"}
        connection.execute(operations.data_version.insert(), [stamp, stamp])
        quotes = {"resource": "quotes", "state": "unknown", "error": "Not there.", "read_at": None}
        connection.execute(operations.resource_state.insert(), [quotes])
    status = frames.data_status(engine)
    assert (status.version, status.data_at, status.last_success_at) == (
        2,
        day("2026-06-01"),
        day("2026-06-02"),
    )
    assert status.last_error == "Stripe did not answer."
    assert status.resources["state"].tolist() == ["unknown"]

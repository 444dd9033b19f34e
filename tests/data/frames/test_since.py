"""What happened since an instant, and how long accounts took to pay."""

import pandas as pd

from data import frames
from data.tables import mirror
from tests.data.frames.conftest import ACCOUNTS, NOW, Fill, account
from tests.data.lives import day, item, life, price, row

PRO = price(10_00)


def test_movements_since_an_instant(fill: Fill) -> None:
    engine = fill(
        life(item(PRO), start="2026-06-10T08:00"),
        life(item(PRO), id="sub_2", customer_id="cus_2", start="2026-06-10T12:00"),
        life(item(price(30_00)), id="sub_3", customer_id="cus_3", status="canceled", ended="2026-06-12"),
    )
    since = day("2026-06-10T10:00")
    listed = frames.moved_since(engine, since, day(NOW))
    assert listed[["name", "kind", "delta_arr"]].to_numpy().tolist() == [
        ["Name of cus_3", "churn", -360_00],
        ["Name of cus_2", "new", 120_00],
    ]
    totals = frames.moved_since_totals(engine, since, day(NOW), currencies=["usd"])
    assert totals[["kind", "customers", "delta_arr"]].to_numpy().tolist() == [
        ["churn", 1, -360_00],
        ["new", 1, 120_00],
    ]
    assert frames.moved_since(engine, day("2026-06-12"), day(NOW)).empty
    assert frames.moved_since_totals(engine, since, day(NOW), products=["prod_other"]).empty


def test_trials_since_an_instant(fill: Fill) -> None:
    trial = {"trial_start": "2026-06-11", "trial_end": "2026-06-25", "status": "trialing"}
    engine = fill(life(item(PRO), start="2026-06-11", **trial))
    assert frames.trials_since(engine, day("2026-06-10"), day(NOW))["name"].tolist() == ["Name of cus_1"]
    assert frames.trials_since(engine, day("2026-06-11"), day(NOW)).empty


def test_accounts_by_the_days_until_they_paid(fill: Fill) -> None:
    accounts = [
        account("at once", "cus_1", created_at=day("2026-04-02T09:00")),
        account("later", "cus_2", created_at=day("2026-04-20T23:00")),
        account("never", "cus_4", created_at=day("2026-04-30T23:59")),
        account("alone", created_at=day("2026-05-01")),
        account("undated"),
        account("older", "cus_3", created_at=day("2026-05-09")),
    ]
    engine = fill(
        life(item(PRO), start="2026-04-02T10:00"),
        life(item(PRO), id="sub_2", customer_id="cus_2", start="2026-05-01T01:00"),
        life(item(PRO), id="sub_3", customer_id="cus_3", start="2026-01-01"),
        rows={
            ACCOUNTS: accounts,
            mirror.customer: [row(mirror.customer, id="cus_4", created_at=day("2026-01-01"))],
        },
    )
    rows = frames.conversions(engine).astype(object)
    assert rows.where(pd.notna(rows), None).to_numpy().tolist() == [
        ["2026-04", 0, 1],
        ["2026-04", 11, 1],
        ["2026-04", None, 1],
        ["2026-05", 0, 1],
        ["2026-05", None, 1],
    ]

"""What falls due by day and in lists, and the rows that every sync keeps up for it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select, update

from data import due_dates, frames
from data.tables import mirror
from data.tables.due import renewal_due
from data.tables.findings import finding
from tests.data.frames.conftest import ACCOUNTS, USE, Fill, account, use
from tests.data.lives import day

NOW, UNTIL = day("2026-06-15"), day("2026-09-15")
CELL = ["due_on", "interval", "governs", "currency", "product_ids", "plan", "risks"]


def by_cell(rows: pd.DataFrame) -> dict[tuple[Any, ...], tuple[int, int]]:
    """How many there are by what they have in common, and their worth."""
    each = rows.assign(renewals=rows.get("renewals", 1), due_on=rows["due_at"].dt.floor("D"))
    sums = each.fillna(dict.fromkeys(("product_ids", "plan"), "")).groupby(CELL)[["renewals", "arr"]].sum()
    return {key: (int(row.renewals), int(row.arr)) for key, row in sums.iterrows()}  # type: ignore[misc]


def added(
    some: dict[tuple[Any, ...], tuple[int, int]], more: dict[tuple[Any, ...], tuple[int, int]]
) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Both together; a cell may have some of each."""
    counts = {key: Counter(dict(enumerate(cell))) for key, cell in some.items()}
    for key, cell in more.items():
        counts.setdefault(key, Counter()).update(dict(enumerate(cell)))
    return {key: (count[0], count[1]) for key, count in counts.items()}


def agree(engine: Engine, whole: pd.DataFrame, now: datetime = NOW, until: datetime = UNTIL) -> None:
    """The sums and the contracts are all renewals, worked out when asked and kept."""
    for kept in (False, True):
        if kept:
            with engine.begin() as connection:
                due_dates.refresh(connection, None, now)
        under = frames.renewals_under_contract(engine, now, until)
        sums = frames.renewals_by_day(engine, now, until)
        listed = frames.renewals_of_periods(engine, now, now, until)
        assert added(by_cell(sums), by_cell(under)) == by_cell(whole)
        named = frames.renewals_named(engine, now, until, under["subscription_id"].tolist())
        assert named[under.columns].equals(under)
        both = pd.concat([named, listed]).sort_values(["due_at", "subscription_id", "interval"])
        assert both["evidence"].tolist() == whole["evidence"].tolist()


def company(number: int) -> dict[Any, list[dict[str, Any]]]:
    """So many customers, each with a subscription, an account, and a card that may run out."""
    names = range(number)
    return {
        mirror.price: [
            {"id": f"p_{every}", "product_id": f"prod_{every}", "currency": "usd", "unit_amount": 10_00,
             "recurring_interval": every, "recurring_interval_count": 1}
            for every in ("month", "year")
        ],
        mirror.customer: [{"id": f"cus_{each}", "name": f"Name {each}"} for each in names],
        mirror.payment_method: [
            {"id": f"pm_{each}", "customer_id": f"cus_{each}", "card_exp_year": 2026,
             "card_exp_month": 6 + each % 5}
            for each in names
        ],
        mirror.subscription: [
            {"id": f"sub_{each}", "customer_id": f"cus_{each}", "status": "active", "currency": "usd",
             "collection_method": "charge_automatically", "default_payment_method_id": f"pm_{each}",
             "start_at": day("2026-01-01"), "metadata": {"notice_days": "30"} if each % 4 == 3 else None}
            for each in names
        ],
        mirror.subscription_item: [
            {"id": f"si_{each}", "subscription_id": f"sub_{each}", "position": 0, "quantity": each + 1,
             "price_id": f"p_{'year' if each % 3 else 'month'}",
             "current_period_end": NOW + timedelta(days=3 * each, hours=each % 24)}
            for each in names
        ],
        finding: [
            {"finding": f"addon_not_live:{each}", "kind": "addon_not_live", "about": f"{each}",
             "customer_id": f"cus_{each}", "detail": "Single sign-on is paid and not live.", "per": "month",
             "first_seen_at": NOW, "closed_at": None if each < 20 else NOW}
            for each in (8, 9, 25)
        ],
        ACCOUNTS: [account(f"a{each}", f"cus_{each}", capacity=10) for each in names],
        USE: [use(f"a{each}", "2026-06-14", each % 15) for each in names],
    }  # fmt: skip


def test_sums_contracts_and_lists_are_all_renewals(fill: Fill) -> None:
    engine = fill(rows=company(30))
    whole = frames.renewals(engine, NOW, UNTIL)
    assert len(whole) == 30
    assert whole["risks"].str.contains("use").sum() > 9
    assert whole["risks"].str.contains("add-on paid and not live").sum() == 2
    agree(engine, whole)


def test_lists_are_narrowed_ordered_and_cut_in_sql(fill: Fill) -> None:
    engine = fill(rows=company(30))

    def listed(**asked: Any) -> list[str]:
        first = asked.pop("first", NOW)
        rows = frames.renewals_of_periods(engine, NOW, first, UNTIL, **asked)
        return [name.removeprefix("sub_") for name in rows["subscription_id"]]

    assert listed(limit=3) == ["0", "1", "2"]
    assert listed(limit=2, largest=True) == ["24", "21"]
    assert listed(limit=2, first=NOW + timedelta(days=12)) == ["4", "5"]
    assert listed(limit=2, terms="monthly") == ["0", "6"]
    assert listed(limit=2, terms="long") == ["1", "2"]
    assert listed(limit=2, products=("prod_month",)) == ["0", "6"]
    assert listed(limit=2, intervals=("1year",), largest=True) == ["29", "28"]
    assert listed(currencies=("eur",)) == []
    assert listed(limit=3, risky=True) == ["0", "1", "2"]
    assert len(listed()) == 23


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    columns = [column for column in renewal_due.c if column.name != "id"]
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))


def test_what_changes_is_written_down_anew_for_its_customers_alone(fill: Fill) -> None:
    engine = fill(rows=company(12))
    with engine.begin() as connection:
        due_dates.refresh(connection, None, NOW)
        before = kept(engine) if engine.dialect.name == "postgresql" else None
        one, other = (mirror.subscription.c.id == f"sub_{number}" for number in (1, 2))
        connection.execute(update(mirror.subscription).where(one).values(status="past_due"))
        connection.execute(update(mirror.subscription).where(other).values(status="unpaid"))
        due_dates.refresh(connection, {"cus_1"}, NOW)
    changed = kept(engine)
    assert before != changed
    with engine.begin() as connection:
        due_dates.refresh(connection, {"cus_2"}, NOW)
    found = kept(engine)
    assert found != changed
    with engine.begin() as connection:
        due_dates.refresh(connection, None, NOW)
    assert kept(engine) == found


def test_products_are_in_the_order_of_their_items(fill: Fill) -> None:
    rows = company(3)
    rows[mirror.price].append(rows[mirror.price][1] | {"id": "p_more", "product_id": "prod_more"})
    items = rows[mirror.subscription_item]
    items.append(items[2] | {"id": "si_more", "position": -1, "price_id": "p_more"})
    engine = fill(rows=rows)
    with engine.begin() as connection:
        due_dates.refresh(connection, None, NOW)
        ids = set(connection.scalars(select(renewal_due.c.product_ids)))
    if engine.dialect.name == "sqlite":  # in the order in which they were written
        assert "prod_year|prod_more" in ids
    else:
        assert "prod_more|prod_year" in ids


def test_a_database_of_an_older_version_is_filled_once(fill: Fill) -> None:
    engine = fill(rows=company(5))
    due_dates.build_missing(engine)
    assert len(kept(engine)) == 4
    with engine.begin() as connection:
        connection.execute(renewal_due.delete())
    due_dates.build_missing(engine)
    assert kept(engine) == []


def test_use_that_was_copied_changes_the_risks(fill: Fill) -> None:
    engine = fill(rows=company(5))
    due_dates.build_missing(engine)
    with engine.begin() as connection:
        connection.execute(update(USE).values(used=99))
        due_dates.follow_accounts(connection)
    risks = frames.renewals_by_day(engine, NOW, UNTIL)["risks"]
    assert risks.str.contains("use above").all()

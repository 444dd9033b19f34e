"""What became of renewals is kept up by small steps as a whole rebuild would have it."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, insert, select, update

from data import due_dates, frames
from data.database import upsert
from data.tables import ledger, mirror
from data.tables.due import renewal_past, renewal_past_sum
from tests.data.lives import day, row

BEGAN, DAY, HOUR = day("2026-01-10"), timedelta(days=1), timedelta(hours=1)
LENGTHS = {"month": 30, "year": 365}


def kept(connection: Connection) -> list[Any]:
    """The renewals, and after them their sums."""
    columns = [column for column in renewal_past.c if column.name != "id"]
    found = (connection.execute(select(*each)) for each in (columns, list(renewal_past_sum.c)))
    return [each for rows in found for each in sorted(map(tuple, rows), key=str)]


def added_up(engine: Engine, since: datetime, until: datetime, now: datetime) -> dict[Any, tuple[int, ...]]:
    """Renewals by month, interval and outcome, of the list that names them one by one."""
    rows = frames.outcomes(engine, since, until, now)
    rows = rows.assign(month=rows["due_at"].dt.strftime("%Y-%m"), kept=rows[["before", "after"]].min(axis=1))
    return counted(rows.assign(renewals=1))


def counted(rows: pd.DataFrame) -> dict[Any, tuple[int, ...]]:
    sums = rows.groupby(["month", "interval", "governs", "currency", "product_ids", "outcome"])
    found = sums[["renewals", "before", "after", "kept"]].sum()
    return dict(zip(found.index, found.itertuples(index=False, name=None), strict=True))


class Company:
    """Customers with two subscriptions at most, which renew, shrink, leave and come back."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection, self.random, self.number = connection, Random(seed), 0
        prices = [
            row(mirror.price, id=f"p_{every}", recurring_interval=every, recurring_usage_type="licensed")
            for every in LENGTHS
        ]
        upsert(connection, mirror.price, prices)
        upsert(connection, mirror.invoice, [row(mirror.invoice, id="in_1", status="paid")])

    def bills(self, customer: int, at: datetime) -> None:
        """A period of a subscription begins, at another run rate or the same."""
        self.number += 1
        name, every = f"sub_{customer}_{self.random.randint(0, 1)}", self.random.choice(list(LENGTHS))
        held = {"id": name, "customer_id": f"cus_{customer}", "currency": "usd", "start_at": BEGAN}
        upsert(self.connection, mirror.subscription, [row(mirror.subscription, **held)])
        line = {
            "id": f"il_{self.number}", "invoice_id": "in_1", "subscription_id": name, "proration": False,
            "subscription_item_id": f"si_{name}", "price_id": f"p_{every}", "period_start": at,
            "period_end": at + timedelta(days=LENGTHS[every]),
        }  # fmt: skip
        upsert(self.connection, mirror.invoice_line, [row(mirror.invoice_line, **line)])
        self.ends(name, at)
        until = self.random.choice([None, at + timedelta(days=self.random.randint(1, 60))])
        segment = {
            "subscription_id": name, "customer_id": f"cus_{customer}", "product_id": "prod_a",
            "counted": True, "currency": "usd", "arr": self.random.randint(1, 9) * 100, "evidence": "invoice",
            "from_at": at, "to_at": until,
        }  # fmt: skip
        self.connection.execute(insert(ledger.timeline), [segment])
        if until:
            turn = {"customer_id": f"cus_{customer}", "at": until}
            self.connection.execute(insert(ledger.timeline_turn), [turn])

    def ends(self, name: str, at: datetime) -> None:
        """What the subscription held before ends."""
        line = ledger.timeline.c
        running = (line.subscription_id == name) & (line.to_at.is_(None) | (line.to_at > at))
        self.connection.execute(update(ledger.timeline).where(running).values(to_at=at))


def test_steps_give_what_a_rebuild_gives(engine: Engine) -> None:
    with engine.begin() as connection:
        company, now, random = Company(connection, 7), BEGAN, Random(7)
        for customer in range(6):
            company.bills(customer, now)
        due_dates.refresh(connection, None, now)
        for _ in range(8):
            now += DAY * random.randint(1, 40) + HOUR * random.randint(0, 23)  # what comes by itself comes
            billed = random.sample(range(6), 2)
            for customer in billed:
                company.bills(customer, now)
            due_dates.refresh(connection, {f"cus_{customer}" for customer in billed}, now)
            by_steps = kept(connection)
            due_dates.refresh(connection, None, now)
            assert kept(connection) == by_steps
        past = [each for each in by_steps if len(each) == len(renewal_past.c) - 1]
        assert sum(each[-2] is not None for each in past) > 4
        assert len({each[-2] for each in past}) > 3
    for since in (BEGAN, now - DAY * 200, now - DAY * 31.3, now - DAY / 3):
        for until, seen in ((now, now), (now - DAY * 5.6, now), (now, now + DAY * 12.2)):
            months = frames.outcomes_by_month(engine, since, until, seen).rename(
                columns={"due_month": "month"}
            )
            assert counted(months) == added_up(engine, since, until, seen)

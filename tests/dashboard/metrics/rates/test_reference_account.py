"""The rates of the reference account: against its customers one by one, and the published month ends."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dashboard.exports import EXPORTS
from data import frames
from data.clock import from_epoch, month_start, next_month
from data.database import open_engine, upsert
from data.frames import Engine
from data.ledger import refresh
from data.records import TABLES, rows_of
from data.tables import metadata

Held = dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def expected(stripe_account: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((stripe_account / "expected.json").read_text())
    return found


@pytest.fixture(scope="module")
def account(
    expected: dict[str, Any], stripe_account: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database that holds the account, with its ledger."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('account') / 'dashboard.db'}")
    metadata.create_all(engine)
    at = from_epoch(expected["as_of"])
    assert at is not None
    with engine.begin() as connection:
        for resource in TABLES:
            file = stripe_account / f"{resource}.jsonl"
            lines = file.read_text().splitlines() if file.exists() else []
            for table, rows in rows_of(resource, [json.loads(line) for line in lines], at).items():
                upsert(connection, table, rows, newer_by="observed_at")
        refresh(connection, None, at)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def held(account: Engine, expected: dict[str, Any]) -> dict[str, Held]:
    """Each customer's ARR by currency at the end of every month that has ended, from the timelines."""
    found = {}
    for month in expected["month_end"]:
        frame = frames.customer_arr(account, month_start(next_month(month)))
        rows = zip(frame["customer"], frame["currency"], frame["arr"], strict=True)
        found[month] = {(customer, currency): int(arr) for customer, currency, arr in rows}
    return found


@pytest.fixture(scope="module")
def exported(account: Engine, expected: dict[str, Any]) -> dict[tuple[str, str, str], float | None]:
    """The exported rates by month, currency and metric."""
    at = from_epoch(expected["as_of"])
    assert at is not None
    frame = EXPORTS["rates"].rows(account, at).astype({"value": "object"})
    return {tuple(row[:3]): row[3] for row in frame.to_numpy().tolist()}


@pytest.mark.parametrize(("months", "span"), [(1, "1_month"), (12, "12_months")])
def test_revenue_kept_customer_by_customer(
    exported: dict[tuple[str, str, str], float], held: dict[str, Held], months: int, span: str
) -> None:
    compared = 0
    for before, month in zip(held, [*held][months:], strict=False):
        for currency in {currency for _, currency in held[before]}:
            pairs = [(a, held[month].get(key, 0)) for key, a in held[before].items() if key[1] == currency]
            start = sum(a for a, _ in pairs)
            gross, net = Fraction(sum(map(min, pairs)), start), Fraction(sum(b for _, b in pairs), start)
            assert exported[month, currency, f"grr_{span}"] == pytest.approx(float(gross))
            assert exported[month, currency, f"nrr_{span}"] == pytest.approx(float(net))
            compared += 1
    assert compared > 10


def test_customer_churn_customer_by_customer(
    exported: dict[tuple[str, str, str], float], held: dict[str, Held]
) -> None:
    for before, month in zip(held, [*held][1:], strict=False):
        for currency in {currency for _, currency in held[before]}:
            start = {customer for customer, held_in in held[before] if held_in == currency}
            gone = {customer for customer in start if (customer, currency) not in held[month]}
            found = exported[month, currency, "customer_churn"]
            assert found == pytest.approx(len(gone) / len(start))


def test_cohorts_add_up_to_the_published_subscribers(account: Engine, expected: dict[str, Any]) -> None:
    at = from_epoch(expected["as_of"])
    assert at is not None
    frame = EXPORTS["retention"].rows(account, at)
    totals = frame.groupby(["month", "currency"])["customers"].sum()
    published = {
        (month, currency): customers
        for month, each in expected["month_end"].items()
        for currency, customers in each["subscribers"].items()
    }
    assert totals[totals > 0].to_dict() == published


def test_who_left_by_name_adds_up_to_the_flow(account: Engine, expected: dict[str, Any]) -> None:
    flow = frames.subscriber_flow(account)
    months, found = list(expected["month_end"]), 0
    for currency, rows in flow.groupby("currency"):
        gone = frames.departures(account, months, currencies=[str(currency)])
        lost = gone[gone["how"].isin(("left", "other_currency"))].groupby("month")["customers"].sum()
        rows = rows[rows["month"].isin(months) & (rows["lost"] > 0)]
        assert lost.to_dict() == rows.set_index("month")["lost"].to_dict()
        found += int(lost.sum())
    assert found > 20

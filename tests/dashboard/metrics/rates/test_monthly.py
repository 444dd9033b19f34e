"""Every rate of every month, from the ledger: as a table of figures, and sound for any small lives."""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from dashboard.metrics import movements
from dashboard.metrics.rates.kept import kept
from dashboard.metrics.rates.monthly import RATES, Facts, rates
from dashboard.metrics.selection import Selection
from data import frames
from data.clock import month_of, months_between
from data.frames import Engine
from data.history import Life
from data.ledger import refresh
from data.tables import ledger, operations
from tests.data.lives import MIRROR, clear, day, item, life, price, store
from tests.data.strategies import FIRST, NOW, small_lives

LEDGER = [table for table in ledger.metadata.sorted_tables if table in vars(ledger).values()]


def facts_of(engine: Engine, lives: list[Life], now: str = f"{NOW:%Y-%m-%d}") -> Facts:
    with engine.begin() as connection:
        clear(connection, (*MIRROR, *LEDGER, operations.sync_state))
        store(connection, *lives)
        refresh(connection, None, day(now))
    return Facts(
        frames.month_end(engine),
        frames.month_end_subscribers(engine),
        frames.movements(engine),
        frames.transitions(engine),
        frames.retention(engine, now[:7]),
    )


def customer(number: int, amount: int, start: str, ended: str | None = None, product: str = "prod_a") -> Life:
    status = "canceled" if ended else "active"
    return life(
        item(price(amount, product=product)),
        id=f"sub_{number}_{product}",
        customer_id=f"cus_{number}",
        start=start,
        status=status,
        ended=ended,
    )


def company() -> list[Life]:
    """Ten customers of 10.00 from January 2026; one leaves each month from February on, one grows in July."""
    stay = [customer(number, 10_00, "2026-01-01") for number in range(3)]
    leave = [customer(number + 3, 10_00, "2026-01-01", f"2026-{number + 2:02d}-15") for number in range(7)]
    return [*stay, *leave, customer(0, 20_00, "2026-07-10", product="prod_b")]


@pytest.fixture
def found(sqlite_engine: Engine) -> pd.DataFrame:
    """The rates of the company from January 2026 to February 2027, which is not over."""
    months = tuple(months_between("2026-01", "2027-02"))
    frame = rates(facts_of(sqlite_engine, company(), "2027-02-10"), Selection("usd", months), months[-1])
    return frame.set_index(["month", "metric"])


@pytest.mark.parametrize(
    ("month", "metric", "expected"),
    [
        ("2026-02", "gross_mrr_churn", Fraction(1, 10)),
        ("2026-02", "customer_churn", Fraction(1, 10)),
        ("2026-02", "stripe_customer_churn", Fraction(1, 10)),
        ("2026-07", "gross_mrr_churn", Fraction(1, 5)),
        ("2026-07", "net_mrr_churn", Fraction(-1, 5)),
        ("2026-07", "quick_ratio", Fraction(2)),
        ("2026-07", "grr_1_month", Fraction(4, 5)),
        ("2026-07", "nrr_1_month", Fraction(6, 5)),
        ("2026-07", "arpa", Fraction(60_00, 4)),
        ("2026-09", "arpa", Fraction(50_00, 3)),
        ("2027-01", "grr_12_months", Fraction(3, 10)),
        ("2027-01", "nrr_12_months", Fraction(5, 10)),
        ("2026-08", "ltv", Fraction(50_00, 3) / ((Fraction(1, 10) + Fraction(1, 9) + Fraction(1, 8)
                            + Fraction(1, 7) + Fraction(1, 6) + Fraction(1, 5)) / 6)),
    ],
)  # fmt: skip
def test_rates_of_a_month(found: pd.DataFrame, month: str, metric: str, expected: Fraction) -> None:
    row = found.loc[(month, metric)]
    assert row["numerator"] / row["denominator"] == expected
    assert row["value"] == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("month", "metric", "reason"),
    [
        ("2026-01", "gross_mrr_churn", "MRR was 0 at the start of the month"),
        ("2026-12", "nrr_12_months", "nobody was subscribed at the start of the period"),
        ("2026-07", "ltv", "customer churn is known for 5 of the six previous full months"),
        ("2026-10", "quick_ratio", "nothing was lost in the month"),
    ],
)
def test_what_is_not_defined_says_why(found: pd.DataFrame, month: str, metric: str, reason: str) -> None:
    row = found.loc[(month, metric)]
    assert pd.isna(row["value"])
    assert row["reason"] == reason


def test_the_month_that_is_not_over_is_marked(found: pd.DataFrame) -> None:
    marked = found[found["partial"]].index.get_level_values("month")
    assert set(marked) == {"2027-02"}
    assert len(marked) == len(RATES)


def test_a_filter_narrows_every_rate(sqlite_engine: Engine) -> None:
    facts = facts_of(sqlite_engine, company(), "2027-02-10")
    chosen = Selection("usd", ("2026-08",), frozenset({"prod_b"}))
    found = rates(facts, chosen, "2027-02").set_index("metric")
    narrow = found["value"]
    assert narrow.isna()["stripe_customer_churn"]
    assert "under a filter" in found["reason"]["stripe_customer_churn"]
    assert narrow["arpa"] == pytest.approx(20_00)
    assert narrow["gross_mrr_churn"] == 0
    assert narrow["grr_1_month"] == 1


def test_no_data_is_no_rate(sqlite_engine: Engine) -> None:
    frame = rates(facts_of(sqlite_engine, []), Selection("usd", ("2026-01",)), "2026-04")
    assert len(frame) == len(RATES)
    assert frame["value"].isna().all()
    assert frame["reason"].notna().all()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=small_lives())
def test_identities(sqlite_engine: Engine, lives: list[Life]) -> None:
    facts = facts_of(sqlite_engine, lives)
    months = tuple(months_between(month_of(FIRST), month_of(NOW)))
    for currency in ("usd", "eur"):
        selection = Selection(currency, months)
        frame = rates(facts, selection, months[-1])
        table = frame.pivot(index="month", columns="metric", values="value")
        defined = table.dropna(subset=["grr_1_month"])
        assert (defined["grr_1_month"] <= 1).all()
        assert (defined["grr_1_month"] <= defined["nrr_1_month"]).all()
        assert (table["customer_churn"].dropna() <= 1).all()
        bridge = movements.bridge(facts.month_end, facts.movements, selection).set_index("month")
        assert (bridge["start"] + bridge[list(movements.KINDS)].sum(axis=1) == bridge["end"]).all()
        assert (bridge["start"].iloc[1:].to_numpy() == bridge["end"].iloc[:-1].to_numpy()).all()
        over_a_month = kept(facts.retention, selection, 1)
        assert (over_a_month["arr_start"] == bridge["start"]).all()

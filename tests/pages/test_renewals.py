"""The page of renewals: windows and risks from the address, one renewal in full, notes that are kept."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select as select_rows
from sqlalchemy import update

from dashboard import cache
from dashboard.cache import Snapshot
from dashboard.figures import figures
from dashboard.metrics import outcomes, renewals
from dashboard.metrics.selection import Selection
from dashboard.renewals.figures import HORIZON, TERMS, Renewing
from data import config, due_dates, frames
from data.contracts import add_months
from data.database import open_engine, upsert
from data.tables import mirror
from tests.pages.business import NOW, fill
from tests.pages.conftest import App, said
from tests.pages.test_pages import select

TABLE = {"Customer", "Plan", "ARR", "Due", "Notice until", "Why at risk", "Owner", "Forecast", "Next step"}


@pytest.fixture
def asked(business: str, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """The data of the small business."""
    monkeypatch.setenv("DATABASE_URL", business)
    config.use(None)
    snapshot = cache.snapshot()
    assert snapshot is not None
    return snapshot


def customers(app: object) -> object:
    """The table of renewals by customer."""
    return next(each.value for each in app.dataframe if "Why at risk" in each.value)  # type: ignore[attr-defined]


def test_the_window_and_the_risk_come_from_the_address(open_app: App) -> None:
    short, long = (customers(open_app("renewals", window=window, terms="all")) for window in ("90", "365"))
    assert len(short) < len(long)  # type: ignore[arg-type]
    assert set(long.columns) >= TABLE  # type: ignore[attr-defined]
    risky = customers(open_app("renewals", window="365", terms="all", risk="risk"))
    assert 0 < len(risky) < len(long)  # type: ignore[arg-type]
    assert all(risky["Why at risk"])  # type: ignore[index]


def test_a_contract_of_36_months_is_seen_on_the_day_it_is_signed(open_app: App, tmp_path: Path) -> None:
    url, ends = f"sqlite:///{tmp_path / 'dashboard.db'}", add_months(NOW, 36)
    fill(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        active = mirror.subscription.c.status == "active", mirror.subscription.c.currency == "usd"
        row = connection.execute(select_rows(mirror.subscription).where(*active).limit(1)).mappings().one()
        schedule = {
            "id": "sub_sched_36",
            "status": "active",
            "customer_id": row["customer_id"],
            "subscription_id": row["id"],
            "end_behavior": "cancel",
            "phases": [{"start": int(NOW.timestamp()), "end": int(ends.timestamp()), "items": []}],
            "created_at": NOW,
            "observed_at": NOW,
        }
        upsert(connection, mirror.subscription_schedule, [schedule])
        held = update(mirror.subscription).where(mirror.subscription.c.id == row["id"])
        connection.execute(held.values(schedule_id=schedule["id"]))
        due_dates.refresh(connection, [row["customer_id"]], NOW)
    engine.dispose()

    def last(window: str) -> tuple[datetime, str, str]:
        app = open_app("renewals", url, window=window)
        due = next(each.value for each in app.metric if each.label == "Due in 90 days")
        return max(customers(app)["Due"]), due, said(app)  # type: ignore[index]

    (year, due, _), (two, _, near), (three, same, told), (ever, _, _) = map(
        last, ("365", "24m", "36m", "any")
    )
    assert year.date() <= two.date() < three.date() == ever.date() == ends.date()
    assert "beyond the figures and charts: 2 renewals, $" in near
    assert due == same  # the figures look as far ahead as before
    assert "more than 12 months ahead, beyond the figures and charts: 3 renewals, $" in told


def test_terms_keep_monthly_renewals_apart(open_app: App) -> None:
    monthly, long = (
        customers(open_app("renewals", window="365", terms=terms)) for terms in ("monthly", "long")
    )
    short = {"Monthly", "Weekly", "Daily"}
    assert "Monthly" in set(monthly["Interval"]) <= short  # type: ignore[index]
    assert not short & set(long.loc[long["Falls due with"] == "Period end", "Interval"])  # type: ignore[attr-defined]


def test_renewals_of_a_plan_say_that_they_count_whole(open_app: App) -> None:
    told = "With other plans that fall due together."
    assert told not in said(open_app("renewals"))
    assert told in said(open_app("renewals", plan="Professional"))


@pytest.mark.parametrize("by", ["due", "by notice deadline"])
def test_the_board_has_four_months(open_app: App, by: str) -> None:
    app = open_app("renewals", by=by)
    assert {"**Nov 2026**", "**Dec 2026**", "**Jan 2027**", "**Feb 2027**"} <= {
        each.value for each in app.markdown
    }


@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("converted", [False, True])
def test_lists_and_explanations_add_up_to_the_sums(asked: Snapshot, terms: str, converted: bool) -> None:
    renewing = Renewing(figures(asked, Selection("usd", ("2026-11",), converted=converted)), terms)
    due, now = renewing.due(), asked.now
    for days in (30, 90):
        within = renewals.within(due, now, days)
        listed = renewing.listed(now, renewals.end_of(now, days))
        assert len(listed) == renewals.number(within)
        assert abs(listed["arr"].sum() - renewals.arr_due(within)) <= len(listed) * converted
        for risky in (False, True):
            made = renewing.explained(days, risky=risky)
            assert made.figure == (renewals.arr_at_risk if risky else renewals.arr_due)(within)
            assert made.figure == made.included["arr"].sum()
            assert all(made.excluded["reason"])
    risky = renewing.listed(now, now + HORIZON, risky=True)
    assert len(risky) == renewals.number(due.loc[due["at_risk"]])


@pytest.mark.parametrize("terms", ["all", "monthly"])
def test_expectations_and_rates_are_explained_as_they_are_shown(open_app: App, terms: str) -> None:
    app = open_app("renewals", terms=terms)
    shown = {each.label: each.value for each in app.metric}
    assert all(each.delta for each in app.metric if each.label.startswith(("Due", "Expected")))
    for label in ("Expected of 90 days", "Renewal rate by ARR"):
        app.button(key=f"explain_{label}").click().run()
        assert not app.exception
        assert "Nov 2026: " in said(app)
    assert f"Nov 2026: {shown['Renewal rate by ARR']}" in said(app)
    table = next(
        each.value for each in app.dataframe if "ARR kept" in each.value
    )  # in the unit of the figure
    assert len(table) > 0
    assert "MRR kept" not in table


def test_figures_of_an_earlier_day_are_those_that_its_renewals_add_up_to(asked: Snapshot) -> None:
    renewing = Renewing(figures(asked, Selection("usd", ("2026-11",))), "all")
    now = asked.now

    def fell(since: datetime, until: datetime) -> pd.DataFrame:
        return asked.frame("outcomes", since, until, now, currencies=("usd",), limit=10_000)

    for months in (1, 5, 12):
        then = add_months(now, -months)
        before = renewing.then(then)
        assert before.due_in_30 >= fell(then, min(renewals.end_of(then, 30), now))["before"].sum() > 0
        assert before.due_in_90 > before.expected > 0
        year = fell(then - HORIZON, then)
        done = year.loc[year["outcome"] != "Open"]
        kept = done[["before", "after"]].min(axis="columns").sum()
        assert before.rate == pytest.approx(kept / done["before"].sum())
    past = renewing.past()
    for outcome in outcomes.OUTCOMES:
        rows = renewing.fell_due((outcome,))
        assert rows["before"].sum() == past.loc[past["outcome"] == outcome, "before"].sum()


def test_a_renewal_opens_and_what_is_written_beside_it_is_kept(open_app: App, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'dashboard.db'}"
    fill(url)
    app = open_app("renewals", url, window="365", terms="all", risk="risk")
    select(app, "renewals_customers_table", 0)
    assert "**Why at risk**" in said(app)
    next(each for each in app.text_input if each.label == "Owner").input("Grace")
    next(each for each in app.button if each.label == "Save renewal").click().run()
    assert not app.exception
    engine = open_engine(url)
    assert frames.renewal_notes(engine)[["owner", "written_by"]].to_dict("records") == [
        {"owner": "Grace", "written_by": "local admin"}
    ]
    engine.dispose()
    assert "Grace" in set(customers(app)["Owner"])  # type: ignore[index]

"""Figures of a selection: for some customers, and for all currencies in one, they still add up."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
import streamlit as st

from dashboard import cache
from dashboard.cache import Snapshot
from dashboard.figures import Figures, figures
from dashboard.metrics import audiences, conversion, one_currency, receivables
from dashboard.metrics.selection import Selection
from dashboard.receivables.figures import Owing
from data import config
from data.clock import months_between
from tests.pages.business import fill_for_filters

MONTHS = tuple(months_between("2025-09", "2026-11"))
EVERY = Selection("usd", MONTHS, converted=True)
ONE = Selection("eur", MONTHS)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    url = f"sqlite:///{tmp_path_factory.mktemp('figures') / 'dashboard.db'}"
    fill_for_filters(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        config.use(None)
        found = cache.snapshot()
        assert found is not None
        yield found
    config.use(None)
    st.cache_data.clear()
    st.cache_resource.clear()


def parts(of: Figures) -> list[Figures]:
    """The same figures for each audience alone."""
    ids = [int(each) for each in of.snapshot.frame("audiences")["id"]]
    return [figures(of.snapshot, replace(of.selection, audiences=(each,))) for each in ids]


@pytest.mark.parametrize(
    ("frame", "amount"),
    [
        ("month_end", "arr"),
        ("movements", "delta_arr"),
        ("month_end_subscribers", "subscribers"),
        ("transitions", "customers"),
        ("movement_customers", "customers"),
        ("cohort_month_end", "arr"),
        ("cohort_subscribers", "subscribers"),
        ("retention", "arr_kept"),
    ],
)
@pytest.mark.parametrize("selection", [ONE, replace(ONE, currency="usd")])
def test_audiences_add_up_to_everybody(
    snapshot: Snapshot, frame: str, amount: str, selection: Selection
) -> None:
    def sums(of: Figures) -> "pd.Series[int]":
        rows: pd.DataFrame = getattr(of, frame)
        rows = rows.loc[rows["currency"] == selection.currency]
        return rows.groupby("month")[amount].sum().astype("int64")

    whole = figures(snapshot, selection)
    added = pd.concat([sums(part) for part in parts(whole)]).groupby(level=0).sum()
    assert sums(whole).sum() != 0
    assert added.loc[added != 0].to_dict() == sums(whole).loc[lambda sums: sums != 0].to_dict()


def test_all_currencies_in_one_add_up_month_by_month(snapshot: Snapshot) -> None:
    of = figures(snapshot, EVERY)
    bridge = conversion.bridge(
        conversion.Converted(of.month_end, of.movements, of.left_out), EVERY
    ).set_index("month")
    ends = of.month_end.groupby("month")["arr"].sum()
    assert bridge["start"].iloc[1:].tolist() == bridge["end"].iloc[:-1].tolist()
    assert bridge["end"].to_dict() == {month: int(ends.get(month, 0)) for month in MONTHS}
    assert bridge["end"].iloc[-1] > 0


def test_customers_of_what_has_a_rate_are_counted(snapshot: Snapshot) -> None:
    of = figures(snapshot, EVERY)
    native = snapshot.frame("month_end_subscribers")
    rows = native.loc[one_currency.rated(native, of.rates)]
    counted = of.month_end_subscribers.groupby("month")["subscribers"].sum()
    assert counted.to_dict() == rows.groupby("month")["subscribers"].sum().to_dict()
    assert len(rows) < len(native)


def test_each_frame_has_the_reporting_currency_alone(snapshot: Snapshot) -> None:
    of = figures(snapshot, EVERY)
    frames = (of.month_end, of.movements, of.month_end_subscribers, of.transitions, of.retention,
              of.movement_customers, of.cohort_month_end, of.cohort_subscribers)  # fmt: skip
    assert {code for frame in frames for code in frame["currency"]} == {"usd"}
    assert all(len(frame) for frame in frames)


def test_what_has_no_rate_is_left_out_with_its_amount(snapshot: Snapshot) -> None:
    left = figures(snapshot, EVERY).left_out
    native = snapshot.frame("month_end")
    rated = {"usd", "eur", "gbp", "inr", "aud", "cad"}
    assert set(left["currency"]) == set(native["currency"]) - rated
    told = conversion.told(left, "2026-11")
    assert ("Left out" in told) == bool(len(left.loc[(left["month"] == "2026-11") & (left["arr"] != 0)]))


def test_a_list_of_all_currencies_is_in_one_and_the_largest_first(snapshot: Snapshot) -> None:
    rows = figures(snapshot, EVERY).rows("customers_held", snapshot.now, limit=20)
    assert len(rows) == 20
    assert set(rows["currency"]) == {"usd"}
    assert rows["arr"].tolist() == sorted(rows["arr"], reverse=True)


def test_a_list_is_narrowed_to_the_customers_chosen(snapshot: Snapshot) -> None:
    every = snapshot.frame("audiences")
    german = audiences.chosen(every, {"country": ["DE"]})
    known = set(snapshot.frame("customers_held", snapshot.now, limit=1000)["customer_id"])
    some = set(
        figures(snapshot, replace(ONE, audiences=german)).rows("customers_held", snapshot.now)["customer_id"]
    )
    assert some
    assert some < known


def test_frames_that_pages_narrow_take_audiences(snapshot: Snapshot) -> None:
    named = ("month_end", "movements", "month_end_subscribers", "transitions", "movement_customers",
             "cohort_month_end", "cohort_subscribers", "retention", "customers_of_month", "customers_held",
             "churned", "scheduled_churn", "renewals", "behind_arr", "behind_movements",
             "behind_retention")  # fmt: skip
    assert [name for name in named if not snapshot.takes(name, "audiences")] == []


@pytest.mark.parametrize("selection", [replace(ONE, currency="usd"), EVERY], ids=["one", "all in one"])
def test_what_is_owed_and_deferred_is_explained_to_the_last_unit(
    snapshot: Snapshot, selection: Selection
) -> None:
    owing = Owing(figures(snapshot, selection), snapshot.now)
    made = owing.explained(receivables.open_amount, tuple(receivables.AGES))
    whole = receivables.open_amount(owing.owed())
    assert made.figure == made.included["open"].sum() == whole > 0
    made = owing.explained_deferred()
    assert made.figure == made.included["amount"].sum() == owing.deferred()["revenue"].sum() > 0
    others = made.excluded.loc[made.excluded["currency"] != selection.currency].set_index("currency")["rows"]
    lines = snapshot.frame("service_ahead", snapshot.now).groupby("currency")["lines"].sum()
    assert "jpy" in others.index
    assert others.to_dict() == lines[others.index].to_dict()

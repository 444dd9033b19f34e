"""What Explain shows adds up to what the page shows, for any customers and in any currency."""

from collections.abc import Iterator

import pytest
import streamlit as st
from hypothesis import given, settings
from hypothesis import strategies as strategy

from dashboard import cache, explaining
from dashboard.explaining import Asked
from dashboard.figures import figures
from dashboard.metrics import plan_mix
from dashboard.metrics.explain import EXPLAINED
from dashboard.metrics.kinds import KINDS
from dashboard.metrics.selection import Selection
from data import config
from data.clock import months_between
from tests.pages.business import fill_for_filters

MONTHS = tuple(months_between("2026-01", "2026-11"))
SOME = strategy.none() | strategy.sets(strategy.integers(0, 20), max_size=2)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cache.Snapshot]:
    url = f"sqlite:///{tmp_path_factory.mktemp('explaining') / 'dashboard.db'}"
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


@strategy.composite
def asked(draw: strategy.DrawFn, snapshot: cache.Snapshot) -> Asked:
    """Any month of any selection."""
    products = sorted(snapshot.frame("products")["product_id"])
    known = sorted(int(each) for each in snapshot.frame("audiences")["id"])
    plans, ids = draw(SOME), draw(SOME)
    converted = draw(strategy.booleans())
    selection = Selection(
        "usd" if converted else draw(strategy.sampled_from(["usd", "eur", "gbp", "jpy"])),
        MONTHS,
        None if plans is None else frozenset(products[each % len(products)] for each in plans),
        draw(strategy.sampled_from([None, frozenset({"1month"}), frozenset({"1year", "3month"})])),
        None if ids is None else tuple(sorted({known[each % len(known)] for each in ids})),
        converted,
    )
    return Asked(snapshot, selection, draw(strategy.sampled_from(MONTHS)))


@settings(max_examples=8)
@given(data=strategy.data())
def test_explained_amounts_are_those_of_the_page(snapshot: cache.Snapshot, data: strategy.DataObject) -> None:
    wanted = data.draw(asked(snapshot))
    of = figures(snapshot, wanted.selection)
    arr = explaining.explanation("arr", wanted)
    assert arr.figure == plan_mix.run_rate(of.month_end, wanted.selection, wanted.month)
    for kind, metric in KINDS.items():
        made = explaining.explanation(kind, wanted)
        assert made.figure == metric(of.movements, wanted.selection, wanted.month), kind
        assert made.figure == made.included["delta_arr"].sum()


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_figure_is_explained_in_one_currency_too(snapshot: cache.Snapshot, name: str) -> None:
    wanted = Asked(snapshot, Selection("usd", MONTHS, converted=True), "2026-10")
    made = explaining.explanation(name, wanted)
    assert explaining.figure_told(made, "usd")
    assert set(made.included["currency"]) <= {"usd"}
    assert "jpy" not in set(made.included["currency"])

"""What pages are made of is kept: a second run reads and builds nothing, and changes nothing."""

import pandas as pd
import pytest

from dashboard import cache
from tests.pages.conftest import ROOT, App

SOME = ("plan_mix", "growth", "churn", "retention", "renewals", "receivables", "data_health", "pipeline")


def fingerprints() -> dict[object, str]:
    """Everything that is kept by key, with what is in it where it is a frame."""
    kept = cache._store()._values
    return {
        key: repr(each.to_dict("list")) if isinstance(each, pd.DataFrame) else ""
        for key, each in kept.items()
    }


@pytest.mark.parametrize("currency", ["usd", "all"])
def test_a_second_run_builds_nothing_and_changes_no_frame(open_app: App, currency: str) -> None:
    app = open_app("overview", currency=currency)
    for page in SOME:
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        before = fingerprints()
        app.run()
        assert not app.exception
        after = fingerprints()
        assert after.keys() == before.keys(), page
        assert after == before, page
    assert len(before) > 40

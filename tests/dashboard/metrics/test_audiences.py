"""Which audiences a choice of countries, segments and account managers means."""

import pandas as pd

from dashboard.metrics import audiences

FRAME = pd.DataFrame(
    {
        "id": [0, 1, 2, 3],
        "country": [None, "DE", "DE", "US"],
        "segment": [None, "SMB", None, "SMB"],
        "account_manager": [None, "Ada", "Ada", "Ada"],
    }
)


def test_what_there_is_to_choose_from() -> None:
    assert audiences.options(FRAME) == {"country": ["DE", "US"], "segment": ["SMB", "Unknown"]}
    assert audiences.options(FRAME.head(0)) == {}


def test_nothing_chosen_is_everybody() -> None:
    assert audiences.chosen(FRAME, {}) is None
    assert audiences.chosen(FRAME, {"country": []}) is None


def test_choices_narrow_each_other() -> None:
    assert audiences.chosen(FRAME, {"country": ["DE"]}) == (1, 2)
    assert audiences.chosen(FRAME, {"country": ["DE", "US"], "segment": ["SMB"]}) == (1, 3)
    assert audiences.chosen(FRAME, {"segment": ["Unknown"], "country": ["US"]}) == ()

"""Data health as pictures."""

import pandas as pd

from dashboard.charts import health, palette, template


def test_the_most_trusted_evidence_is_at_the_bottom() -> None:
    cells = [("2026-10", "As it is now", 1200), ("2026-10", "Other", 12), ("2026-10", "Events", 2400)]
    drawn = health.rests_on(pd.DataFrame(cells, columns=["month", "group", "arr"]), "usd", "2026-10")
    assert [bar.name for bar in drawn.data] == ["Events", "As it is now", "Other"]
    assert [bar.y[0] for bar in drawn.data] == [2.0, 1.0, 0.01]
    assert drawn.data[0].marker.color == palette.EVIDENCE["Events"]
    assert list(drawn.data[0].marker.opacity) == [template.PARTIAL]


def test_what_may_be_off_is_drawn_by_month() -> None:
    frame = pd.DataFrame({"month": ["2026-09", "2026-10"], "arr": [0, 1200], "changes": [0, 1]})
    drawn = health.undated(frame, "jpy", None)
    assert list(drawn.data[0].y) == [0.0, 100.0]
    assert list(drawn.data[0].customdata) == ["¥0", "¥100"]

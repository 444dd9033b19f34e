"""MRR in one currency as a picture."""

import pandas as pd

from dashboard.charts import exchange, palette

COLUMNS = ["month", "currency", "own", "arr"]


def test_what_has_no_rate_is_not_drawn() -> None:
    cells = [("2026-09", "eur", 1200, None), ("2026-10", "eur", 1200, 1320), ("2026-10", "usd", 2400, 2400)]
    frame = pd.DataFrame(cells, columns=COLUMNS).astype({"arr": "Int64"})
    drawn = exchange.by_currency(frame, ["usd", "eur", "gbp"], "usd", None)
    assert [bar.name for bar in drawn.data] == ["USD", "EUR"]
    assert list(drawn.data[1].y) == [1.1]
    assert drawn.data[1].customdata[0] == "$1.10 from €1.00"
    assert [bar.marker.color for bar in drawn.data] == list(palette.CURRENCIES[:2])

"""What each customer holds, as a portfolio, whenever it changes."""

import pandas as pd

from data.rollups.grouping import CELL, HOLDER, summed


def portfolios(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The portfolio of each group of distinct cells."""
    named = cells[by].assign(portfolio=cells["plan"] + ":" + cells["interval"])
    named = named.sort_values([*by, "portfolio"], ignore_index=True)
    several = named.duplicated(by, keep=False)
    joined = named[several].groupby(by)["portfolio"].agg("|".join).reset_index()
    return pd.concat([named[~several], joined], ignore_index=True)


def holdings(frame: pd.DataFrame) -> pd.DataFrame:
    """Each customer's holdings around every month in which anything moved, by currency, in order of time.

    customer_id, currency, month, held_before and held_after (portfolios), arr (after).
    """
    cells = summed(frame, [*HOLDER, *CELL, "month"], ["delta_arr"])
    months = cells[[*HOLDER, "month"]].drop_duplicates()
    grid = cells[[*HOLDER, *CELL]].drop_duplicates().merge(months, on=HOLDER)
    grid = grid.merge(cells, how="left", on=[*HOLDER, *CELL, "month"]).sort_values([*HOLDER, *CELL, "month"])
    change = grid["delta_arr"].fillna(0).astype("int64")
    grid["arr"] = change.groupby([grid[name] for name in (*HOLDER, *CELL)]).cumsum()
    held = summed(grid, [*HOLDER, "month"], ["arr"])
    named = portfolios(grid[grid["arr"] > 0], [*HOLDER, "month"])
    held = held.merge(named, how="left", on=[*HOLDER, "month"]).sort_values([*HOLDER, "month"])
    held["held_after"] = held["portfolio"].fillna("")
    held["held_before"] = held.groupby(HOLDER)["held_after"].shift(fill_value="")
    return held[[*HOLDER, "month", "held_before", "held_after", "arr"]]

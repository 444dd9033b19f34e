"""What each customer holds, as a portfolio, whenever it changes."""

import pandas as pd

from data.rollups.grouping import HOLDER, summed


def portfolios(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The portfolio of each group of distinct cells, as text."""
    named = cells[[*by, "cell"]].sort_values([*by, "cell"], ignore_index=True)
    named = named.rename(columns={"cell": "portfolio"}).astype({"portfolio": "str"})
    several = named.duplicated(by, keep=False)
    joined = named[several].groupby(by)["portfolio"].agg("|".join).reset_index()
    return pd.concat([named[~several], joined], ignore_index=True)


def holdings(frame: pd.DataFrame) -> pd.DataFrame:
    """Each customer's holdings around every month in which anything moved, by currency, in order of time.

    customer_id, currency, month, held_before and held_after (portfolios), arr (after).
    """
    key = [*HOLDER, "cell"]
    cells = summed(frame, [*key, "month"], ["delta_arr"]).astype({"delta_arr": "Int64"})
    months = cells[[*HOLDER, "month"]].drop_duplicates()
    grid = cells[key].drop_duplicates().merge(months, on=HOLDER)
    grid = grid.merge(cells, how="left", on=[*key, "month"]).sort_values([*key, "month"])
    change = grid["delta_arr"].fillna(0).astype("int64")
    grid["arr"] = change.groupby([grid[name] for name in key]).cumsum()
    held = summed(grid, [*HOLDER, "month"], ["arr"])
    named = portfolios(grid[grid["arr"] > 0], [*HOLDER, "month"])
    held = held.merge(named, how="left", on=[*HOLDER, "month"]).sort_values([*HOLDER, "month"])
    names = held["portfolio"].astype("str").fillna("")
    held["held_after"] = pd.Categorical(names, sorted({"", *names.unique()}))
    held["held_before"] = held["held_after"].shift().where(held.duplicated(HOLDER), "")
    return held[[*HOLDER, "month", "held_before", "held_after", "arr"]]

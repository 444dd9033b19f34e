"""What each customer holds, as a portfolio, whenever it changes."""

import pandas as pd

from data.rollups.grouping import summed

KEY = ["holder", "month"]


def portfolios(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The portfolio of each group of distinct cells, as text."""
    several = cells.duplicated(by, keep=False)
    named = cells[[*by, "cell"]].rename(columns={"cell": "portfolio"}).astype({"portfolio": "str"})
    mixed = named[several].sort_values([*by, "portfolio"])
    joined = mixed.groupby(by)["portfolio"].agg("|".join).reset_index()
    return pd.concat([named[~several], joined], ignore_index=True)


def holdings(frame: pd.DataFrame) -> pd.DataFrame:
    """Each customer's holdings around every month in which anything moved, by currency, in order of time.

    holder, customer_id, audience_id, currency, month, held_before and held_after (portfolios), arr (after).
    """
    cells = frame[["holder", "cell"]].drop_duplicates()
    mixed = frame["holder"].isin(cells.loc[cells.duplicated("holder"), "holder"])
    parts = [_of_one_cell(frame[~mixed]), _of_several(frame[mixed])]
    held = pd.concat(parts, ignore_index=True).sort_values(KEY, ignore_index=True)
    names = held["portfolio"].where(held["arr"] > 0, "")
    held["held_after"] = pd.Categorical(names, sorted({"", *names.unique()}))
    held["held_before"] = held["held_after"].shift().where(held.duplicated("holder"), "")
    people = frame.drop_duplicates("holder").set_index("holder")[["customer_id", "audience_id", "currency"]]
    return held.drop(columns="portfolio").join(people, on="holder")


def _of_one_cell(frame: pd.DataFrame) -> pd.DataFrame:
    """The ARR after every month, and the name of the one cell that each holder ever had."""
    held = summed(frame, KEY, ["delta_arr"]).rename(columns={"delta_arr": "arr"})
    names = frame.drop_duplicates("holder").set_index("holder")["cell"].astype("str")
    return held.assign(arr=held.groupby("holder")["arr"].cumsum(), portfolio=held["holder"].map(names))


def _of_several(frame: pd.DataFrame) -> pd.DataFrame:
    """The ARR after every month, and the names of the cells above 0, of holders who had several."""
    cells = summed(frame, ["holder", "cell", "month"], ["delta_arr"]).astype({"delta_arr": "Int64"})
    grid = cells[["holder", "cell"]].drop_duplicates().merge(cells[KEY].drop_duplicates(), on="holder")
    grid = grid.merge(cells, how="left", on=["holder", "cell", "month"]).sort_values(
        ["holder", "cell", "month"]
    )
    change = grid["delta_arr"].fillna(0).astype("int64")
    grid["arr"] = change.groupby([grid["holder"], grid["cell"]]).cumsum()
    named = portfolios(grid[grid["arr"] > 0], KEY)
    return summed(grid, KEY, ["arr"]).merge(named, how="left", on=KEY)

"""What stays: cohorts as a triangle, their mean curve, revenue kept by group, lifetimes by plan."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.formatting import is_missing
from dashboard.metrics.definitions import metric
from dashboard.metrics.rates.kept import gross_retention, net_retention
from dashboard.metrics.rates.survival import days_until, survival

MEASURES = {"customers": "customers_share", "arr": "arr_share"}
KEPT = ("customers", "lost", "arr_start", "arr_kept", "arr_end")
FEWEST = 3  # cohorts; one alone would make the end of the curve jump
CURVE = ["plan", "days", "share", "low", "high", "at_risk", "left"]


def won(cohorts: pd.DataFrame) -> pd.DataFrame:
    """The cohorts that won anybody: those with nobody at the end of their first month have no shares."""
    first = cohorts.loc[cohorts["age"] == 0].set_index("cohort")["customers"]
    return cohorts.loc[cohorts["cohort"].map(first).gt(0)].reset_index(drop=True)


def mean_curve(cohorts: pd.DataFrame) -> pd.DataFrame:
    """All cohorts together by age: age, cohorts, and of each measure first, now and share.

    At each age over the cohorts that have lived through it wholly; ages of fewer than FEWEST are left out.
    """
    rows = cohorts.loc[~cohorts["partial"]]
    first = cohorts.loc[cohorts["age"] == 0].set_index("cohort")[["customers", "arr"]]
    began = rows["cohort"].map(first["customers"]), rows["cohort"].map(first["arr"])
    rows = rows.assign(customers_first=began[0], arr_first=began[1])
    columns = ["customers_first", "customers", "arr_first", "arr"]
    sums = rows.groupby("age")[columns].sum().assign(cohorts=rows.groupby("age")["cohort"].nunique())
    frame = sums.reset_index()
    for name in MEASURES:
        pairs = zip(frame[f"{name}_first"], frame[name], strict=True)
        frame[MEASURES[name]] = pd.Series(
            [None if not first else float(now) / float(first) for first, now in pairs], dtype="Float64"
        )
    enough = frame["cohorts"] >= min(FEWEST, frame["cohorts"].max()) if len(frame) else []
    return frame.loc[enough, ["age", "cohorts", *columns, *MEASURES.values()]].reset_index(drop=True)


@metric(
    "Customers kept after 12 months",
    "share",
    "Over all cohorts that are 12 months old or older: subscribers at the end of the 12th month after the "
    "first, divided by those at the end of the first.",
)
def after_a_year(curve: pd.DataFrame) -> float | None:
    """The mean curve at 12 months; None where no cohort is so old."""
    rows = curve.loc[curve["age"] == 12, "customers_share"]
    return None if rows.empty or is_missing(rows.iloc[0]) else float(rows.iloc[0])


@metric(
    "Half-life",
    "days",
    "After so many days half of the customers are still subscribed and half have left: the median of the "
    "survival curve. Not known while more than half stay.",
    source="Kaplan and Meier (1958)",
)
def half_life(curve: pd.DataFrame) -> int | None:
    """The median lifetime in days of a survival curve; None where it has not come to that."""
    return days_until(curve) if len(curve) else None


def by_group(groups: Mapping[str, pd.DataFrame], month: str) -> pd.DataFrame:
    """Revenue kept of each group over the period that ends with a month.

    group, customers (at its start), lost, logo (the share of them who stayed), arr_start, arr_kept, arr_end,
    grr, nrr. groups are frames of rates.kept by group; one that had nobody at the start is left out.
    """
    rows = []
    for name, frame in groups.items():
        found = frame.loc[frame.index == month, list(KEPT)].to_numpy().tolist()
        if not found or not int(found[0][0]):
            continue
        counted = {part: int(value) for part, value in zip(KEPT, found[0], strict=True)}
        grr = gross_retention(counted["arr_start"], counted["arr_kept"]).number
        nrr = net_retention(counted["arr_start"], counted["arr_end"]).number
        stayed = 1 - counted["lost"] / counted["customers"]
        rows.append({"group": name, **counted, "logo": stayed, "grr": grr, "nrr": nrr})
    columns = ["group", *KEPT, "logo", "grr", "nrr"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("logo", "grr", "nrr"), "Float64"))


def over_time(kept: pd.DataFrame) -> pd.DataFrame:
    """Revenue kept month by month: month, customers, arr_start, arr_kept, arr_end, grr, nrr."""
    frame = kept.reset_index(names="month")
    starts = frame["arr_start"].tolist()
    grr = [gross_retention(*pair).number for pair in zip(starts, frame["arr_kept"].tolist(), strict=True)]
    nrr = [net_retention(*pair).number for pair in zip(starts, frame["arr_end"].tolist(), strict=True)]
    frame = frame.assign(
        **{
            name: pd.Series(rates, index=frame.index, dtype="Float64")
            for name, rates in (("grr", grr), ("nrr", nrr))
        }
    )
    return frame[["month", "customers", "arr_start", "arr_kept", "arr_end", "grr", "nrr"]]


def curves(lifetimes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Survival curves one after the other: CURVE. plan is what the customers began with."""
    made = [survival(frame).assign(plan=name) for name, frame in lifetimes.items() if len(frame)]
    whole = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=CURVE)
    return whole[CURVE]


def lived(lifetimes: Mapping[str, pd.DataFrame], at: Sequence[int] = (90, 365)) -> pd.DataFrame:
    """Lifetimes by plan: plan, customers, left, half_life (days), share_90, share_365, each with its band."""
    rows = []
    for name, frame in lifetimes.items():
        curve = survival(frame)
        if curve.empty:
            continue
        row: dict[str, object] = {"plan": name, "customers": int(frame["customers"].sum())}
        row["left"] = int(frame.loc[~frame["censored"], "customers"].sum())
        row["half_life"] = half_life(curve)
        longest = int(frame["days"].max())
        for days in at:
            row |= _at(curve, days, longest)
        rows.append(row)
    columns = ["plan", "customers", "left", "half_life"]
    columns += [f"{part}_{days}" for days in at for part in ("share", "low", "high")]
    return pd.DataFrame(rows, columns=columns).astype({"half_life": "Int64"})


def _at(curve: pd.DataFrame, days: int, longest: int) -> dict[str, float | None]:
    """The curve after so many days; missing beyond the longest time that anybody was observed."""
    if days > longest:
        return {f"{part}_{days}": None for part in ("share", "low", "high")}
    row = curve.loc[curve["days"] <= days].iloc[-1]
    return {
        f"{part}_{days}": None if is_missing(row[part]) else float(row[part])
        for part in ("share", "low", "high")
    }

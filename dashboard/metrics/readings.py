"""What was read from the sources, and what was not and why."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd

from dashboard.formatting import count, day, is_missing, moment, plural, word
from dashboard.metrics.definitions import metric

APPLICATION = "application database"
NAMES = {"invoiceitems": "invoice items"}
STATES = {"ok": "Read", "forbidden": "Not permitted", "unknown": "Not offered", "failed": "Failed"}
SENTENCES = {
    "forbidden": "The key may not read {}.",
    "unknown": "This account has no {}.",
    "failed": "Reading {} failed.",
}


@metric(
    "Age of the data",
    "minutes",
    "Time since the last sync that came to its end: nothing that Stripe had then is missing.",
)
def age(checked: datetime, now: datetime) -> timedelta:
    """How long ago the data was last found to be what Stripe has; never below 0."""
    return max(now - checked, timedelta(0))


@metric(
    "Resources not read",
    "resources",
    "Kinds of object that Stripe refused, does not have, or failed to give, and the application database "
    "where its copy failed.",
)
def not_read(resources: pd.DataFrame) -> int:
    """How many of the resources are in another state than ok."""
    return int((resources["state"] != "ok").sum())


def resources(frame: pd.DataFrame) -> pd.DataFrame:
    """What is read from Stripe, what is amiss first: name, told (the state), sentence, read_at."""
    rows = frame.loc[frame["resource"] != APPLICATION]
    told = rows.assign(
        name=[_name(each).capitalize() for each in rows["resource"]],
        told=[STATES.get(str(state), word(str(state))) for state in rows["state"]],
        sentence=[sentence(*each) for each in rows[["resource", "state", "error"]].itertuples(index=False)],
        fine=[state == "ok" for state in rows["state"]],
    )
    return told.sort_values(["fine", "name"], ignore_index=True)


def application(frame: pd.DataFrame) -> "pd.Series[str] | None":
    """The row of the application database; None where none was ever copied."""
    rows = frame.loc[frame["resource"] == APPLICATION]
    return None if rows.empty else rows.iloc[0]


def told(state: "pd.Series[str] | None", extent: pd.DataFrame) -> Iterator[str]:
    """The state of the application database in sentences; extent is the frame application_extent."""
    if state is None:
        yield "No application database is connected, so accounts, capacity and use are not known."
        return
    if state["state"] != "ok":
        yield sentence(state["resource"], state["state"], state["error"])
    found = extent.iloc[0]
    if is_missing(found["observed_at"]):
        yield "No account was ever copied from it."
        return
    unlinked = f"{count(found['unlinked'])} of them without a Stripe customer"
    yield f"{plural(int(found['accounts']), 'account')}, {unlinked}, copied {moment(found['observed_at'])}."
    if is_missing(found["used_on"]):
        yield "The use of no account is known."
    else:
        yield f"Use is known of {plural(int(found['used']), 'account')}, until {day(found['used_on'])}."


def sentence(resource: object, state: object, error: object) -> str:
    """Why, in the words that were written down, or else in our own; nothing when it was read."""
    if is_missing(error):
        return SENTENCES.get(str(state), "").format(_name(resource))
    return str(error)


def _name(resource: object) -> str:
    return NAMES.get(str(resource), str(resource).replace("_", " "))


def unheard(gaps: pd.DataFrame) -> Iterator[str]:
    """Stretches without events in sentences, the latest first; gaps is the frame event_gaps."""
    ends = (gaps.iloc[::-1][name].tolist() for name in ("from_at", "to_at"))
    for left, heard in zip(*ends, strict=True):
        yield (
            f"No event of {day(left)} to {day(heard)} was heard: the app was away for longer than "
            "Stripe keeps events. What changed then is told by invoices alone, where they tell it."
        )

"""The same month's MRR by our definition, by Stripe's and by ChartMogul's: each difference as an amount.

What cannot be told from Stripe's API has no amount, and is named all the same.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from dashboard.metrics.definitions import metric
from dashboard.metrics.differences import CHARTMOGUL, DIFFERENCES, STRIPE, Definition, Difference, Parts
from dashboard.metrics.selection import Selection

COLUMNS = ["definition", "key", "name", "arr", "items", "explanation", "source", "optional"]
DTYPES = {"arr": "Int64", "items": "Int64", "optional": "bool"}


@metric(
    "Stripe's MRR",
    "amount a month",
    "MRR as Stripe Billing publishes its definition: active and past due subscriptions, less coupons that "
    "last forever, without those set to cancel, trials, tax and metered prices.",
    source=STRIPE,
)
def stripes(parts: Parts, selection: Selection, without: frozenset[str] = frozenset()) -> int:
    """ARR by Stripe's definition, in minor units, as far as its API shows it."""
    return _theirs(parts, selection, "stripe", without)


@metric(
    "ChartMogul's MRR",
    "amount a month",
    "MRR as ChartMogul publishes its definition with its settings as they come: what was billed to customers "
    "who have paid once, until a subscription is canceled, unpaid and paused ones included.",
    source=CHARTMOGUL,
)
def chartmoguls(parts: Parts, selection: Selection, without: frozenset[str] = frozenset()) -> int:
    """ARR by ChartMogul's definition, in minor units, as far as Stripe's API shows it."""
    return _theirs(parts, selection, "chartmogul", without)


NAMES: Mapping[Definition, str] = {"stripe": stripes.name, "chartmogul": chartmoguls.name}


def _theirs(parts: Parts, selection: Selection, definition: Definition, without: frozenset[str]) -> int:
    rows = _of(selection.cells(parts), definition, without)
    return int(rows[-1][3] or 0)


def bridge(parts: Parts, selection: Selection, without: frozenset[str] = frozenset()) -> pd.DataFrame:
    """COLUMNS: for each definition ours, the differences in their order, and theirs; ARR in minor units.

    parts is the frame bridge_parts of a month. ours + the differences = theirs, exactly; arr and items are
    missing where they cannot be known. without: keys of differences that the other tool is set not to have.
    """
    held = selection.cells(parts)
    rows = [row for definition in DIFFERENCES for row in _of(held, definition, without)]
    return pd.DataFrame(rows, columns=COLUMNS).astype(DTYPES)


Row = tuple[Definition, str, str, int | None, int | None, str, str, bool]


def _of(held: Parts, definition: Definition, without: frozenset[str]) -> list[Row]:
    counted = held.loc[held["part"] == "counted"]
    ours = int(counted["arr"].sum())
    told = [
        (definition, each.key, each.name, arr, items, each.explanation, each.source, each.optional)
        for each, arr, items in _differences(held, DIFFERENCES[definition], without)
    ]
    theirs = ours + sum(row[3] or 0 for row in told)
    first = (definition, "ours", "MRR here", ours, None, "", "", False)
    return [first, *told, (definition, "theirs", NAMES[definition], theirs, None, "", "", False)]


def _differences(
    held: Parts, every: tuple[Difference, ...], without: frozenset[str]
) -> Iterator[tuple[Difference, int | None, int | None]]:
    """Each difference that there is, with its signed ARR and how many items it is of."""
    for each in every:
        if each.key in without:
            continue
        if each.parts is None:
            yield each, None, None
            continue
        rows = held.loc[each.parts(held, without).fillna(False)]
        items = None if rows["items"].isna().any() else int(rows["items"].sum())
        if each.sign:
            yield each, each.sign * int(rows["arr"].sum()), items
        elif len(rows):
            yield each, None, items


def sentence(rows: pd.DataFrame, definition: Definition) -> str:
    """How much their MRR is above or below ours, and which known difference is most of it."""
    mine = rows.loc[rows["definition"] == definition]
    ours, theirs = int(mine["arr"].iloc[0]), int(mine["arr"].iloc[-1])
    name = NAMES[definition]
    if ours == theirs:
        return f"{name} is the same as ours, as far as it can be known."
    told = f"{name} is {'above' if theirs > ours else 'below'} ours"
    if ours:
        told = f"{name} is {abs(theirs - ours) / ours:.1%} {'above' if theirs > ours else 'below'} ours"
    parts = mine.iloc[1:-1].dropna(subset=["arr"])
    most = parts.iloc[int(parts["arr"].abs().argmax())]
    return f"{told}; the most of it: {str(most['name'])[0].lower()}{str(most['name'])[1:]}."

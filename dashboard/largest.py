"""The largest movements of a month with their mechanical reasons, of one currency or of all converted."""

from typing import Any

import pandas as pd

from dashboard.figures import Figures
from dashboard.metrics import reasons
from dashboard.metrics.conversion import IMPACT
from dashboard.metrics.plans import names

EXCHANGE = "Exchange rates"


def largest(of: Figures, month: str, limit: int) -> pd.DataFrame:
    """customer_id, name, account_manager, currency, day, kind, delta_arr, reason, detail; the largest first.

    Where currencies are converted, the amounts are in the selection's, at the rate of the month, and what
    exchange rates did is a row without a customer.
    """
    return of.snapshot.kept("largest", (*of.key, month, limit), lambda: _largest(of, month, limit))


def _largest(of: Figures, month: str, limit: int) -> pd.DataFrame:
    snapshot, selection = of.snapshot, of.selection
    moves = _moves(of, month, {"limit": limit})
    days = tuple(
        (str(name), day.date()) for name, day in zip(moves["customer_id"], moves["day"], strict=True)
    )
    changes = snapshot.frame("item_changes", snapshot.now, tuple(sorted(set(days))))
    parts = reasons.reasons(moves, changes, names(snapshot.frame("products")), selection)
    told = reasons.summary(moves, parts)
    if selection.converted:
        told = pd.concat([_converted(of, told), _exchange(of, month)], ignore_index=True)
    return _ranked(told, limit)


def moved(of: Figures, first: str, last: str, kinds: tuple[str, ...] | None, limit: int) -> pd.DataFrame:
    """Who moved from a month to another, the largest first: the columns of `largest` without its reasons.

    Where currencies are converted, at the rate of the movement's own month.
    """
    moves = _moves(of, first, {"last": last, "kinds": kinds, "limit": limit})
    return _ranked(_converted(of, moves) if of.selection.converted else moves, limit)


def _moves(of: Figures, month: str, asked: dict[str, Any]) -> pd.DataFrame:
    """The largest of each currency, in its own money."""
    snapshot, selection = of.snapshot, of.selection
    chosen = snapshot.narrowed("largest_movements", selection) | asked
    codes = selection.currencies or sorted({str(code) for code in snapshot.frame("month_end")["currency"]})
    frames = [snapshot.frame("largest_movements", month, **chosen | {"currencies": [code]}) for code in codes]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def _ranked(moves: pd.DataFrame, limit: int) -> pd.DataFrame:
    order = moves["delta_arr"].abs().sort_values(ascending=False, kind="stable").index
    return moves.loc[order].head(limit).reset_index(drop=True)


def _converted(of: Figures, moves: pd.DataFrame) -> pd.DataFrame:
    """Movements at the rate of their month; those without one are left out."""
    pairs = list(zip(moves["currency"].astype(str), moves["day"].dt.strftime("%Y-%m"), strict=True))
    rates = {pair: of.rates.average(*pair) for pair in set(pairs)}
    amounts = [
        None if (rate := rates[pair]) is None else of.rates.converted(int(delta), pair[0], rate)
        for delta, pair in zip(moves["delta_arr"], pairs, strict=True)
    ]
    moves = moves.assign(delta_arr=pd.Series(amounts, index=moves.index, dtype="Int64"))
    return moves.loc[moves["delta_arr"].notna()]


def _exchange(of: Figures, month: str) -> pd.DataFrame:
    """What exchange rates alone did to the month, as a row of no customer; none where they did nothing."""
    rows = of.selection.cells(of.movements)
    impact = int(rows.loc[(rows["month"] == month) & (rows["kind"] == IMPACT), "delta_arr"].sum())
    told = {"name": "Every customer", "kind": IMPACT, "reason": EXCHANGE, "detail": ""}
    return pd.DataFrame([told | {"delta_arr": impact}] if impact else [])

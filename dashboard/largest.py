"""The largest movements of a month with their mechanical reasons, of one currency or of all converted."""

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
    chosen = snapshot.narrowed("largest_movements", selection) | {"limit": limit}
    codes = selection.currencies or sorted({str(code) for code in snapshot.frame("month_end")["currency"]})
    frames = [snapshot.frame("largest_movements", month, **chosen | {"currencies": [code]}) for code in codes]
    moves = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    days = tuple(
        (str(name), day.date()) for name, day in zip(moves["customer_id"], moves["day"], strict=True)
    )
    changes = snapshot.frame("item_changes", snapshot.now, tuple(sorted(set(days))))
    parts = reasons.reasons(moves, changes, names(snapshot.frame("products")), selection)
    told = reasons.summary(moves, parts)
    if selection.converted:
        told = _converted(of, told, month)
    order = told["delta_arr"].abs().sort_values(ascending=False, kind="stable").index
    return told.loc[order].head(limit).reset_index(drop=True)


def _converted(of: Figures, moves: pd.DataFrame, month: str) -> pd.DataFrame:
    rates = {str(code): of.rates.average(str(code), month) for code in moves["currency"].unique()}
    moves = moves.loc[[rates[str(code)] is not None for code in moves["currency"]]]
    amounts = [
        of.rates.converted(int(delta), str(code), rate)
        for delta, code in zip(moves["delta_arr"], moves["currency"], strict=True)
        if (rate := rates[str(code)]) is not None
    ]
    moves = moves.assign(delta_arr=pd.Series(amounts, index=moves.index, dtype="Int64"))
    rows = of.selection.cells(of.movements)
    impact = int(rows.loc[(rows["month"] == month) & (rows["kind"] == IMPACT), "delta_arr"].sum())
    if not impact:
        return moves
    row = {
        "currency": of.selection.currency,
        "kind": IMPACT,
        "delta_arr": impact,
        "reason": EXCHANGE,
        "detail": "",
    }
    return pd.concat([moves, pd.DataFrame([row])], ignore_index=True)

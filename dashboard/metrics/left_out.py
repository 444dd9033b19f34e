"""Why a row of the frame behind a figure is not in it, in a sentence; empty where it is."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from dashboard.metrics import renewals
from dashboard.metrics.selection import Selection
from data.history.words import EVIDENCE

Row = Mapping[Any, Any]
Reason = Callable[[Row, Selection], str]


def elsewhere(row: Row, selection: Selection) -> str:
    """In another currency, or of other customers than those selected."""
    if row["currency"] != selection.currency:
        return f"In another currency: {str(row['currency']).upper()}."
    return "Of another country, segment or account manager than those selected." if row.get("outside") else ""


def of_another_cell(row: Row, selection: Selection) -> str:
    """Of another plan or interval, too."""
    if reason := elsewhere(row, selection):
        return reason
    if selection.products is not None and row["product_id"] not in selection.products:
        return "Another plan than those selected."
    if selection.intervals is not None and row["interval"] not in selection.intervals:
        return "Another interval than those selected."
    return ""


def not_counted(row: Row, selection: Selection) -> str:
    """A row of the timeline that is zero."""
    if not row["counted"]:
        return EVIDENCE.get(str(row["evidence"]), f"Not counted: {row['evidence']}.")
    return of_another_cell(row, selection)


def but(*kinds: str) -> Reason:
    """A movement of any kind but these."""

    def reason(row: Row, selection: Selection) -> str:
        told = of_another_cell(row, selection)
        return told or ("" if row["kind"] in kinds else f"Another kind of movement: {row['kind']}.")

    return reason


def not_held(row: Row, selection: Selection) -> str:
    """A customer who holds nothing of what is selected."""
    return elsewhere(row, selection) or ("" if row["held"] else "Holds nothing of what is selected.")


def not_of_the_base(row: Row, selection: Selection) -> str:
    """A customer outside what is measured over the subscribers of a period's start."""
    if reason := elsewhere(row, selection):
        return reason
    if row["held"]:
        return ""
    if row["based"]:
        return "Held nothing of what is selected at the start of the period."
    if pd.isna(row["first"]):
        return "New, won or won back in the period."
    return "New in the period." if row["first"] else "Won or won back in the period."


def not_due(row: Row, selection: Selection) -> str:
    """A renewal of other plans or another interval, or of what comes again all the time."""
    if reason := not_selected(row, selection):
        return reason
    again = renewals.comes_again(str(row["interval"]), str(row["governs"]))
    return "Billed by the month or more often: it comes again each time." if again else ""


def not_selected(row: Row, selection: Selection) -> str:
    """A renewal of other plans or another interval."""
    if reason := elsewhere(row, selection):
        return reason
    if selection.intervals is not None and row["interval"] not in selection.intervals:
        return "Another interval than those selected."
    if selection.products is not None and not selection.products & set(str(row["product_ids"]).split("|")):
        return "Another plan than those selected."
    return ""

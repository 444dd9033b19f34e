"""Movements as the small monthly tables that pages read.

Every rollup is a sum over customers, so a refresh adds what the touched customers contribute now and takes
away what they contributed before. `plan` and `interval` together are a cell; a portfolio is the sorted cells
of a customer as "plan:interval|plan:interval", empty for no subscriber. Each row is of one audience, 0 being
everybody; customers are also counted over all currencies together, under an empty currency.
"""

from datetime import datetime

import pandas as pd
from sqlalchemy import Table

from data.clock import month_of
from data.rollups.balances import month_ends, movement_customers, subscribers, transitions
from data.rollups.cohorts import cohort_month_ends, cohort_subscribers
from data.rollups.grouping import CELL, HOLDER, MONTHS, coded, month_number, month_text, summed
from data.rollups.portfolios import holdings
from data.rollups.retention import retention
from data.rollups.storing import MEASURES, Rollups, adjust, extend, records, replace
from data.tables import ledger

__all__ = ["EVERYBODY", "MEASURES", "Rollups", "adjust", "change", "extend", "records", "replace", "rollups"]

EVERYBODY = 0
"""The audience of rows that are over all customers."""
TAKEN = "-"
TOGETHER = ("", TAKEN)


def rollups(movements: pd.DataFrame, now: datetime) -> Rollups:
    """What some customers' movements contribute to every rollup, up to the month of now.

    The movements have the audience_id of their customer.
    """
    until = month_number(month_of(now))
    frame, people = coded(movements), coded(_together(movements))
    held = holdings(people)
    found = {
        ledger.month_movement: summed(
            frame, ["audience_id", "month", "currency", "kind", *CELL], ["delta_arr"]
        ),
        ledger.month_movement_customers: movement_customers(people),
        ledger.month_end: month_ends(frame, until),
        ledger.month_end_subscribers: subscribers(held, until),
        ledger.month_transition: transitions(people, held),
        ledger.cohort_month_end: cohort_month_ends(frame, until),
        ledger.cohort_subscribers: cohort_subscribers(people, held, until),
        ledger.retention_change: retention(held[~held["currency"].isin(TOGETHER)]),
    }
    return {table: _finished(table, rows) for table, rows in found.items()}


def _together(movements: pd.DataFrame) -> pd.DataFrame:
    """Movements, and all of them again without their currency."""
    taken = movements["currency"].str.startswith(TAKEN).map({True: TAKEN, False: ""})
    return pd.concat([movements, movements.assign(currency=taken.astype("str"))], ignore_index=True)


def change(before: pd.DataFrame, after: pd.DataFrame, now: datetime) -> Rollups:
    """What some customers contribute with their movements now, less what they did before; no rows: nothing.

    In one pass: what was before is of other customers in currencies of their own, and then taken away.
    """
    moved = _differing(before, after)
    rows = [frame[frame["customer_id"].isin(moved)] for frame in (before, after)]
    rows[0] = rows[0].assign(customer_id=TAKEN + rows[0]["customer_id"], currency=TAKEN + rows[0]["currency"])
    found = rollups(pd.concat(rows, ignore_index=True), now) if moved else {}
    return {table: _netted(table, frame) for table, frame in found.items()}


def _differing(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """The customers whose movements, or whose audience, are not what they were."""
    columns = [*HOLDER, "audience_id", "day", *CELL, "kind", "delta_arr"]
    sets = [set(frame[columns].itertuples(index=False, name=None)) for frame in (before, after)]
    return {str(row[0]) for row in sets[0] ^ sets[1]}


def _netted(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with what is to be taken away taken from what is to be added."""
    taken = rows["currency"].str.startswith(TAKEN)
    measures = [*MEASURES[table]]
    rows.loc[taken, measures] = -rows.loc[taken, measures]
    keys = [column.name for column in table.primary_key]
    net = summed(rows.assign(currency=rows["currency"].str.removeprefix(TAKEN)), keys, measures)
    return net[(net[measures] != 0).any(axis="columns")]


def _finished(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that say something, everybody's too, as text and numbers, columns in the table's order."""
    keys, measures = [column.name for column in table.primary_key], [*MEASURES[table]]
    everybody = summed(rows.assign(audience_id=EVERYBODY), keys, measures)
    rows = pd.concat([rows[[*keys, *measures]], everybody], ignore_index=True)
    rows = rows[(rows[measures] != 0).any(axis="columns")]
    texts = {name: rows[name].map(month_text).astype("str") for name in MONTHS if name in rows}
    coded_texts = dict.fromkeys(rows.select_dtypes("category").columns, "str")
    return rows.astype(coded_texts).assign(**texts)[[*table.columns.keys()]]

"""The list of customers as a table and as files of everybody whom the filters leave."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard import access, columns, formatting
from dashboard.cache import Snapshot
from dashboard.columns import Column
from dashboard.downloads import button
from dashboard.metrics import customers
from dashboard.workbook import MIME as EXCEL
from dashboard.workbook import to_excel

LIST = (
    Column("customer", "Customer"),
    Column("standing", "Standing"),
    Column("plans", "Plan and add-ons"),
    Column("every", "Billed"),
    Column("arr", "MRR", "own_monthly"),
    Column("renews_at", "Renews on", "day"),
    Column("use", "Used"),
    Column("account_manager", "Account manager"),
    Column("segment", "Segment"),
    Column("country", "Country"),
    Column("email", "E-mail"),
    Column("created_at", "Since", "day"),
)
FILE = (*LIST, Column("currency", "Currency", "code"), Column("kind", "Kind", "word"), Column("id", "Id"))
MOST = 50_000
"""Rows of a file; more are exported by `python -m dashboard export customers`."""


def downloads(snapshot: Snapshot, asked: Mapping[str, Any]) -> None:
    """Everybody whom the filters leave, as files that are made when they are asked for."""
    if not access.permitted("download"):
        return
    taken = [column.name for column in FILE]
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for what, build, mime, name in (
            ("Download CSV", columns.to_csv, "text/csv", "customers.csv"),
            ("Excel", partial(to_excel, title="customers"), EXCEL, "customers.xlsx"),
        ):
            file = partial(_file, snapshot, asked, build)
            button(what, file, mime, name, taken, key=f"{name}_all")
        st.caption(f"All that the filters leave, at most {formatting.count(MOST)}.")


def _file(snapshot: Snapshot, asked: Mapping[str, Any], build: Any) -> bytes:
    rows = snapshot.frame("customer_page", snapshot.now, limit=MOST, **asked)
    made: bytes = build(customers.listed(rows, snapshot.frame("products")), FILE, "")
    return made

"""What a customer is worth over time, and why it changed."""

import pandas as pd
import streamlit as st

from dashboard import widgets
from dashboard.cache import Snapshot
from dashboard.charts import customer as charts
from dashboard.columns import Column
from dashboard.metrics import customer, plans, reasons
from dashboard.metrics.selection import Selection

CHANGES = (
    Column("day", "Day", "day"),
    Column("what", "Movement"),
    Column("delta_arr", "MRR", "moved"),
    Column("reason", "Because of"),
    Column("detail", "In detail"),
    Column("evidence", "Evidence", "word"),
)
KINDS = {
    "new": "New",
    "reactivation": "Won back",
    "expansion": "Expansion",
    "contraction": "Contraction",
    "churn": "Churn",
    "transfer": "Between plans",
}


def run_rate(snapshot: Snapshot, customer_id: str, moved: pd.DataFrame, currency: str) -> None:
    """MRR over time, and each change with its reason."""
    products = snapshot.frame("products")
    note = "Every step is a movement of the ledger; the table says which, why, and on what evidence."
    with widgets.card(f"MRR over time, {currency.upper()}", note) as alt:
        key = customer_id, currency
        balances = snapshot.kept("balances", key, lambda: customer.balances(moved, currency))
        if balances.empty:
            st.markdown("It never had recurring revenue in this currency.")
            return
        widgets.chart(
            snapshot.kept("balances chart", key, lambda: charts.balances(balances, currency, snapshot.now)),
            snapshot.kept(
                "changes of MRR", key, lambda: _changes(snapshot, customer_id, moved, products, currency)
            ),
            CHANGES,
            currency,
            f"customer_mrr_{currency}",
            alt=alt,
        )


def _changes(
    snapshot: Snapshot, customer_id: str, moved: pd.DataFrame, products: pd.DataFrame, currency: str
) -> pd.DataFrame:
    """The customer's days with what changed and why, the newest first; moves between plans cancel out."""
    rows = moved.loc[moved["currency"] == currency]
    kinds = rows.loc[rows["kind"] != "transfer"].drop_duplicates(["day"]).set_index("day")["kind"]
    days = rows.groupby("day").agg(
        delta_arr=("delta_arr", "sum"), evidence=("evidence", lambda each: "; ".join(sorted(set(each))))
    )
    days["kind"] = kinds.reindex(days.index).fillna("transfer")
    days = days.reset_index().assign(customer_id=customer_id, currency=currency)
    asked = tuple((customer_id, day.date()) for day in days["day"])
    changes = snapshot.frame("item_changes", snapshot.now, asked)
    whole = Selection(currency, ())
    parts = reasons.reasons(days, changes, plans.names(products), whole)
    told = reasons.summary(days, parts).assign(what=days["kind"].map(KINDS))
    return told.sort_values("day", ascending=False, ignore_index=True)

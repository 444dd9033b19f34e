"""Exports: documented tables with stable columns, as CSV, JSON or Parquet.

Amounts are whole minor units of the row's currency, `arr` is run rate a year; instants are UTC, ISO 8601;
what is not known is empty in CSV and null elsewhere. Rows come in the same order each time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard import export_rows
from dashboard.export_formats import FORMATS
from dashboard.export_rows import OptionError
from dashboard.metrics.rates.monthly import RATES
from data import clock, frames
from data.frames import Engine

__all__ = ["EXPORTS", "Export", "OptionError", "documentation", "export"]


@dataclass(frozen=True)
class Export:
    """A table that can be exported: what it holds, its columns in order with their meaning, and its rows."""

    name: str
    about: str
    columns: Mapping[str, str]
    rows: Callable[..., pd.DataFrame]  # of an engine, an instant, and options by name
    options: frozenset[str] = frozenset()  # known_at (an instant), month


CURRENCY = "ISO 4217 code, lower-case as Stripe gives it"
ARR = "run rate a year, minor units"
INTERVAL = "billing interval: 1month, 3month, 1year"


EXPORTS: Mapping[str, Export] = {
    export.name: export
    for export in (
        Export(
            "arr_now",
            "Run rate and subscribers at an instant.",
            {"currency": CURRENCY, "arr": ARR, "subscribers": "customers whose run rate is above 0"},
            frames.arr_now,
        ),
        Export(
            "plan_mix",
            "What is held at an instant, by product.",
            {
                "product": "the product's name",
                "interval": INTERVAL,
                "currency": CURRENCY,
                "customers": "customers who hold it, each once a row",
                "arr": ARR,
            },
            frames.plan_mix,
        ),
        Export(
            "month_end",
            "Run rate and subscribers at the end of every month that has ended.",
            {
                "month": "YYYY-MM",
                "currency": CURRENCY,
                "arr": ARR,
                "subscribers": "customers whose run rate is above 0",
            },
            export_rows.month_end,
        ),
        Export(
            "movements",
            "What changed the run rate, by month. Transfers between plans sum to zero and are left out. "
            "An instant inside a day counts the whole day. With --known-at, as known at that instant.",
            {
                "month": "YYYY-MM",
                "currency": CURRENCY,
                "kind": "new, reactivation, expansion, contraction or churn",
                "arr": "change of the run rate a year, minor units; losses are negative",
                "customers": "customers who moved so, each once a row",
            },
            export_rows.movements,
            frozenset({"known_at"}),
        ),
        Export(
            "restated",
            "Changes of movements that became known only after their day was over: until an instant, and "
            "after the one of --known-at.",
            {
                "known_at": "instant of the refresh that changed it",
                "month": "YYYY-MM, of the movement",
                "day": "YYYY-MM-DD, UTC, of the movement",
                "customer": "Stripe's id",
                "customer_name": "as Stripe has it",
                "kind": "new, reactivation, expansion, contraction, churn or transfer",
                "plan": "the product's Stripe id",
                "interval": INTERVAL,
                "currency": CURRENCY,
                "delta_arr": "what was added to the movement, a year, minor units",
                "evidence": "what the movement rests on now, or rested on",
                "reason": "why it changed, in words",
            },
            export_rows.restated,
            frozenset({"known_at"}),
        ),
        Export(
            "bridge",
            "Run rate at the end of every month that has ended, or of the one of --month, by our definition, "
            "Stripe's and ChartMogul's. ours and the differences add up to theirs.",
            {
                "month": "YYYY-MM",
                "currency": CURRENCY,
                "definition": "stripe or chartmogul",
                "difference": "ours, what is counted otherwise, theirs",
                "name": "in words",
                "arr": f"{ARR}; empty: Stripe's API does not tell",
                "items": "how many subscription items it is of; empty: not known",
                "source": "the published definition",
            },
            export_rows.bridge,
            frozenset({"month"}),
        ),
        Export(
            "ledger",
            "Every movement up to the day of an instant. Transfers sum to zero for a customer and day.",
            {
                "customer": "Stripe's id",
                "day": "YYYY-MM-DD, UTC",
                "kind": "new, reactivation, expansion, contraction, churn or transfer",
                "plan": "the product's Stripe id",
                "interval": INTERVAL,
                "currency": CURRENCY,
                "delta_arr": "change of the run rate a year, minor units; losses are negative",
                "evidence": "what it rests on, joined by semicolons",
            },
            frames.ledger_movements,
        ),
        Export(
            "unknown_history",
            "Changes of the run rate that no evidence dates, the largest first.",
            {
                "subscription": "Stripe's id",
                "item": "Stripe's id of the subscription item; empty for a discount of all items",
                "customer": "Stripe's id",
                "customer_name": "as Stripe has it",
                "currency": CURRENCY,
                "earliest_at": "instant after which it happened",
                "latest_at": "instant until which it happened; empty: until now",
                "placed_at": "instant at which the ledger has it",
                "delta_arr": "change of the run rate a year, minor units, after discounts",
                "reason": "what is not known",
            },
            export_rows.unknown_history,
        ),
        Export(
            "customer_arr",
            "Every subscriber's run rate at an instant.",
            {"customer": "Stripe's id", "currency": CURRENCY, "arr": ARR},
            frames.customer_arr,
        ),
        Export(
            "retention",
            "What remains of the customers won in a month, at the end of every later month that has ended. "
            "Without a row nothing remains.",
            {
                "cohort": "YYYY-MM: month of the customers' first movement of all",
                "month": "YYYY-MM",
                "currency": CURRENCY,
                "customers": "customers of the cohort whose run rate is above 0",
                "arr": ARR,
            },
            export_rows.retention,
        ),
        Export(
            "rates",
            "Every rate of every month that has ended. Empty: not defined, such as a share of nothing.",
            {
                "month": "YYYY-MM; the last one of a period of 12 months",
                "currency": CURRENCY,
                "metric": ", ".join(RATES),
                "value": "a share of 10% is 0.1; arpa (MRR per subscriber) and ltv are in minor units",
            },
            export_rows.rates,
        ),
        Export(
            "renewals",
            "What falls due within a year of an instant.",
            {
                "subscription": "Stripe's id",
                "customer": "Stripe's id",
                "customer_name": "as Stripe has it",
                "customer_email": "as Stripe has it",
                "account_manager": "from the application database",
                "segment": "from the application database",
                "country": "from the application database, else Stripe's address",
                "product_ids": "Stripe's ids of what falls due together, joined by |",
                "plan": "the plan among them, by the catalogue",
                "interval": INTERVAL,
                "currency": CURRENCY,
                "arr": f"{ARR}; 0 while unpaid",
                "due_at": "end of the committed period or contract",
                "governs": "period, or schedule or quote where a contract term ends",
                "notice_at": "until when notice may be given; empty: the terms do not say",
                "price_end_at": "until when the price holds; empty: not agreed",
                "term_end_at": "end of the contract; empty: there is none",
                "invoice_at": "when the next invoice comes",
                "auto_renews": "whether it goes on by itself; empty: the quote does not say",
                "discount_ends_at": "when the discount that ends next does; empty: none ends",
                "discount": "what that discount takes off, in words",
                "collection_method": "charge_automatically or send_invoice",
                "status": "the subscription's",
                "cancel_at_period_end": "whether it is set to cancel when the period ends",
                "cancel_at": "when it is set to cancel",
                "risks": "reasons that the data shows, joined by semicolons; empty: none found",
                "evidence": "what each of these rests on, joined by semicolons in the same order",
                "capacity": "units bought, from the application database",
                "used": "units in use on the latest day known",
            },
            export_rows.renewals,
        ),
        Export(
            "invoices",
            "Invoices created until an instant, as they are now.",
            {
                "invoice": "Stripe's id",
                "number": "as printed on it",
                "customer": "Stripe's id",
                "customer_name": "as on the invoice, else the customer's",
                "subscription": "Stripe's id; empty for a manual invoice",
                "status": "draft, open, paid, uncollectible or void",
                "billing_reason": "why Stripe made it",
                "collection_method": "charge_automatically or send_invoice",
                "currency": CURRENCY,
                "subtotal": "before discounts and tax, minor units",
                "discount": "minor units",
                "tax": "minor units",
                "total": "minor units",
                "amount_paid": "minor units",
                "amount_remaining": "minor units",
                "created_at": "instant",
                "finalized_at": "instant",
                "due_at": "instant; empty when it is charged automatically",
                "paid_at": "instant",
                "voided_at": "instant",
            },
            frames.invoices,
        ),
        Export(
            "customers",
            "Customers created until an instant, as they are now.",
            {
                "customer": "Stripe's id",
                "name": "as Stripe has it",
                "email": "as Stripe has it",
                "country": "Stripe's address, else the application database",
                "currency": "the currency they are billed in",
                "balance": "minor units; negative is a credit",
                "delinquent": "whether Stripe says a payment is overdue",
                "account_manager": "from the application database",
                "segment": "from the application database",
                "capacity": "units bought, from the application database",
                "used": "units in use on the latest day known",
                "created_at": "instant",
                "subscriber_since": "UTC day of the first movement; empty: never subscribed",
            },
            frames.customers,
        ),
    )
}


def export(
    engine: Engine, name: str, fmt: str = "csv", as_of: datetime | None = None, **options: Any
) -> bytes:
    """One of EXPORTS in one of FORMATS, as of an instant; without one, as of the data. KeyError: unknown.

    options are those of the export; None is left out. Raises OptionError where it cannot be had with one.
    """
    write = FORMATS[fmt]
    chosen = EXPORTS[name]
    given = {option: value for option, value in options.items() if value is not None}
    for option in given.keys() - chosen.options:
        raise OptionError(f"The export {name} takes no --{option.replace('_', '-')}.")
    at = as_of or frames.data_status(engine).data_at or clock.now()
    return write(chosen.rows(engine, at, **given)[list(chosen.columns)].reset_index(drop=True))


def documentation() -> str:
    """Every export with its columns, as Markdown."""
    parts = []
    for each in EXPORTS.values():
        lines = [f"- `{column}`: {meaning}" for column, meaning in each.columns.items()]
        parts.append("\n".join([f"**{each.name}**: {each.about}", "", *lines]))
    return "\n\n".join(parts) + "\n"

"""Exports: documented tables with stable columns, as CSV, JSON or Parquet.

Amounts are whole minor units of the row's currency, `arr` is run rate a year; instants are UTC, ISO 8601;
what is not known is empty in CSV and null elsewhere. Rows come in the same order each time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from dashboard.export_formats import FORMATS
from dashboard.metrics.rates.monthly import RATES, Facts, rates
from dashboard.metrics.selection import Selection
from data import clock, frames
from data.frames import Engine

AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Export:
    """A table that can be exported: what it holds, its columns in order with their meaning, and its rows."""

    name: str
    about: str
    columns: Mapping[str, str]
    rows: Callable[[Engine, datetime], pd.DataFrame]


CURRENCY = "ISO 4217 code, lower-case as Stripe gives it"
ARR = "run rate a year, minor units"
INTERVAL = "billing interval: 1month, 3month, 1year"


def _month_end(engine: Engine, at: datetime) -> pd.DataFrame:
    key = ["month", "currency"]
    arr = frames.month_end(engine).groupby(key)["arr"].sum()
    subscribers = frames.month_end_subscribers(engine).groupby(key)["subscribers"].sum()
    frame = pd.concat([arr, subscribers], axis="columns").reset_index()
    return frame[frame["month"] < clock.month_of(at)]


def _retention(engine: Engine, at: datetime) -> pd.DataFrame:
    key = ["cohort", "month", "currency"]
    customers = frames.cohort_subscribers(engine).groupby(key)["subscribers"].sum().rename("customers")
    arr = frames.cohort_month_end(engine).groupby(key)["arr"].sum()
    frame = pd.concat([customers, arr], axis="columns").reset_index()
    return frame[frame["month"] < clock.month_of(at)]


def _rates(engine: Engine, at: datetime) -> pd.DataFrame:
    balances = frames.month_end(engine)
    current = clock.month_of(at)
    facts = Facts(
        balances,
        frames.month_end_subscribers(engine),
        frames.movements(engine),
        frames.transitions(engine),
        frames.retention(engine, current),
    )
    months = clock.months_between(str(balances["month"].min()), current)[:-1] if len(balances) else []
    found = [
        rates(facts, Selection(currency, tuple(months)), current).assign(currency=currency)
        for currency in balances["currency"].drop_duplicates().sort_values()
    ]
    columns = [*EXPORTS["rates"].columns]
    every = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return every.sort_values(["month", "currency"], kind="stable")[columns]


def _renewals(engine: Engine, at: datetime) -> pd.DataFrame:
    last = datetime.max.replace(tzinfo=UTC)
    frame = frames.renewals(engine, at, at + AHEAD if at < last - AHEAD else last)
    return frame.rename(columns={"subscription_id": "subscription", "customer_id": "customer"})


def _unknown_history(engine: Engine, at: datetime) -> pd.DataFrame:
    return frames.unknown_history(engine)


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
            _month_end,
        ),
        Export(
            "movements",
            "What changed the run rate, by month. Transfers between plans sum to zero and are left out. "
            "An instant inside a day counts the whole day.",
            {
                "month": "YYYY-MM",
                "currency": CURRENCY,
                "kind": "new, reactivation, expansion, contraction or churn",
                "arr": "change of the run rate a year, minor units; losses are negative",
                "customers": "customers who moved so, each once a row",
            },
            frames.movement_totals,
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
                "delta_arr": "change of the run rate a year, minor units, of an item before discounts",
                "reason": "what is not known",
            },
            _unknown_history,
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
            _retention,
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
            _rates,
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
                "governs": "period, or schedule where a contract term ends",
                "collection_method": "charge_automatically or send_invoice",
                "status": "the subscription's",
                "cancel_at_period_end": "whether it is set to cancel when the period ends",
                "cancel_at": "when it is set to cancel",
                "risks": "reasons that the data shows, joined by semicolons; empty: none found",
                "capacity": "units bought, from the application database",
                "used": "units in use on the latest day known",
            },
            _renewals,
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


def export(engine: Engine, name: str, fmt: str = "csv", as_of: datetime | None = None) -> bytes:
    """One of EXPORTS in one of FORMATS, as of an instant; without one, as of the data. KeyError: unknown."""
    write = FORMATS[fmt]
    chosen = EXPORTS[name]
    at = as_of or frames.data_status(engine).data_at or clock.now()
    return write(chosen.rows(engine, at)[list(chosen.columns)].reset_index(drop=True))


def documentation() -> str:
    """Every export with its columns, as Markdown."""
    parts = []
    for each in EXPORTS.values():
        lines = [f"- `{column}`: {meaning}" for column, meaning in each.columns.items()]
        parts.append("\n".join([f"**{each.name}**: {each.about}", "", *lines]))
    return "\n\n".join(parts) + "\n"

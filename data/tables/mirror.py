"""The mirror: what the app uses of Stripe's objects, a table a resource, keyed by Stripe id.

A row is overwritten only by information observed at the same time or later. Deleted objects are marked.
Child rows (items, lines, discounts) belong to their parent and are replaced with it.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, text

from data.tables.types import Amount, Json, instant, key, metadata, ref, seen

product = Table(
    "product",
    metadata,
    key(),
    Column("name", Text),
    Column("active", Boolean),
    Column("description", Text),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
)

price = Table(
    "price",
    metadata,
    key(),
    ref("product_id", index=True),
    Column("active", Boolean),
    Column("currency", Text),
    Column("type", Text),
    Column("nickname", Text),
    Column("lookup_key", Text),
    Column("billing_scheme", Text),
    Column("unit_amount", Amount),
    Column("unit_amount_decimal", Text),  # minor units, exact, up to 12 decimals
    Column("tiers_mode", Text),
    Column("tiers", Json),
    Column("transform_quantity", Json),
    Column("recurring_interval", Text),
    Column("recurring_interval_count", Integer),
    Column("recurring_usage_type", Text),
    Column("tax_behavior", Text),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
)

coupon = Table(
    "coupon",
    metadata,
    key(),
    Column("name", Text),
    Column("percent_off", Text),  # a decimal number, exact
    Column("amount_off", Amount),
    Column("currency", Text),
    Column("currency_options", Json),
    Column("duration", Text),
    Column("duration_in_months", Integer),
    Column("applies_to_products", Json),
    Column("max_redemptions", Integer),
    Column("times_redeemed", Integer),
    Column("valid", Boolean),
    instant("redeem_by"),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
)

promotion_code = Table(
    "promotion_code",
    metadata,
    key(),
    Column("code", Text),
    ref("coupon_id", index=True),
    ref("customer_id"),
    Column("active", Boolean),
    Column("max_redemptions", Integer),
    Column("times_redeemed", Integer),
    instant("expires_at"),
    instant("created_at"),
    *seen(),
)

customer = Table(
    "customer",
    metadata,
    key(),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("description", Text),
    Column("country", Text),
    Column("address", Json),
    Column("currency", Text),
    Column("balance", Amount),  # negative is a credit
    Column("delinquent", Boolean),
    Column("tax_exempt", Text),
    Column("tax_status", Text),  # Stripe's tax.automatic_tax, when it was expanded
    Column("tax_ids", Json),  # [{type, value, verification}], null when not readable
    ref("default_payment_method_id"),
    ref("default_source_id"),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
    Index("ix_customer_email", "email"),
    Index("ix_customer_name", "name"),
)

payment_method = Table(
    "payment_method",
    metadata,
    key(),
    ref("customer_id", index=True),
    Column("type", Text),
    Column("card_brand", Text),
    Column("card_last4", Text),
    Column("card_exp_month", Integer),
    Column("card_exp_year", Integer),
    Column("card_country", Text),
    instant("created_at"),
    *seen(),
)

IS_LEAVING = "ended_at is null and (cancel_at is not null or cancel_at_period_end)"
TOLD_WHY = "ended_at is null and (cancellation_feedback is not null or cancellation_comment is not null)"
"""A subscription that is set to end, and one that runs although somebody once said why it should not."""


def _where(condition: str) -> dict[str, Any]:
    """An index over part of a table, in both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


subscription = Table(
    "subscription",
    metadata,
    key(),
    ref("customer_id", index=True),
    Column("status", Text, index=True),
    Column("currency", Text),
    Column("collection_method", Text),
    Column("days_until_due", Integer),
    Column("billing_mode", Text),
    instant("billing_cycle_anchor"),
    instant("start_at"),
    instant("trial_start_at"),
    instant("trial_end_at"),
    Column("cancel_at_period_end", Boolean),
    instant("cancel_at"),
    instant("canceled_at"),  # when it was asked for, not when it ended
    instant("ended_at"),
    Column("cancellation_reason", Text),
    Column("cancellation_feedback", Text),
    Column("cancellation_comment", Text),
    Column("pause_behavior", Text),  # pause_collection.behavior; the status stays as it is
    instant("pause_resumes_at"),
    ref("default_payment_method_id"),
    ref("schedule_id", index=True),
    ref("latest_invoice_id"),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
    Index("ix_subscription_asked", "canceled_at", **_where("ended_at is null and canceled_at is not null")),
    Index("ix_subscription_invoiced", "id", **_where("collection_method = 'send_invoice'")),
    Index("ix_subscription_ended", "ended_at", **_where("ended_at is not null")),
    Index("ix_subscription_leaving", "cancel_at", **_where(IS_LEAVING)),
    Index("ix_subscription_told_why", "canceled_at", **_where(TOLD_WHY)),
    Index("ix_subscription_trial", "trial_start_at", **_where("trial_start_at is not null")),
)

subscription_item = Table(
    "subscription_item",
    metadata,
    key(),
    ref("subscription_id", index=True),
    Column("position", Integer),
    ref("price_id", index=True),
    Column("quantity", BigInteger),  # null on metered items
    instant("current_period_start"),
    instant("current_period_end", index=True),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
)

discount = Table(
    "discount",
    metadata,
    key(),
    ref("subscription_id", index=True),
    ref("subscription_item_id"),  # set when it belongs to one item only
    ref("customer_id", index=True),  # set only when it is on the customer as a whole
    ref("coupon_id", index=True),  # null: Stripe gave only the discount's id
    ref("promotion_code_id"),
    Column("position", Integer),
    instant("start_at"),
    instant("end_at"),  # null: once or forever
    *seen(),
)

subscription_schedule = Table(
    "subscription_schedule",
    metadata,
    key(),
    ref("customer_id", index=True),
    ref("subscription_id", index=True),
    ref("released_subscription_id"),
    Column("status", Text),
    Column("end_behavior", Text),
    instant("current_phase_start"),
    instant("current_phase_end"),
    Column("phases", Json),  # [{start, end, items: [{price, quantity}], discounts}], epoch seconds
    instant("canceled_at"),
    instant("completed_at"),
    instant("released_at"),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
)

PREFIXED = ("number", "po_number")
IS_OPEN = "status = 'open'"
WAS_OWED = "closed_at > finalized_at"
HAS_FAILED = "attempt_count > 1 or (attempt_count = 1 and status <> 'paid')"
"""Parts of all invoices that have an index of their own; a query that uses it says the same words."""

invoice = Table(
    "invoice",
    metadata,
    key(),
    Column("number", Text),
    ref("customer_id"),
    ref("subscription_id", index=True),
    Column("status", Text),
    Column("billing_reason", Text),
    Column("collection_method", Text),
    Column("currency", Text),
    Column("subtotal", Amount),
    Column("total", Amount),
    Column("total_excluding_tax", Amount),
    Column("tax", Amount),  # sum of total_taxes
    Column("discount", Amount),  # sum of total_discount_amounts
    Column("amount_due", Amount),
    Column("amount_paid", Amount),
    Column("amount_remaining", Amount),
    Column("pre_payment_credit_notes_amount", Amount),
    Column("post_payment_credit_notes_amount", Amount),
    Column("starting_balance", Amount),
    Column("ending_balance", Amount),
    Column("attempt_count", Integer),
    instant("next_payment_attempt"),
    instant("period_start"),
    instant("period_end"),
    instant("due_at"),
    instant("finalized_at"),
    instant("paid_at"),
    instant("voided_at"),
    instant("marked_uncollectible_at"),
    instant("falls_due_at"),  # due_at, or finalized_at where an invoice has none; null while a draft
    instant("closed_at"),  # when it first stopped being owed: paid, voided or written off
    Column("po_number", Text),  # a purchase order, from a custom field or the metadata
    Column("customer_name", Text),
    Column("customer_email", Text),
    Column("discounts", Json),  # [{id, coupon, start, end, subscription_item}], only ids where not expanded
    Column("hosted_invoice_url", Text),
    Column("invoice_pdf", Text),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
    *(Index(f"ix_invoice_{name}", name, postgresql_ops={name: "text_pattern_ops"}) for name in PREFIXED),
    *(
        Index("_".join(("ix_invoice", *walk, "page")), *walk, "created_at", "id")
        for walk in ((), ("customer_id",), ("status", "collection_method"), ("currency", "total"))
    ),
    Index("ix_invoice_open_due", "falls_due_at", "id", **_where(IS_OPEN)),
    Index("ix_invoice_open_remaining", "amount_remaining", **_where(IS_OPEN)),
    Index("ix_invoice_invoiced", "finalized_at", "currency", "total", "voided_at"),
    Index(
        "ix_invoice_owed_until",
        "closed_at",
        "finalized_at",
        "falls_due_at",
        "currency",
        "amount_due",
        "deleted_at",
        "id",
        **_where(WAS_OWED),
    ),
    Index("ix_invoice_failed", "finalized_at", **_where(HAS_FAILED)),
)

invoice_line = Table(
    "invoice_line",
    metadata,
    key(),
    ref("invoice_id", index=True),
    Column("position", Integer),
    ref("subscription_id", index=True),
    ref("subscription_item_id"),
    ref("invoice_item_id"),
    ref("price_id"),
    ref("product_id"),
    Column("quantity", BigInteger),
    Column("unit_amount_decimal", Text),
    Column("amount", Amount),
    Column("currency", Text),
    Column("description", Text),
    Column("proration", Boolean),
    Column("credited_lines", Json),  # [line ids] that a proration gives back
    Column("discount_amounts", Json),  # [{amount, discount}]
    Column("tax", Amount),
    instant("period_start"),
    instant("period_end"),
    *seen(),
    Index("ix_invoice_line_until", "period_end"),
)

invoice_item = Table(
    "invoice_item",
    metadata,
    key(),
    ref("customer_id", index=True),
    ref("invoice_id", index=True),
    ref("subscription_id", index=True),
    ref("subscription_item_id"),
    ref("price_id"),
    ref("product_id"),
    Column("quantity", BigInteger),
    Column("unit_amount_decimal", Text),
    Column("amount", Amount),
    Column("currency", Text),
    Column("description", Text),
    Column("proration", Boolean),
    Column("credited_lines", Json),
    instant("period_start"),
    instant("period_end"),
    instant("date"),
    *seen(),
)

credit_note = Table(
    "credit_note",
    metadata,
    key(),
    Column("number", Text),
    ref("invoice_id", index=True),
    ref("customer_id", index=True),
    Column("currency", Text),
    Column("status", Text),
    Column("type", Text),
    Column("reason", Text),
    Column("memo", Text),
    Column("amount", Amount),
    Column("subtotal", Amount),
    Column("total", Amount),
    Column("pre_payment_amount", Amount),
    Column("post_payment_amount", Amount),
    instant("voided_at"),
    instant("effective_at"),
    instant("created_at"),
    *seen(),
)

charge = Table(
    "charge",
    metadata,
    key(),
    ref("customer_id", index=True),
    ref("payment_intent_id", index=True),
    ref("payment_method_id"),
    Column("status", Text),
    Column("currency", Text),
    Column("amount", Amount),
    Column("amount_captured", Amount),
    Column("amount_refunded", Amount),
    Column("disputed", Boolean),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("decline_reason", Text),  # outcome.reason
    Column("description", Text),
    instant("created_at"),
    *seen(),
)

refund = Table(
    "refund",
    metadata,
    key(),
    ref("charge_id", index=True),
    ref("payment_intent_id"),
    Column("currency", Text),
    Column("amount", Amount),
    Column("status", Text),
    Column("reason", Text),
    instant("created_at"),
    *seen(),
)

invoice_payment = Table(
    "invoice_payment",
    metadata,
    key(),
    ref("invoice_id"),
    Column("status", Text),  # open, paid, canceled
    Column("currency", Text),
    Column("amount_requested", Amount),
    Column("amount_paid", Amount),  # null until it is paid
    Column("type", Text),  # payment_intent, charge, payment_record
    ref("payment_intent_id", index=True),
    ref("charge_id", index=True),
    Column("is_default", Boolean),
    instant("paid_at"),
    instant("canceled_at"),
    instant("created_at"),
    *seen(),
    Index("ix_invoice_payment_invoice_id_paid", "invoice_id", "paid_at", "amount_paid", "deleted_at"),
)

quote = Table(
    "quote",
    metadata,
    key(),
    Column("number", Text),
    ref("customer_id", index=True),
    ref("subscription_id"),
    ref("subscription_schedule_id"),
    ref("invoice_id"),
    Column("status", Text),
    Column("currency", Text),
    Column("amount_subtotal", Amount),
    Column("amount_total", Amount),
    Column("recurring_amount_total", Amount),
    Column("recurring_interval", Text),
    Column("recurring_interval_count", Integer),
    Column("description", Text),
    instant("expires_at"),
    instant("finalized_at"),
    instant("accepted_at"),
    instant("canceled_at"),
    Column("metadata", Json),
    instant("created_at"),
    *seen(),
)

HAD_BEFORE = {
    "sqlite": "json_type(data, '$.previous_attributes.{}') is not null",
    "postgresql": "data -> 'previous_attributes' -> '{}' is not null",
}
ENDING = ("cancel_at", "cancel_at_period_end")
ENDING_CHANGED = {
    dialect: f"type = 'customer.subscription.updated' and ({' or '.join(map(had.format, ENDING))})"
    for dialect, had in HAD_BEFORE.items()
}
"""A cancellation was asked for, taken back or moved; by database. A query that repeats it has an index."""
_ENDING_WHERE: dict[str, Any] = {f"{name}_where": text(each) for name, each in ENDING_CHANGED.items()}

event = Table(
    "event",
    metadata,
    key(),
    Column("type", Text, index=True),
    Column("object_type", Text),
    ref("object_id", index=True),
    Column("api_version", Text),
    Column("data", Json),  # {object, previous_attributes}: evidence for the ledger
    instant("created_at", index=True),
    instant("observed_at", nullable=False),
    Index(
        "ix_event_ending",
        "created_at",
        **_ENDING_WHERE,
    ),
)

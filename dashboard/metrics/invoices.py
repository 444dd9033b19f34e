"""One invoice in words: what needs attention, how its amount due comes about, what was tried to pay it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from dashboard.formatting import amount, day, is_missing, moment, plural, word
from dashboard.metrics.recognition import recognised
from dashboard.metrics.text import known

STATUSES = {
    "draft": ("Draft", "edit_note", "gray"),
    "open": ("Open", "hourglass_top", "orange"),
    "paid": ("Paid", "check", "blue"),
    "uncollectible": ("Written off", "money_off", "red"),
    "void": ("Voided", "block", "gray"),
}
METHODS = {"charge_automatically": "Charged automatically", "send_invoice": "Sent to be paid"}
REASONS = {
    "subscription_cycle": "Renewal",
    "subscription_create": "First invoice of a subscription",
    "subscription_update": "Change of a subscription",
    "manual": "Made by hand",
    "quote_accept": "Accepted quote",
}
AMOUNTS = (
    ("subtotal", "Subtotal", 1),
    ("discount", "Discounts", -1),
    ("tax", "Tax", 1),
    ("total", "Total", 1),
    ("pre_payment_credit_notes_amount", "Credit notes", -1),
    ("balance", "Customer's balance", 1),
    ("amount_due", "Amount due", 1),
    ("amount_paid", "Paid", -1),
    ("amount_remaining", "Open", 1),
)
INCLUSIVE = "Tax, in the amounts above"
ALWAYS = frozenset({"total", "amount_due", "amount_paid", "amount_remaining"})
DATES = (
    ("created_at", "Created"),
    ("finalized_at", "Final"),
    ("due_at", "Due"),
    ("next_payment_attempt", "Next try"),
    ("paid_at", "Paid"),
    ("voided_at", "Voided"),
    ("marked_uncollectible_at", "Written off"),
)


class Flag(NamedTuple):
    """Something that a reader should see first."""

    text: str
    icon: str
    colour: Any


def status(code: object) -> str:
    """The state of an invoice in words."""
    return STATUSES.get(str(code), (word(str(code)), "", ""))[0]


def flags(row: Mapping[str, Any]) -> Iterator[Flag]:
    """The state, how it is to be paid, and what is amiss."""
    yield Flag(*STATUSES.get(str(row["status"]), (word(str(row["status"])), "help", "gray")))
    if method := METHODS.get(str(row["collection_method"])):
        yield Flag(
            method, "credit_card" if row["collection_method"] == "charge_automatically" else "mail", "gray"
        )
    if reason := REASONS.get(str(row["billing_reason"])):
        yield Flag(reason, "info", "gray")
    if row["status"] == "open" and (tries := _number(row["attempt_count"])):
        yield Flag(f"{plural(tries, 'payment')} failed", "credit_card_off", "red")
    if order := known(row["po_number"]):
        yield Flag(f"PO {order}", "tag", "gray")


def amounts(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """From the subtotal to what is open: pairs of a name and an amount; what is 0 is left out."""
    currency, values = str(row["currency"]), {name: _number(row.get(name)) for name, _, _ in AMOUNTS}
    credited, total, due = (
        _number(row[name]) for name in ("pre_payment_credit_notes_amount", "total", "amount_due")
    )
    values["balance"] = (due or 0) - ((total or 0) - (credited or 0)) if None not in (due, total) else None
    if (total or 0) < 0:
        values["balance"] = None  # it went to the customer's balance, and nothing is due
    taxed = has_inclusive_tax(row)
    return [
        (INCLUSIVE if name == "tax" and taxed else label, amount(sign * (values[name] or 0), currency))
        for name, label, sign in AMOUNTS
        if values[name] is not None and (values[name] or name in ALWAYS)
    ]


def dates(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The moments of its life that are known: pairs of a name and a moment."""
    told = [(label, moment(row[name])) for name, label in DATES if not is_missing(row[name])]
    if not is_missing(row["period_start"]) and not is_missing(row["period_end"]):
        told.append(("Billed period", f"{day(row['period_start'])} to {day(row['period_end'])}"))
    return told


def rendered(lines: pd.DataFrame, row: Mapping[str, Any], until: date) -> pd.DataFrame:
    """Lines with net (less discount, and tax where it is within) and recognised, of it until a day."""
    taxed = lines["tax"].fillna(0) if has_inclusive_tax(row) else 0
    net = lines["amount"] - lines["discount"] - taxed
    spans = zip(net, lines["period_start"], lines["period_end"], strict=True)
    done = [
        recognised(int(amount_), start.date(), end.date(), until)
        if not (is_missing(amount_) or is_missing(start) or is_missing(end))
        else None
        for amount_, start, end in spans
    ]
    return lines.assign(net=net, recognised=pd.Series(done, index=lines.index, dtype="Int64"))


def has_inclusive_tax(row: Mapping[str, Any]) -> bool:
    """Whether an invoice's tax is part of its lines' amounts: they make its total as they are."""
    subtotal, discount, total = (_number(row[name]) or 0 for name in ("subtotal", "discount", "total"))
    return subtotal - discount == total


def tried(frame: pd.DataFrame) -> pd.DataFrame:
    """Charges with card ("visa 4242") and reason (why it failed, in words)."""
    cards = zip(frame["brand"], frame["last4"], strict=True)
    whys = zip(frame["decline_reason"], frame["failure_code"], frame["failure_message"], strict=True)
    failed = frame["status"] == "failed"
    return frame.assign(
        card=[" ".join(filter(None, (known(brand).capitalize(), known(last4)))) for brand, last4 in cards],
        reason=[why(*each) if bad else "" for each, bad in zip(whys, failed, strict=True)],
    )


def why(decline: object, code: object, message: object) -> str:
    """The most telling of what Stripe says of a failure, in words."""
    for each in (decline, code):
        if known(each) and each not in ("generic_decline", "card_declined"):
            return word(str(each))
    return known(message) or ("Declined by the bank" if known(decline) or known(code) else "Not known")


def untried(row: Mapping[str, Any]) -> str:
    """Why there is no charge, in a sentence."""
    if row["status"] == "draft":
        return "It is a draft: nothing was tried yet."
    if row["status"] == "paid" and not _number(row["amount_due"]):
        return "Nothing was due, so nothing had to be paid."
    if row["status"] == "paid":
        return "It was paid outside Stripe's card payments: by a transfer, or marked as paid by hand."
    if row["collection_method"] == "send_invoice":
        return "None: the customer pays on their own."
    return "None that Stripe shows."


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a list with state and method in words, and open (minor units, missing where it is not open)."""
    return rows.assign(
        state=[status(code) for code in rows["status"]],
        method=[METHODS.get(str(code), word(str(code))) for code in rows["collection_method"]],
        open=rows["amount_remaining"].where(rows["status"] == "open"),
    )


def _number(value: object) -> int | None:
    return None if is_missing(value) else int(value)  # type: ignore[call-overload]

"""Forms that change a subscription: each gives the command it stands for, None while something is missing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import desk, formatting
from dashboard.actions.base import Command
from dashboard.actions.collecting import LONGEST, SetCollection
from dashboard.actions.ending import CancelSubscription, KeepSubscription
from dashboard.actions.items import ChangeItems
from dashboard.actions.of_subscription import CANCEL, CHANGE, DISCOUNT
from dashboard.actions.planned import DropPlannedChange
from dashboard.actions.starting import StartSubscription
from dashboard.actions.terms import ApplyCoupon, EndDiscount, PauseCollection, ResumeCollection, SetTrialEnd
from dashboard.customer.acting import Nothing, Offer, Subject, choice, mark
from dashboard.metrics.customer import taken_off
from dashboard.metrics.text import known

FEEDBACK = {
    "": "Not given",
    **{
        each: formatting.word(each)
        for each in (
            "too_expensive",
            "missing_features",
            "switched_service",
            "unused",
            "customer_service",
            "too_complex",
            "low_quality",
            "other",
        )
    },
}


def _subscription(subject: Subject, rows: pd.DataFrame) -> str:
    """The subscription that is meant; asked only where there are several."""
    named = {
        str(row["subscription_id"]): f"{formatting.word(known(row['status']))}, "
        f"{formatting.mrr(row['arr'], str(row['currency']))} a month, since {formatting.day(row['start_at'])}"
        for row in rows.to_dict("records")
    }
    if len(named) == 1:
        return next(iter(named))
    return str(choice("Subscription", named, "act_subscription"))


def _instant(day: date) -> int:
    return int(datetime.combine(day, time(12), UTC).timestamp())


def _tomorrow(subject: Subject) -> date:
    return (subject.snapshot.now + timedelta(days=1)).date()


def _due(rows: pd.DataFrame) -> "pd.Series[bool]":
    return rows["cancel_at"].notna() | rows["cancel_at_period_end"].fillna(False).astype("bool")


def cancel(subject: Subject) -> Command | None:
    """End a subscription."""
    name = _subscription(subject, subject.subscriptions)
    kinds = {"period_end": "When the paid period ends", "date": "On a date", "now": "Now"}
    kind = choice("When", kinds, "act_when")
    when: object = kind
    if kind == "date":
        when = _instant(
            st.date_input("Date", _tomorrow(subject), min_value=_tomorrow(subject), key="act_date")
        )
    credit = kind == "now" and st.checkbox("Give the unused time back as credit", key="act_credit")
    feedback = choice("What the customer said", FEEDBACK, "act_feedback")
    comment = st.text_area("In their words", key="act_comment", max_chars=500)
    return CancelSubscription(subject.customer_id, name, when, feedback, comment or "", credit)  # type: ignore[arg-type]


def keep(subject: Subject) -> Command | None:
    """Take a planned cancellation back."""
    rows = subject.subscriptions
    name = _subscription(subject, rows.loc[_due(rows)])
    st.markdown("The subscription goes on and renews as before.")
    return KeepSubscription(subject.customer_id, name)


def change(subject: Subject) -> Command | None:
    """Plan, interval, capacity and add-ons."""
    name = _subscription(subject, subject.subscriptions)
    row = subject.subscriptions.set_index("subscription_id").loc[name]
    held = subject.items.loc[subject.items["subscription_id"] == name]
    prices = subject.snapshot.frame("prices_offered", str(row["currency"]), tuple(held["price_id"].dropna()))
    labels = {str(each["price_id"]): _price(each) for each in prices.to_dict("records")}
    chosen: list[tuple[str, str, int]] = []
    for item in held.to_dict("records"):
        key = str(item["item_id"])
        with st.container(border=True):
            options = ["", *labels]
            place = options.index(str(item["price_id"])) if str(item["price_id"]) in labels else 0
            price = st.selectbox(
                known(item["product"]) or "Item",
                options,
                index=place,
                format_func=lambda each: labels.get(each, "Take it out"),
                key=f"act_price_{key}",
            )
            if price:
                chosen.append((key, str(price), _quantity(item, str(price))))
    for price in st.multiselect("Add", list(labels), format_func=labels.__getitem__, key="act_add"):
        number = st.number_input(f"Quantity of {labels[price]}", 1, 1_000_000, 1, key=f"act_new_{price}")
        chosen.append(("", price, int(number)))
    when = choice("When", {"now": "Now", "period_end": "When the paid period ends"}, "act_change_when")
    billed = {
        "create_prorations": "With the next invoice",
        "always_invoice": "At once",
        "none": "Not at all",
    }
    proration: Any = choice("Difference is billed", billed, "act_proration") if when == "now" else "none"
    charged = proration == "always_invoice" and known(row["collection_method"]) == "charge_automatically"
    declined: Any = _declined(CHANGED) if charged else "allow_incomplete"
    return ChangeItems(subject.customer_id, name, tuple(chosen), when, proration, declined)


def _quantity(item: Mapping[Any, Any], price: str) -> int:
    """How many of an item; 1 where its use is metered, which has no quantity."""
    if formatting.is_missing(item["quantity"]) and price == str(item["price_id"]):
        st.caption("Billed by use, without a quantity.")
        return 1
    held = 1 if formatting.is_missing(item["quantity"]) else int(item["quantity"])
    return int(
        st.number_input("Quantity", min(1, held), 1_000_000, held, key=f"act_quantity_{item['item_id']}")
    )


STARTED = {
    "allow_incomplete": "It waits 23 hours for a payment",
    "error_if_incomplete": "It is not started",
}
CHANGED = {
    "allow_incomplete": "The change stays, its invoice is open",
    "error_if_incomplete": "Nothing is changed",
}


def _declined(options: Mapping[str, str]) -> Any:
    return choice("If the card is declined", options, "act_declined")


def collection(subject: Subject) -> Command | None:
    """By card, or by invoices and how long they may wait."""
    name = _subscription(subject, subject.subscriptions)
    kinds = {"charge_automatically": "The card is charged", "send_invoice": "Invoices are sent"}
    now = subject.subscriptions.set_index("subscription_id").loc[name, "collection_method"]
    place = int(known(now) != "send_invoice")  # the other one
    method: Any = choice("Paid by", kinds, f"act_method_{name}", index=place)
    days = 0
    if method == "send_invoice":
        days = int(st.number_input("Due after days", 1, LONGEST, 30, key="act_days_until_due"))
    return SetCollection(subject.customer_id, name, method, days)


def drop(subject: Subject) -> Command | None:
    """Drop what is planned for later."""
    rows = subject.subscriptions
    name = _subscription(subject, rows.loc[rows["schedule_id"].notna()])
    schedule = rows.set_index("subscription_id").loc[name, "schedule_id"]
    phases = subject.snapshot.frame("customer_schedules", subject.customer_id)
    phases = phases.loc[phases["schedule_id"] == schedule]
    if (phases["start_at"] > subject.snapshot.now).any() or (phases["end_behavior"] == "cancel").any():
        st.markdown("The subscription goes on with what it has now.")
    else:
        st.markdown("Nothing is planned but the period that runs. Dropped, it can be changed otherwise.")
    return DropPlannedChange(subject.customer_id, name)


def _price(row: Mapping[object, object]) -> str:
    interval = formatting.interval(str(row["interval"])).lower()
    unit = formatting.unit_price(known(row["unit_amount_decimal"]), str(row["currency"]))
    return f"{known(row['product'])}, {interval}, {unit if unit != formatting.DASH else 'by tiers'}"


def start(subject: Subject) -> Command | None:
    """A new subscription, perhaps with a trial and a coupon."""
    currency = _start_currency(subject)
    prices = subject.snapshot.frame("prices_offered", currency, ())
    labels = {str(each["price_id"]): _price(each) for each in prices.to_dict("records")}
    chosen: list[tuple[str, int]] = []
    for price in st.multiselect(
        "Plan and add-ons", list(labels), format_func=labels.__getitem__, key="act_start"
    ):
        number = st.number_input(f"Quantity of {labels[price]}", 1, 1_000_000, 1, key=f"act_start_{price}")
        chosen.append((price, int(number)))
    days = st.number_input("Trial, days", 0, 730, 0, key="act_trial_days")
    coupon_id = choice("Coupon", {"": "None"} | _coupons(subject, currency), "act_start_coupon")
    kinds = {0: "The card on file is charged"} | {
        each: f"Invoices, due after {each} days" for each in (14, 30, 60)
    }
    due = choice("Paid by", kinds, "act_start_due")
    if not chosen:
        return None
    declined: Any = "allow_incomplete" if due or days else _declined(STARTED)
    return StartSubscription(
        subject.customer_id,
        tuple(chosen),
        mark(),
        int(days),
        str(coupon_id),
        int(due),
        declined,
        desk.taxes(),
    )


def _start_currency(subject: Subject) -> str:
    """That of what the customer has; asked where it is several, or none."""
    codes = sorted({str(code) for code in subject.subscriptions["currency"].dropna()})
    if len(codes) > 1:
        return str(choice("Currency", {code: code.upper() for code in codes}, "act_currency_of"))
    profile = subject.snapshot.frame("customer_profile", subject.customer_id)
    known_one = codes[0] if codes else known(profile["currency"].iloc[0])
    return known_one or st.text_input("Currency", "usd", key="act_currency", max_chars=3).lower()


def pause(subject: Subject) -> Command | None:
    """Collect nothing for a while."""
    rows = subject.subscriptions
    name = _subscription(subject, rows.loc[rows["pause_behavior"].isna()])
    behaviours = {
        "keep_as_draft": "Kept as drafts, to be billed later",
        "void": "Voided: the time is free",
        "mark_uncollectible": "Marked uncollectible",
    }
    behaviour = choice("Invoices meanwhile are", behaviours, "act_behaviour")
    until = st.date_input(
        "Until", None, min_value=_tomorrow(subject), key="act_until", help="Empty: until resumed."
    )
    return PauseCollection(subject.customer_id, name, behaviour, _instant(until) if until else 0)


def resume(subject: Subject) -> Command | None:
    """Collect again."""
    rows = subject.subscriptions
    name = _subscription(subject, rows.loc[rows["pause_behavior"].notna()])
    st.markdown("From now on invoices are collected as usual.")
    return ResumeCollection(subject.customer_id, name)


def coupon(subject: Subject) -> Command | Nothing:
    """Give a discount."""
    name = _subscription(subject, subject.subscriptions)
    currency = str(subject.subscriptions.set_index("subscription_id").loc[name, "currency"])
    named = _coupons(subject, currency)
    if not named:
        return Nothing("Stripe has no coupon that is valid now for this currency.")
    return ApplyCoupon(subject.customer_id, name, str(choice("Coupon", named, "act_coupon")))


def _coupons(subject: Subject, currency: str) -> dict[str, str]:
    """Coupons that are valid now, in words by id: of a share, or of an amount of the currency."""
    offered = subject.snapshot.frame("coupons_offered")
    fitting = offered.loc[offered["amount_off"].isna() | (offered["currency"] == currency)]
    return {str(row["coupon_id"]): _coupon(row) for row in fitting.to_dict("records")}


def _coupon(row: Mapping[Any, Any]) -> str:
    return f"{known(row['name']) or row['coupon_id']}: {taken_off(row)} off, {row['duration']}"


def end_discount(subject: Subject) -> Command | Nothing:
    """Take a discount off."""
    given = subject.snapshot.frame("customer_discounts", subject.customer_id)
    given = given.loc[given["subscription_id"].notna()]
    named = {
        (str(row["subscription_id"]), str(row["discount_id"])): known(row["coupon"])
        or known(row["coupon_id"])
        for row in given.to_dict("records")
    }
    if not named:
        return Nothing("There is no discount to end.")
    subscription, discount = choice("Discount", named, "act_discount")
    return EndDiscount(subject.customer_id, subscription, discount)


def trial(subject: Subject) -> Command | None:
    """Extend or end a trial that runs."""
    name = _subscription(subject, _in_trial(subject, running=True))
    if choice("Trial", {"date": "Ends on a date", "now": "Ends now"}, "act_trial") == "now":
        return SetTrialEnd(subject.customer_id, name)
    return _trial_until(subject, name)


def free_time(subject: Subject) -> Command | None:
    """A trial for a subscription that is in none."""
    name = _subscription(subject, _in_trial(subject, running=False))
    st.markdown("It is in no trial. Until the date it would be free, as a trial is.")
    return _trial_until(subject, name)


def _trial_until(subject: Subject, name: str) -> Command | None:
    day = st.date_input("Date", _tomorrow(subject), min_value=_tomorrow(subject), key="act_trial_date")
    return SetTrialEnd(subject.customer_id, name, _instant(day)) if day else None


def _in_trial(subject: Subject, *, running: bool) -> pd.DataFrame:
    """The subscriptions that are in a trial, or those that are not."""
    rows = subject.subscriptions
    return rows.loc[(rows["status"] == "trialing").fillna(False).astype("bool") == running]


def _any(subject: Subject) -> bool:
    return len(subject.subscriptions) > 0


SUBSCRIPTION: Mapping[str, Offer] = {
    "start": Offer("Start a subscription", "add_circle", CHANGE, start, lambda _: True),
    "change": Offer("Change plan or capacity", "swap_vert", CHANGE, change, _any),
    "drop": Offer(
        "Drop the planned change",
        "event_repeat",
        CHANGE,
        drop,
        lambda s: _any(s) and bool(s.subscriptions["schedule_id"].notna().any()),
    ),
    "cancel": Offer("Cancel subscription", "event_busy", CANCEL, cancel, _any),
    "keep": Offer(
        "Take cancellation back",
        "undo",
        CANCEL,
        keep,
        lambda s: _any(s) and bool(_due(s.subscriptions).any()),
    ),
    "coupon": Offer("Apply a coupon", "sell", DISCOUNT, coupon, _any),
    "end_discount": Offer("End a discount", "money_off", DISCOUNT, end_discount, _any),
    "trial": Offer(
        "Extend or end a trial", "hourglass_top", CHANGE, trial, lambda s: len(_in_trial(s, running=True)) > 0
    ),
    "free_time": Offer(
        "Give free time as a trial",
        "more_time",
        CHANGE,
        free_time,
        lambda s: len(_in_trial(s, running=False)) > 0,
    ),
    "collection": Offer("Change how it is paid", "account_balance", CHANGE, collection, _any),
    "pause": Offer(
        "Pause collection",
        "pause_circle",
        CHANGE,
        pause,
        lambda s: _any(s) and bool(s.subscriptions["pause_behavior"].isna().any()),
    ),
    "resume": Offer(
        "Resume collection",
        "play_circle",
        CHANGE,
        resume,
        lambda s: _any(s) and bool(s.subscriptions["pause_behavior"].notna().any()),
    ),
}

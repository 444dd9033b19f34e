"""What Stripe's and ChartMogul's MRR count otherwise than ours, as they publish it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Definition = Literal["stripe", "chartmogul"]
Parts = pd.DataFrame
Chosen = Callable[[Parts, frozenset[str]], "pd.Series[bool]"]

STRIPE = "https://docs.stripe.com/billing/subscriptions/analytics/glossary"
STRIPE_DISCOUNTS = (
    "https://support.stripe.com/questions/"
    "impact-of-discounts-and-coupons-on-monthly-recurring-revenue-mrr-in-billing"
)
STRIPE_CANCELLATIONS = (
    "https://support.stripe.com/questions/"
    "impact-of-subscription-cancellations-on-monthly-recurring-revenue-mrr-in-billing"
)
CHARTMOGUL = "https://help.chartmogul.com/article/154-chart-monthly-recurring-revenue-mrr"
CHARTMOGUL_DISCOUNTS = "https://help.chartmogul.com/hc/en-us/articles/203299812"
CHARTMOGUL_DIFFERS = (
    "https://help.chartmogul.com/article/294-why-does-data-in-chartmogul-differ-from-my-integration"
)
CHARTMOGUL_PAST_DUE = "https://help.chartmogul.com/article/303-handling-past-due-subscriptions"
CHARTMOGUL_PAUSED = "https://help.chartmogul.com/hc/en-us/articles/360015688860"
CHARTMOGUL_INVOICED = "https://help.chartmogul.com/hc/en-us/articles/209161549-Invoice-handling"
LEAVING = "set_to_end"


@dataclass(frozen=True)
class Difference:
    """What another tool counts otherwise: which of the parts it is of, and with which sign it counts there.

    sign 0: how much it is cannot be known; it is named where there are such parts, or, without parts, always.
    """

    key: str
    name: str
    explanation: str
    source: str
    parts: Chosen | None = None
    sign: Literal[-1, 0, 1] = 0
    optional: bool = False


def _part(*names: str) -> Chosen:
    return lambda parts, _: parts["part"].isin(names)


def _every(*units: str) -> Chosen:
    return lambda parts, _: (parts["part"] == "counted") & parts["interval"].str.endswith(units)


def _limited(parts: Parts, without: frozenset[str]) -> "pd.Series[bool]":
    """What limited coupons take off of what Stripe counts: not of what it has left out already."""
    left_out = [] if LEAVING in without else ["limited_leaving"]
    return parts["part"].isin({"limited", "limited_leaving"} - {*left_out})


STRIPES = (
    Difference(
        LEAVING,
        "Set to cancel",
        "Stripe leaves a subscription out from the moment its cancellation is asked for; here it counts "
        "until it ends. Billing has a setting to wait for the end too. A cancellation that was taken back "
        "later is no longer known.",
        STRIPE_CANCELLATIONS,
        _part("leaving"),
        -1,
        optional=True,
    ),
    Difference(
        "limited_coupons",
        "Coupons that end by themselves",
        "Stripe takes only coupons that last forever off MRR, unless Billing is set to subtract recurring "
        "discounts; here a repeating coupon lowers MRR while it lasts.",
        STRIPE_DISCOUNTS,
        _limited,
        1,
        optional=True,
    ),
    Difference(
        "once_coupons",
        "One-time coupons",
        "Only where Billing is set to subtract one-time discounts; here they never lower MRR.",
        STRIPE_DISCOUNTS,
        optional=True,
    ),
    Difference(
        "tax",
        "Tax inside prices",
        "Stripe takes the tax out of prices that include it; here the price counts as it is.",
        STRIPE,
        _part("with_tax"),
    ),
    Difference(
        "not_shown",
        "Prices and discounts not shown",
        "Stripe knows them and has not shown them to this app's key.",
        STRIPE,
        _part("price not known", "discount not known"),
    ),
    Difference(
        "days",
        "Billed by the day",
        "Stripe does not publish how it makes a month of days; here it is 365 days over 12.",
        STRIPE,
        _every("day"),
    ),
    Difference(
        "time_zone",
        "Time zone and delay",
        "Stripe's months end at midnight of the account's time zone, here at midnight UTC; its charts may be "
        "up to two days behind after a change of settings.",
        STRIPE,
    ),
)
CHARTMOGULS = (
    Difference(
        "unpaid",
        "Unpaid",
        "ChartMogul counts a subscription whose payment failed until it is canceled, unless it is set to "
        "drop it after some days; here unpaid is zero.",
        CHARTMOGUL_PAST_DUE,
        _part("unpaid"),
        1,
        optional=True,
    ),
    Difference(
        "paused",
        "Paused",
        "ChartMogul has no pause: a paused subscription becomes past due and goes on counting; here the "
        "status paused is zero.",
        CHARTMOGUL_PAUSED,
        _part("paused"),
        1,
    ),
    Difference(
        "never_paid",
        "Invoiced and never paid",
        "ChartMogul starts to count a customer who is sent invoices when the first of them is paid, unless "
        "it is set to count from the first open one; here a subscription counts when it begins.",
        CHARTMOGUL_INVOICED,
        _part("never_paid"),
        -1,
        optional=True,
    ),
    Difference(
        "once_coupons",
        "One-time coupons",
        "ChartMogul counts what was billed, so that a one-time coupon lowers MRR until the next invoice; "
        "here it never does.",
        CHARTMOGUL_DISCOUNTS,
    ),
    Difference(
        "not_billed",
        "Changes not billed yet",
        "ChartMogul learns of a change from the invoice that bills it; here an event or a schedule dates it.",
        CHARTMOGUL_DIFFERS,
    ),
    Difference(
        "weeks_and_days",
        "Billed by the week or the day",
        "ChartMogul does not publish how it makes a month of weeks and days; here it is 52 weeks or 365 days "
        "over 12.",
        CHARTMOGUL,
        _every("week", "day"),
    ),
    Difference(
        "refunds",
        "Refunds",
        "For Stripe, ChartMogul can be set to take refunds off MRR; here they never touch it.",
        CHARTMOGUL_DIFFERS,
        optional=True,
    ),
    Difference(
        "not_shown",
        "Prices and discounts not shown",
        "ChartMogul reads amounts from invoices; here nothing is counted whose price Stripe does not show.",
        CHARTMOGUL,
        _part("price not known", "discount not known"),
    ),
    Difference(
        "time_zone",
        "Time zone",
        "ChartMogul's months end at midnight of the time zone in its settings, here at midnight UTC.",
        CHARTMOGUL_DIFFERS,
    ),
)
DIFFERENCES: Mapping[Definition, tuple[Difference, ...]] = {"stripe": STRIPES, "chartmogul": CHARTMOGULS}
ALIKE: Mapping[Definition, str] = {
    "stripe": "Counted alike: trials, unpaid and paused are zero, past due counts, metered prices, one-off "
    "items and added tax do not; a year is twelve months and 52 weeks.",
    "chartmogul": "Counted alike: trials are zero, past due and set to cancel count, metered prices and "
    "one-off items do not, repeating coupons lower MRR while they last.",
}
"""What is no difference, in words."""

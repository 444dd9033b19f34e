"""Each kind of evidence that a timeline row names, in words."""

EVIDENCE = {
    "event": "An event: Stripe said so when it happened.",
    "invoice": "An invoice's line: so since the period that it bills began.",
    "proration": "A proration: so since the instant from which it charges or gives back.",
    "schedule": "A phase of the subscription's schedule, confirmed by what came later.",
    "present": "As the subscription is now, taken to have been so since the last evidence of another state.",
    "item added": "As the item is now, taken to have been so since it was added to the subscription.",
    "not renewed": "The item was not billed again when its period ended, while others were.",
    "ended": "As the subscription was when it ended, taken to have been so since the last other evidence.",
    "discount not known": "Counted without a discount that Stripe named but did not show.",
    "trial": "In trial: zero until the trial ends.",
    "before trial": "Counted before its trial began.",
    "metered": "A metered or one-off price: not counted.",
    "price not known": "Stripe did not show the price or its tiers: not counted, because nothing is guessed.",
    "never active": "The first payment was never made: not counted.",
    "incomplete": "The first payment was not made yet: not counted.",
    "unpaid": "Unpaid, as far back as invoices or events tell: zero.",
    "paused": "Paused, as far back as invoices or events tell: zero.",
    "status not known": "Stripe names a status that has no definition here: not counted.",
    "ended, date not known": "Canceled, but Stripe gave no date of its end: not counted.",
}

"""Timelines of single subscriptions, as tables of dates and expected figures."""

from data.history import EVIDENCE, Life
from data.timeline import timeline
from tests.data.lives import amount_off, day, discount, item, life, percent, price

Row = tuple[str, str | None, int, bool, str]


def rows(of: Life) -> list[Row]:
    """(from, to, arr, counted, evidence), with days as text."""
    found = timeline(of)
    assert {segment.evidence for segment in found} <= set(EVIDENCE)
    return [
        (
            f"{segment.from_at:%Y-%m-%d}",
            None if segment.to_at is None else f"{segment.to_at:%Y-%m-%d}",
            segment.arr,
            segment.counted,
            segment.evidence,
        )
        for segment in found
    ]


def test_an_active_subscription_counts_from_its_start() -> None:
    assert rows(life(item(price(), 3))) == [("2026-01-01", None, 360_00, True, "present")]


def test_a_trial_is_zero_until_it_ends() -> None:
    tried = life(item(price()), trial_start="2026-01-01", trial_end="2026-01-15")
    assert rows(tried) == [
        ("2026-01-01", "2026-01-15", 0, False, "trial"),
        ("2026-01-15", None, 120_00, True, "present"),
    ]


def test_a_trial_given_later_interrupts() -> None:
    tried = life(item(price()), trial_start="2026-03-01", trial_end="2026-03-15")
    assert rows(tried) == [
        ("2026-01-01", "2026-03-01", 120_00, True, "before trial"),
        ("2026-03-01", "2026-03-15", 0, False, "trial"),
        ("2026-03-15", None, 120_00, True, "present"),
    ]


def test_who_is_in_trial_now_has_not_begun_to_count() -> None:
    tried = life(item(price()), status="trialing", trial_start="2026-01-01", trial_end="2026-01-15")
    assert rows(tried) == [("2026-01-01", None, 0, False, "trial")]


def test_a_canceled_subscription_counts_until_it_ended() -> None:
    ended = life(item(price()), status="canceled", ended="2026-06-01")
    assert rows(ended) == [("2026-01-01", "2026-06-01", 120_00, True, "ended")]


def test_who_leaves_in_the_trial_never_counted() -> None:
    ended = life(
        item(price()), status="canceled", trial_start="2026-01-01", trial_end="2026-01-15", ended="2026-01-10"
    )
    assert rows(ended) == [("2026-01-01", "2026-01-10", 0, False, "trial")]


def test_statuses_that_are_zero_say_why() -> None:
    assert {
        status: rows(life(item(price()), status=status))[0][2:]
        for status in ("past_due", "incomplete", "incomplete_expired", "unpaid", "paused", "canceled", "new")
    } == {
        "past_due": (120_00, True, "present"),
        "incomplete": (0, False, "incomplete"),
        "incomplete_expired": (0, False, "never active"),
        "unpaid": (0, False, "unpaid"),
        "paused": (0, False, "paused"),
        "canceled": (0, False, "ended, date not known"),
        "new": (0, False, "status not known"),
    }


def test_prices_that_do_not_count_say_why() -> None:
    unknown = item(price(unit_amount=None))
    metered = item(price(usage_type="metered"), None)
    assert rows(life(unknown)) == [("2026-01-01", None, 0, False, "price not known")]
    assert rows(life(metered)) == [("2026-01-01", None, 0, False, "metered")]


def test_an_item_added_later_counts_from_then() -> None:
    added = life(item(price()), item(price(30_00), 2, "si_2", created="2026-04-01"), created="2026-01-01")
    assert rows(added) == [
        ("2026-01-01", None, 120_00, True, "present"),
        ("2026-04-01", None, 720_00, True, "item added"),
    ]


def test_a_discount_that_ends_is_a_step_up_even_in_the_future() -> None:
    reduced = life(
        item(price()), discounts=[discount(percent("25", "repeating"), "2026-01-01", "2026-04-01")]
    )
    assert rows(reduced) == [
        ("2026-01-01", "2026-04-01", 90_00, True, "present"),
        ("2026-04-01", None, 120_00, True, "present"),
    ]


def test_a_discount_given_later_is_a_step_down() -> None:
    reduced = life(item(price()), discounts=[discount(amount_off(2_00), "2026-03-01")])
    assert rows(reduced) == [
        ("2026-01-01", "2026-03-01", 120_00, True, "present"),
        ("2026-03-01", None, 96_00, True, "present"),
    ]


def test_a_discount_of_one_invoice_changes_nothing() -> None:
    once = life(item(price()), discounts=[discount(amount_off(5_00, "once"), "2026-03-01")])
    assert rows(once) == [("2026-01-01", None, 120_00, True, "present")]


def test_an_amount_is_spread_over_the_items_in_force() -> None:
    reduced = life(
        item(price(30_00)),
        item(price(10_00), 1, "si_2", created="2026-04-01"),
        created="2026-01-01",
        discounts=[discount(amount_off(4_00), "2026-01-01")],
    )
    assert rows(reduced) == [
        ("2026-01-01", "2026-04-01", 312_00, True, "present"),
        ("2026-04-01", None, 324_00, True, "present"),
        ("2026-04-01", None, 108_00, True, "item added"),
    ]


def test_a_discount_that_stripe_did_not_show_is_said() -> None:
    unseen = life(item(price()), discounts=[discount(None)])
    assert rows(unseen) == [("2026-01-01", None, 120_00, True, "discount not known")]


def test_a_segment_carries_what_it_was() -> None:
    (segment,) = timeline(life(item(price(30_00, "month", 3, currency="eur"), 2), currency="eur"))
    assert (segment.product_id, segment.interval, segment.currency, segment.quantity) == (
        "prod_a",
        "3month",
        "eur",
        2,
    )
    assert segment.from_at == day("2026-01-01")

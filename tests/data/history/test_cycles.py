"""A billing cycle that is moved: what is given back and charged again at once has not changed."""

from dataclasses import replace

from data.evidence import Evidence
from data.evidence.facts import Charge, Kind
from data.history import Item, history
from data.timeline import timeline
from data.unknown import unknown
from tests.data.lives import day, item, life, price


def test_what_is_given_back_and_billed_anew_was_there_all_the_time() -> None:
    seats = item(price(10_00), 3)

    def charge(kind: Kind, start: str, end: str) -> Charge:
        return Charge(seats.id, kind, seats.terms, day(start), day(end))

    moved = (
        charge("period", "2026-01-01", "2026-02-01"),
        charge("credit", "2026-01-10", "2026-02-01"),
        charge("period", "2026-01-10", "2026-02-10"),
        charge("period", "2026-02-10", "2026-03-10"),
    )
    lived = replace(life(seats), evidence=Evidence(moved))
    (segment,) = timeline(lived)
    assert (segment.arr, segment.from_at, segment.to_at) == (360_00, day("2026-01-01"), None)
    assert unknown(lived, history(lived)) == []


def test_an_item_that_is_billed_when_its_period_is_over_says_nothing_of_the_others() -> None:
    seats, use = item(price(10_00), 3), item(replace(price(1), usage_type="metered"), None, "si_use")
    charges = (
        Charge(use.id, "period", use.terms, day("2026-01-01"), day("2026-01-10")),
        Charge(seats.id, "period", seats.terms, day("2026-01-10"), day("2026-02-10")),
    )
    lived = replace(life(seats, use), evidence=Evidence(charges))
    assert [each.from_at for each in timeline(lived) if each.counted] == [day("2026-01-01")]


def test_a_change_taken_back_at_the_same_instant_is_none() -> None:
    seats = item(price(10_00), 3)
    more = replace(seats, quantity=5)

    def charge(kind: Kind, of: Item, start: str, end: str) -> Charge:
        return Charge(seats.id, kind, of.terms, day(start), day(end))

    there = [charge(kind, seats, "2026-01-10", "2026-02-01") for kind in ("credit", "charge")]
    back = [charge(kind, more, "2026-01-10", "2026-02-01") for kind in ("charge", "credit")]
    for first, second in ((there, back), (back, there)):
        charges = (charge("period", seats, "2026-01-01", "2026-02-01"), *first, *second)
        lived = replace(life(seats), evidence=Evidence(charges))
        assert [each.arr for each in timeline(lived)] == [360_00]
        assert unknown(lived, history(lived)) == []

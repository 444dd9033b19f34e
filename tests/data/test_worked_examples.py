"""The worked examples of the definitions that the ledger expresses, each with its published figure."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from data.history import Life
from data.money import round_places
from data.timeline import timeline
from tests.data.lives import day, discount, item, life, moves, percent, price


def mrr(arr: int, places: int = 2) -> Decimal:
    """ARR in cents as MRR in the main unit."""
    return round_places(Fraction(arr, 1200), places)


def arr_of(*lives: Life) -> int:
    return sum(segment.arr for each in lives for segment in timeline(each))


def moved(*lives: Life) -> list[tuple[str, str, Decimal]]:
    """(day, kind, MRR), a row for each customer, day and kind."""
    frame = moves((segment for each in lives for segment in timeline(each)), day("2030-01-01"))
    sums = frame.groupby(["day", "kind"])["delta_arr"].sum()
    return [
        (f"{datetime.fromtimestamp(when * 86_400, UTC):%Y-%m-%d}", kind, mrr(delta))
        for (when, kind), delta in sums.items()
        if delta
    ]


def test_stripe_glossary() -> None:
    monthly = [life(item(price(100_00)), id=f"sub_m{n}") for n in range(100)]
    yearly = [life(item(price(600_00, "year")), id=f"sub_y{n}") for n in range(50)]
    assert mrr(arr_of(*monthly, *yearly)) == Decimal("12500.00")


def test_profitwell_yearly_with_ten_percent_off() -> None:
    reduced = life(item(price(120_00, "year")), discounts=[discount(percent("10"))])
    assert mrr(arr_of(reduced)) == Decimal("9.00")


def test_chartmogul_five_seats_then_two_more_expensive_ones() -> None:
    first = life(item(price(5_00), 5))
    second = life(item(price(30_00), 2), id="sub_2", start="2026-02-01")
    assert mrr(arr_of(first)) == Decimal("25.00")
    assert mrr(arr_of(first, second)) == Decimal("85.00")


def test_kill_bill_yearly_to_four_decimals() -> None:
    assert mrr(arr_of(life(item(price(18_29, "year")))), places=4) == Decimal("1.5242")


def test_chartmogul_life_of_a_customer() -> None:
    yearly = life(item(price(500_00, "year"), 4), status="canceled", ended="2027-01-01")
    seats = life(item(price(30_00), 2), id="sub_2", start="2026-03-01", status="canceled", ended="2026-05-01")
    back = life(item(price(50_00), 3), id="sub_3", start="2027-03-01")
    assert moved(yearly, seats, back) == [
        ("2026-01-01", "new", Decimal("166.67")),
        ("2026-03-01", "expansion", Decimal("60.00")),
        ("2026-05-01", "contraction", Decimal("-60.00")),
        ("2027-01-01", "churn", Decimal("-166.67")),
        ("2027-03-01", "reactivation", Decimal("150.00")),
    ]


def test_paddle_cancels_at_the_end_of_the_period() -> None:
    left = life(item(price(10_00)), start="2026-04-15", status="canceled", ended="2026-06-15")
    assert moved(left)[-1] == ("2026-06-15", "churn", Decimal("-10.00"))


def test_kumospace_yearly_with_twenty_percent_off() -> None:
    yearly = life(item(price(1_800_00, "year")), discounts=[discount(percent("20"))])
    assert arr_of(yearly) == 1_440_00

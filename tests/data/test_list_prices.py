"""The price list is checked when it is read."""

from typing import Any

import pytest

from data.catalog import Catalog, load

USD = {"currency": "usd", "interval": "month"}


def priced(rule: str, price: dict[str, Any], **more: Any) -> Catalog:
    entry = {"key": "a", "name": "A", "rank": 1, "rule": rule, "list_prices": [USD | price], **more}
    plan = {"key": "p", "name": "P", "rank": 0, "self_serve": False, "capacity_unit": "seat"}
    return Catalog.model_validate({"plan": [plan], "addon": [entry]})


@pytest.mark.parametrize(
    ("rule", "price", "more", "sentence"),
    [
        ("per_unit", {}, {}, "a per_unit price has an amount"),
        ("flat", {"amount": 1, "tiers": [{}]}, {}, "a flat price has no tiers"),
        ("volume", {"amount": 1}, {}, "a volume price has tiers"),
        ("graduated", {"tiers": [{"up_to": 5}, {"up_to": 9}]}, {}, "only the last has no up_to"),
        ("graduated", {"tiers": [{"up_to": 5}, {"up_to": 5}, {}]}, {}, "tiers go up"),
        ("volume", {"tiers": [{}, {}]}, {}, "only the last has no up_to"),
        ("percent", {"amount": 1}, {"percent": "5"}, "a percent price has no amount"),
        ("percent", {}, {}, "belong together"),
        ("flat", {"amount": 1}, {"percent": "5"}, "belong together"),
        ("flat", {"amount": 1}, {"requires": ["b"]}, "requires or excludes 'b', which nothing is"),
        ("flat", {"amount": 1}, {"excludes": ["b"]}, "requires or excludes 'b', which nothing is"),
    ],
)
def test_a_price_that_does_not_fit_its_rule_is_named(
    rule: str, price: dict[str, Any], more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        priced(rule, price, **more)


def test_a_price_is_found_by_currency_and_interval() -> None:
    entry = priced("flat", {"amount": 700, "interval_count": 12}, requires=["p"]).entry("a")
    assert entry is not None
    assert entry.list_price("usd", "1month") is None
    found = entry.list_price("usd", "1year")
    assert found is not None
    assert found.pushed() == USD | {"amount": 700, "interval_count": 12}


def test_what_is_sold_has_prices_in_every_currency() -> None:
    for entry in load().entries:
        assert {price.currency for price in entry.list_prices} == {"usd", "eur", "gbp", "jpy"}, entry.key


def test_a_year_of_enterprise_is_twelve_months() -> None:
    plan = load().entry("enterprise")
    assert plan is not None
    for month in (each for each in plan.list_prices if each.code == "1month"):
        year = plan.list_price(month.currency, "1year")
        assert year is not None
        for one, twelve in zip(month.tiers, year.tiers, strict=True):
            assert (one.unit_amount * 12, one.flat_amount * 12) == (twelve.unit_amount, twelve.flat_amount)

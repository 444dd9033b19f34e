"""Terms of a promise by month: what ran stays as it was, newer terms take over."""

from data.addons import promises

OLD = {"tier": "99.9", "begins": "2026-01", "fee": 1_000, "currency": "usd"}
NEW = {"tier": "99.99", "begins": "2026-10", "fee": 9_000, "currency": "usd"}


def test_terms_that_never_ran_are_replaced() -> None:
    assert promises.renewed(OLD, NEW, runs=False) == NEW
    assert promises.ran(OLD, runs=False) == []
    assert promises.first({}) is None


def test_terms_that_ran_stay_beside_the_new_ones() -> None:
    ended = {**OLD, "ended": "2026-09"}
    renewed = promises.renewed({**ended, "other": 1}, NEW, runs=False)
    assert renewed == {**NEW, "other": 1, "past": [ended]}
    assert promises.ran(renewed, runs=False) == [ended]
    assert [each["begins"] for each in promises.ran(renewed, runs=True)] == ["2026-01", "2026-10"]
    assert promises.renewed(renewed, OLD, runs=True)["past"] == [ended, NEW]
    assert promises.first(renewed) == "2026-01"


def test_fees_that_the_contract_changes_hold_from_their_month_on() -> None:
    terms = {**OLD, "later": {"2027-01": 2_000, "2026-07": 1_500}}
    ran = promises.ran(terms, runs=True)
    assert [(each["begins"], each["fee"]) for each in ran] == [
        ("2026-01", 1_000),
        ("2026-07", 1_500),
        ("2027-01", 2_000),
    ]
    renewed = promises.renewed(terms, NEW, runs=True)
    assert renewed == {
        **NEW,
        "past": [terms],
    }  # what comes later of the old terms is no promise of the new ones

"""What was read, in words."""

from datetime import timedelta

import pandas as pd

from dashboard.metrics import readings
from tests.data.lives import day


def states(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["resource", "state", "error"])


EXTENT = {"accounts": 3, "unlinked": 1, "observed_at": day("2026-01-31"), "used_on": pd.NaT, "used": 0}


def test_what_is_amiss_comes_first_with_its_reason() -> None:
    frame = readings.resources(
        states(
            ("charges", "ok", None),
            ("quotes", "forbidden", "The key may not read quotes."),
            ("payment_methods", "unknown", None),
            ("application database", "failed", "It is locked."),
        )
    )
    assert frame[["name", "told", "sentence"]].to_numpy().tolist() == [
        ["Payment methods", "Not offered", "This account has no payment methods."],
        ["Quotes", "Not permitted", "The key may not read quotes."],
        ["Charges", "Read", ""],
    ]


def test_everything_that_is_not_ok_counts() -> None:
    assert readings.not_read(states(("a", "ok", None), ("b", "failed", None), ("c", "unknown", None))) == 2


def test_age_is_never_below_nothing() -> None:
    assert readings.age(day("2026-01-01"), day("2026-01-02")) == timedelta(days=1)
    assert readings.age(day("2026-01-02"), day("2026-01-01")) == timedelta(0)


def test_the_application_database_in_sentences() -> None:
    found = readings.application(states(("application database", "ok", None)))
    assert list(readings.told(found, pd.DataFrame([EXTENT]))) == [
        "3 accounts, 1 of them without a Stripe customer, copied 31 Jan 2026, 00:00 UTC.",
        "The use of no account is known.",
    ]
    used = EXTENT | {"used_on": pd.Timestamp("2026-01-30"), "used": 2}
    assert [*readings.told(found, pd.DataFrame([used]))][-1] == (
        "Use is known of 2 accounts, until 30 Jan 2026."
    )


def test_an_application_database_that_failed_or_is_not_there() -> None:
    failed = readings.application(states(("application database", "failed", "It is locked.")))
    never = pd.DataFrame([EXTENT | {"observed_at": pd.NaT}])
    assert list(readings.told(failed, never)) == ["It is locked.", "No account was ever copied from it."]
    assert readings.application(states(("quotes", "ok", None))) is None
    assert [*readings.told(None, never)] == [
        "No application database is connected, so accounts, capacity and use are not known."
    ]

"""Findings as figures: put off until a day, unknown amounts in every currency, kinds that all have words."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from dashboard.metrics import reconciliation
from data.frames.reconciliation import DTYPES
from data.frames.reconciliation import KINDS as SEARCHED

NOW = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


def finding(name: str, kind: str = "plan_differs", **given: object) -> dict[str, object]:
    return {"finding": name, "kind": kind, "currency": "usd", "amount": 1000, "per": "month"} | given


def stated(*rows: dict[str, object], notes: list[dict[str, object]] | None = None) -> pd.DataFrame:
    dtypes = {name: dtype for name, dtype in DTYPES.items() if name in rows[0]}
    found = pd.DataFrame(rows).astype(dtypes)
    first = [pd.Timestamp("2026-10-01", tz="UTC") if each == "a" else None for each in found["finding"]]
    found = found.assign(first_seen_at=pd.Series(first, dtype="datetime64[us, UTC]"))
    columns = ["finding", "assignee", "snoozed_until", "reason"]
    written = pd.DataFrame(notes or [], columns=columns)
    return reconciliation.with_state(found, written, NOW)


def note(name: str, until: str | None = None, assignee: str = "Grace") -> dict[str, object]:
    snoozed = None if until is None else pd.Timestamp(until)
    return {"finding": name, "assignee": assignee, "snoozed_until": snoozed, "reason": "waits"}


def test_every_kind_that_is_searched_for_has_words() -> None:
    assert list(SEARCHED) == list(reconciliation.KINDS)


def test_a_finding_is_put_off_until_its_day_comes() -> None:
    rows = stated(
        finding("a"), finding("b"), finding("c"),
        notes=[note("a", "2026-11-22"), note("b", "2026-11-21"), note("b", "2027-01-01", "older")],
    )  # fmt: skip
    assert rows["state"].tolist() == ["Snoozed", "Open", "Open"]
    assert rows["assignee"].fillna("").tolist() == ["Grace", "Grace", ""]
    assert [f"{at:%Y-%m-%d}" for at in rows["since"]] == ["2026-10-01", "2026-11-21", "2026-11-21"]


def test_figures_are_of_what_is_open() -> None:
    rows = stated(
        finding("a"), finding("b", amount=None, currency=None),
        finding("c", per="once", kind="invoice_of_ended"), finding("d", currency="eur"),
        finding("e", amount=70),
        notes=[note("e", "2027-01-01")],
    )  # fmt: skip
    mine = reconciliation.of_currency(rows, "usd")
    assert mine["finding"].tolist() == ["a", "c", "e", "b"]
    assert (reconciliation.open_findings(mine), reconciliation.snoozed(mine)) == (3, 1)
    assert (reconciliation.in_question(mine), reconciliation.once(mine)) == (1000, 1000)
    kinds = reconciliation.by_kind(mine.loc[mine["state"] == "Open"])
    assert kinds[["name", "findings", "amount", "unknown"]].to_numpy().tolist() == [
        ["Plan differs", 2, 1000, 1],
        ["Invoice open on an ended subscription", 1, 1000, 0],
    ]


def test_nothing_found_is_no_error() -> None:
    rows = stated(finding("a")).iloc[:0]
    assert reconciliation.in_question(rows) == reconciliation.open_findings(rows) == 0
    assert reconciliation.by_kind(rows).empty


@pytest.mark.parametrize("currency", ["usd", "eur"])
def test_figures_are_made_of_their_rows(currency: str) -> None:
    rows = pd.DataFrame(
        [
            ("Open", "month", "usd", 100), ("Open", "once", "usd", 7), ("Open", "month", None, None),
            ("Open", "month", "eur", 30), ("Snoozed", "month", "usd", 1),
        ],
        columns=["state", "per", "currency", "amount"],
    ).assign(kind="plan_differs", customer_id="cus_1", customer_name="Ada")  # fmt: skip
    rows = rows.astype({"amount": "Int64", "currency": "string"})
    log = rows.iloc[:2].assign(closed_at=NOW).drop(columns="state")
    shown = reconciliation.of_currency(rows, currency)
    for metric, given in (
        (reconciliation.open_findings, shown),
        (reconciliation.in_question, shown),
        (reconciliation.once, shown),
        (reconciliation.snoozed, shown),
        (reconciliation.closed, log),
    ):
        made = reconciliation.explained(metric, rows, log, currency)
        assert made.figure == metric(given)
        sums = made.included[["rows", "amount"]].sum()
        assert made.figure == sums["amount" if metric.unit == "amount" else "rows"]
        gone = len(log) if metric is reconciliation.closed else 0
        assert len(made.included) + len(made.excluded) == len(rows) + gone
        assert all(made.excluded["reason"])

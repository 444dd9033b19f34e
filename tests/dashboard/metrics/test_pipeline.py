"""The pipeline's figures, worked out by hand from a table of quotes."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from dashboard.charts import pipeline as charts
from dashboard.metrics import pipeline
from dashboard.metrics.pipeline_rows import behind
from dashboard.quotes.states import FINAL, STATES
from data.frames.pipeline import DTYPES
from data.frames.reading import INSTANT, made
from data.quotes import states as quote_states

MONTHS = ["2026-10", "2026-11"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def quote(name: str, state: str, since: str, total: int | None, **more: Any) -> tuple[Any, ...]:
    """A row of frames.quote_pipeline; recurring is the total, at list a quarter more."""
    told = {
        "quote_id": name,
        "state": state,
        "since": at(since),
        "created_at": at("2026-10-01"),
        "owner": "Ann",
    }
    told |= {"name": name, "currency": "usd", "total": total, "arr": total, "recurring_net": total, **more}
    told.setdefault("recurring_list", None if total is None else total * 5 // 4)
    return tuple(told.get(column) for column in DTYPES)


ROWS = made(
    [
        quote("draft", "draft", "2026-10-01", None),
        quote("sent", "sent", "2026-11-12", 9_000_00, expires_on=at("2026-12-06").replace(tzinfo=None)),
        quote("late", "sent", "2026-11-10", 60_000_00, expires_on=at("2026-12-07").replace(tzinfo=None)),
        quote("won", "accepted", "2026-11-05", 30_000_00, owner="Bob"),
        quote("lost", "declined", "2026-10-20", 10_000_00),
        quote("past", "expired", "2026-09-30", 500_000_00),
        quote("back", "withdrawn", "2026-11-01", 10_000_00),
    ],
    DTYPES,
)
MOVES = pd.DataFrame(
    [
        ("won", "draft", "waiting", at("2026-10-03")),
        ("won", "waiting", "approved", at("2026-10-04")),
        ("won", "approved", "sent", at("2026-10-05")),
        ("won", "sent", "accepted", at("2026-11-05")),
        ("lost", "draft", "approved", at("2026-10-05")),
        ("lost", "approved", "sent", at("2026-10-06")),
        ("lost", "sent", "declined", at("2026-10-20")),
        ("sent", "draft", "approved", at("2026-11-10")),
        ("sent", "approved", "sent", at("2026-11-12")),
    ],
    columns=["quote_id", "from_state", "to_state", "at"],
).astype({"at": INSTANT})
COLUMNS = ("state", "stands", "quotes", "total", "arr")
TOLD = pipeline.told(ROWS, MOVES, NOW, STATES)


@pytest.mark.parametrize(
    ("definition", "included"),
    [
        (pipeline.open_quotes, ["draft", "sent", "late"]),
        (pipeline.open_value, ["sent", "late"]),
        (pipeline.win_rate, ["won", "lost"]),
        (pipeline.expiring, ["sent"]),
    ],
)
def test_what_is_behind_a_figure_makes_it_up(definition: Any, included: list[str]) -> None:
    euro = TOLD.loc[TOLD["quote_id"] == "back"].assign(currency="eur")
    rows = TOLD.loc[TOLD["quote_id"] != "back"]
    made_up = behind(definition, rows, euro, MONTHS, NOW.date(), "usd")
    whole = {
        "Win rate": lambda: pipeline.win_rate(rows, MONTHS),
        "Quotes that expire soon": lambda: pipeline.expiring(rows, NOW.date()),
    }
    assert made_up.figure == whole.get(definition.name, lambda: definition(rows))()
    assert sorted(made_up.included["customer_name"]) == sorted(included)
    assert made_up.excluded["reason"].tolist().count("Another currency") == 1
    assert len(made_up.included) + len(made_up.excluded) == len(TOLD)


@pytest.mark.parametrize(("number", "step"), [(4, 1), (5, None)])
def test_few_quotes_have_an_axis_of_whole_numbers(number: int, step: int | None) -> None:
    frame = pd.DataFrame([("draft", "Draft", number, 1, 1, 2)], columns=[*COLUMNS, "oldest"])
    assert charts.by_state(frame, "quotes", "usd").layout.xaxis.dtick == step


def test_as_many_months_before() -> None:
    assert pipeline.before(["2026-12", "2027-01"]) == ("2026-10", "2026-11")


def test_the_states_are_those_of_quotes() -> None:
    assert set(pipeline.OPEN) == set(STATES) - set(FINAL)
    assert {*pipeline.DECIDED, quote_states.WITHDRAWN, quote_states.SUPERSEDED} == set(FINAL)


def test_what_is_open_and_expires() -> None:
    assert pipeline.open_quotes(TOLD) == 3
    assert pipeline.open_value(TOLD) == 69_000_00
    assert (pipeline.unpriced(TOLD), pipeline.owners(TOLD)) == (1, ["Ann", "Bob"])
    assert pipeline.expiring(TOLD, NOW.date()) == 1
    assert TOLD.loc[TOLD["soon"], "quote_id"].tolist() == ["sent"]
    assert TOLD["age"].tolist()[:2] == [52, 10]
    frame = pipeline.by_state(TOLD, STATES)
    assert frame[["stands", "quotes", "total", "oldest"]].to_numpy().tolist() == [
        ["Draft", 1, 0, 52],
        ["Sent", 2, 69_000_00, 12],
    ]


@pytest.mark.parametrize(
    ("which", "state", "names"),
    [
        ("open", None, ["draft", "sent", "late"]),
        ("open", "draft", ["draft"]),
        ("soon", None, ["sent"]),
        ("mine", None, ["late"]),
        ("decided", None, ["won", "lost"]),
        ("all", "sent", ["sent", "late"]),
    ],
)
def test_a_part_of_the_list(which: str, state: str | None, names: list[str]) -> None:
    assert pipeline.part(TOLD, which, MONTHS, ["late"], state)["quote_id"].tolist() == names


def test_how_many_are_won() -> None:
    rate = pipeline.win_rate(TOLD, MONTHS)
    assert (rate.numerator, rate.denominator, rate.value) == (1, 2, Fraction(1, 2))
    assert pipeline.win_rate_by_value(TOLD, MONTHS).value == Fraction(3, 4)
    assert pipeline.win_rate(TOLD, ["2026-09"]).value == 0
    assert pipeline.win_rate(TOLD, ["2026-08"]).reason == "no quote was decided in these months"


def test_how_long_each_state_takes() -> None:
    table = pipeline.stays(ROWS, MOVES, NOW)
    frame = pipeline.time_in_state(table, MONTHS, STATES).set_index("state")
    assert frame.loc["draft", ["median", "longest", "stays"]].tolist() == [4.0, 40.0, 3]
    assert frame.loc["approved", ["median", "stays", "here"]].tolist() == [1.0, 3, 0]
    assert frame.loc["sent", ["median", "longest", "stays", "here"]].tolist() == [22.5, 31.0, 2, 1]
    assert pipeline.typical_days(table, ["2026-08"], "sent") is None
    waited = table.loc[(table["quote_id"] == "sent") & table["to_at"].isna(), "days"]
    assert waited.tolist() == [10.5]


def test_discounts_by_owner_and_size() -> None:
    sent = pipeline.sent_in(TOLD, MONTHS)
    assert sent["quote_id"].tolist() == ["sent", "won", "lost"]
    owners = pipeline.discounts(sent, "usd", "owner")
    assert owners[["group", "quotes", "total"]].to_numpy().tolist() == [
        ["Ann", 2, 19_000_00],
        ["Bob", 1, 30_000_00],
    ]
    assert owners["off"].tolist() == pytest.approx([0.2, 0.2])
    sizes = pipeline.discounts(sent, "usd", "size")
    assert sizes["group"].tolist() == ["Below 10k USD", "10k to 50k USD"]
    assert pipeline.sizes(pd.Series([9_999, 10_000, None], dtype="Int64"), "jpy") == [
        "Below 10k JPY",
        "10k to 50k JPY",
        "Not priced",
    ]
    assert pipeline.discounts(sent.iloc[:0], "usd", "size").empty

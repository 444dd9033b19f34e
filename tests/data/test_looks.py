"""What a person has seen: by visit, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from data import looks
from data.looks import VISIT
from tests.data.lives import day

MONDAY, NOON = day("2026-06-01"), day("2026-06-01T12:00")
SOON = timedelta(minutes=5)


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_visit_begins_where_the_one_before_ended(engine: Engine) -> None:
    url = url_of(engine)
    assert looks.look(url, "ada", MONDAY, NOON) is None
    assert looks.look(url, "ada", MONDAY + SOON, NOON + SOON) is None  # the same visit, opened again
    later = NOON + SOON + VISIT + SOON
    assert looks.look(url, "ada", MONDAY + 10 * SOON, later) == MONDAY + SOON
    assert looks.look(url, "ada", MONDAY + 11 * SOON, later + SOON) == MONDAY + SOON
    assert looks.look(url, "grace", MONDAY, later) is None


def test_all_can_be_taken_as_seen(engine: Engine) -> None:
    url = url_of(engine)
    looks.look(url, "ada", MONDAY, NOON)
    assert looks.seen_all(url, "ada", MONDAY, NOON + SOON) == MONDAY
    assert looks.look(url, "ada", MONDAY + SOON, NOON + 2 * SOON) == MONDAY


def test_a_database_that_does_not_take_it_is_named(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("drop table last_look"))
    with pytest.raises(looks.NotKeptError):
        looks.look(url_of(engine), "ada", MONDAY, NOON)

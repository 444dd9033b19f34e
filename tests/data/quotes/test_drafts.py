"""Drafts of quotes: every change a version, and of two on the same version one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from data.clock import now
from data.quotes import drafts as quotes
from data.quotes.drafts import NotChangedError
from data.quotes.states import DRAFT, WITHDRAWN, Move, go


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_quote_keeps_every_version(engine: Engine) -> None:
    url = address(engine)
    key = quotes.create(url, {"plan": "enterprise"}, "Ada")
    assert quotes.save(url, key, 1, {"plan": "enterprise", "capacity": 250}, "Grace")
    now = quotes.latest(url, key)
    assert now is not None
    assert (now.version, now.fields, now.saved_by, now.created_by) == (
        2,
        {"plan": "enterprise", "capacity": 250},
        "Grace",
        "Ada",
    )
    assert [(each.version, each.saved_by) for each in quotes.versions(url, key)] == [(2, "Grace"), (1, "Ada")]


def test_what_was_made_on_an_older_version_is_not_saved(engine: Engine) -> None:
    url = address(engine)
    key = quotes.create(url, {"capacity": 1}, "Ada")
    assert quotes.save(url, key, 1, {"capacity": 2}, "Ada")
    assert not quotes.save(url, key, 1, {"capacity": 3}, "Grace")
    now = quotes.latest(url, key)
    assert now is not None
    assert now.fields == {"capacity": 2}


def test_of_many_at_once_one_is_first(engine: Engine) -> None:
    url = address(engine)
    key = quotes.create(url, {}, "Ada")
    with ThreadPoolExecutor(6) as pool:
        saved = list(pool.map(lambda at: quotes.save(url, key, 1, {"capacity": at}, f"P{at}"), range(6)))
    assert sum(saved) == 1
    assert len(quotes.versions(url, key)) == 2


def test_quotes_begun_at_once_have_numbers_of_their_own(engine: Engine) -> None:
    url = address(engine)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda at: quotes.create(url, {"n": at}, "Ada"), range(6)))
    assert sorted(each.name for each in quotes.listed(url)) == [f"Q-{1001 + place}" for place in range(6)]


def test_a_quote_is_revised_by_one_however_many_begin_at_once(engine: Engine) -> None:
    url = address(engine)
    key = quotes.create(url, {}, "Ada")
    with ThreadPoolExecutor(6) as pool:
        begun = set(pool.map(lambda at: quotes.revise(url, key, {"capacity": at}, f"P{at}"), range(6)))
    assert len(begun) == 1
    (first,) = begun
    second = quotes.revise(url, first, {}, "Ada")
    assert quotes.revise(url, key, {}, "Ada") == second  # the furthest of them
    with pytest.raises(NotChangedError):
        quotes.create(url, {}, "Ada", revises=key)
    go(url, Move(second, DRAFT, WITHDRAWN, 1, now(), "Ada", "sales", "A mistake"))
    assert quotes.revise(url, key, {}, "Ada") == first
    assert quotes.revise(url, first, {}, "Ada") not in (first, second)


def test_quotes_are_listed_by_their_last_change(engine: Engine) -> None:
    url = address(engine)
    first, second = quotes.create(url, {"n": 1}, "Ada"), quotes.create(url, {"n": 2}, "Ada")
    quotes.save(url, first, 1, {"n": 3}, "Ada")
    assert [each.fields["n"] for each in quotes.listed(url)] == [3, 2]
    assert second in [each.id for each in quotes.listed(url)]
    assert quotes.latest(url, "q_none") is None


def test_quotes_are_found_by_number_state_customer_and_names(engine: Engine) -> None:
    url = address(engine)
    told = ({"prospect": "Initech 50%"}, {"prospect": "Globex"}, {"customer_id": "cus_1"})
    keys = [quotes.create(url, fields, by) for fields, by in zip(told, ("Ada", "Grace", "Ada"), strict=True)]
    go(url, Move(keys[1], DRAFT, WITHDRAWN, 1, now(), "Ada", "sales", "A mistake"))

    def found(**asked: Any) -> list[int]:
        return sorted(keys.index(each.id) for each in quotes.listed(url, **asked))

    for text in ("Q-1002", " q1002", "1002", "glob", "GRACE"):
        assert found(text=text) == [1]
    for text in ("Q-1009", "9" * 30, "initech_", "5%5", "a\0b"):
        assert found(text=text) == []
    assert found(text="50%") == [0]
    assert found(text="Q-1002", named=["cus_1"]) == [1, 2]
    assert found(states=[DRAFT]) == [0, 2]
    assert found(states=[DRAFT], text="ada") == [0, 2]
    assert found(states=[WITHDRAWN], text="ada") == []


def test_a_database_that_does_not_answer_says_so() -> None:
    with pytest.raises(NotChangedError, match="The database did not give the quotes"):
        quotes.listed("postgresql+psycopg://nobody@127.0.0.1:1/none")

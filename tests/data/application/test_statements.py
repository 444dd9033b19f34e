"""Only a single SELECT that reads is taken; words in quotes and comments do not count."""

import pytest

from data.application import ApplicationMapping, MappingError
from data.application.mapping import GENERATED_ACCOUNTS, GENERATED_USE, parameters_of
from data.application.statements import objection


@pytest.mark.parametrize(
    "sql",
    [
        GENERATED_ACCOUNTS,
        GENERATED_USE,
        "SELECT 1",
        "select 1;",
        "select 1 ; -- the end",
        "/* delete */ select 'insert; into' as a, \"update\" from b -- drop; this",
        "with a as (select 1) select * from a",
        "select $tag$ ; delete $tag$, $$;$$",
        "select 'it''s; fine', updated_at, intonation from notes",
    ],
)
def test_reading_statements_are_taken(sql: str) -> None:
    assert objection(sql) is None


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("", "must begin with SELECT or WITH"),
        ("-- select", "must begin with SELECT or WITH"),
        ("delete from accounts", "must begin with SELECT or WITH"),
        ("explain select 1", "must begin with SELECT or WITH"),
        ("select 1; drop table accounts", "must be a single statement"),
        ("select 1;;", "must be a single statement"),
        ("select 1; 'x'", "must be a single statement"),
        ("with gone as (delete from a returning *) select * from gone", "contains DELETE"),
        ("select * into copied from a", "contains INTO"),
        ("select * from a for update", "contains UPDATE"),
    ],
)
def test_other_statements_are_refused(sql: str, reason: str) -> None:
    assert reason in (objection(sql) or "")


def test_the_setting_is_named() -> None:
    with pytest.raises(MappingError) as caught:
        ApplicationMapping(accounts="drop table a", use="select 1; select 2")
    assert str(caught.value).splitlines() == [
        "APPLICATION_ACCOUNTS_SQL must begin with SELECT or WITH.",
        "APPLICATION_USE_SQL must be a single statement.",
    ]


def test_parameters_nobody_knows_are_named() -> None:
    with pytest.raises(MappingError, match="APPLICATION_USE_SQL has the parameter :until"):
        ApplicationMapping(use="select 1 where day between :since and :until")
    with pytest.raises(MappingError, match="APPLICATION_ACCOUNTS_SQL has the parameter :since"):
        ApplicationMapping(accounts="select 1 where day > :since")
    assert parameters_of("select a::date, '10:30' from b where c > :since") == {"since"}

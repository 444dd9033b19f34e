"""A mapping is checked against the database it is for, and each fault says where to set it right."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.application import (
    ApplicationError,
    ApplicationMapping,
    MappingError,
    UnreachableError,
    check_mapping,
)
from data.database import open_engine
from tests.data.application.conftest import ACCOUNTS, USE, run


def test_a_good_mapping_passes(application_engine: Engine, mapping: ApplicationMapping) -> None:
    check_mapping(application_engine, mapping)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"accounts": ACCOUNTS.replace("size as segment, ", "")},
            "APPLICATION_ACCOUNTS_SQL gives no column segment: add it to the SELECT, or `null as segment`.",
        ),
        (
            {"use": USE.replace("heads as used", "heads")},
            "APPLICATION_USE_SQL gives no column used: add it to the SELECT, or `null as used`.\n"
            "APPLICATION_USE_SQL gives a column heads that is not asked for: leave it out.",
        ),
        (
            {"use": USE.replace("select", "select on_day as day,")},
            "APPLICATION_USE_SQL gives the column day twice.",
        ),
        (
            {"accounts": ACCOUNTS.replace("places as", "label as")},
            "APPLICATION_ACCOUNTS_SQL gives 'Team one' as capacity, where a whole number is expected.",
        ),
        (
            {"use": USE.replace("code as", "null as")},
            "APPLICATION_USE_SQL gives a row without account_id: filter such rows out.",
        ),
    ],
)
def test_faults_are_sentences(application_engine: Engine, given: dict[str, str], sentence: str) -> None:
    mapping = ApplicationMapping(**({"accounts": ACCOUNTS, "use": USE} | given))
    with pytest.raises(MappingError) as caught:
        check_mapping(application_engine, mapping)
    assert str(caught.value) == sentence


def test_both_selects_are_reported(application_engine: Engine) -> None:
    with pytest.raises(MappingError) as caught:
        check_mapping(application_engine, ApplicationMapping())
    first, second = str(caught.value).splitlines()
    assert first.startswith("APPLICATION_ACCOUNTS_SQL cannot be run by the application database: ")
    assert "workspaces" in first
    assert second.startswith("APPLICATION_USE_SQL cannot be run by the application database: ")
    assert "seat_usage" in second


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/company.db", "postgresql://reader:secret@127.0.0.1:1/company"]
)
def test_a_database_that_does_not_answer_is_named_without_its_password(url: str) -> None:
    engine = open_engine(url, read_only=True)
    with pytest.raises(UnreachableError) as caught:
        check_mapping(engine, ApplicationMapping())
    engine.dispose()
    assert isinstance(caught.value, ApplicationError)
    assert "company" in str(caught.value)
    assert "APPLICATION_DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_database_itself_refuses_writes(company: Engine, application_engine: Engine) -> None:
    for write in (
        "insert into teams (code) values ('t9')",
        "delete from counts",
        "create table ours (id text)",
    ):
        with (
            application_engine.connect() as connection,
            pytest.raises(DBAPIError, match=r"readonly|read-only"),
        ):
            connection.execute(text(write))
    run(company, "insert into teams (code) values ('t9')")

"""Accounts and use arrive, change, go and come back; a fault changes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from data.application import ApplicationMapping, Copied, MappingError, UnreachableError, copy, reading
from data.database import open_engine
from data.tables.application import account, account_addon, account_use
from tests.data.application.conftest import ACCOUNTS, USE, run

NOW = datetime(2026, 11, 21, 23, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def used(engine: Engine) -> dict[tuple[str, date], int]:
    """What is stored of use."""
    with engine.connect() as connection:
        rows = connection.execute(select(account_use))
        return {(account_id, day): figure for account_id, day, figure in rows}


def deleted(engine: Engine) -> dict[str, datetime | None]:
    """When each stored account was found gone."""
    with engine.connect() as connection:
        rows = connection.execute(select(account.c.account_id, account.c.deleted_at))
        return {row.account_id: row.deleted_at for row in rows}


def test_the_first_copy_brings_all(
    engine: Engine, application_engine: Engine, mapping: ApplicationMapping
) -> None:
    assert copy(engine, application_engine, mapping, NOW) == Copied(accounts=2, gone=0, use=3)
    with engine.connect() as connection:
        rows = connection.execute(select(account).order_by(account.c.account_id)).mappings().all()
    assert dict(rows[0]) == {
        "account_id": "t1",
        "name": "Team one",
        "owner": "it@one.example",
        "plan": "Business",
        "capacity": 30,
        "account_manager": "North desk",
        "segment": "Mid",
        "country": "DE",
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "stripe_customer_id": "cus_1",
        "observed_at": NOW,
        "deleted_at": None,
    }
    assert (rows[1]["name"], rows[1]["capacity"], rows[1]["created_at"]) == ("Zoë & Söhne", None, None)
    assert used(engine)[("t1", date(2026, 11, 20))] == 12


def test_accounts_that_go_are_marked_and_may_come_back(
    engine: Engine, company: Engine, application_engine: Engine, mapping: ApplicationMapping
) -> None:
    copy(engine, application_engine, mapping, NOW)
    run(company, "update teams set code = 't3' where code = 't2'", "update teams set places = 31")
    assert copy(engine, application_engine, mapping, LATER) == Copied(accounts=2, gone=1, use=3)
    assert deleted(engine) == {"t1": None, "t2": LATER, "t3": None}
    assert copy(engine, application_engine, mapping, LATER).gone == 0
    run(company, "update teams set code = 't2' where code = 't3'")
    assert copy(engine, application_engine, mapping, LATER).gone == 1
    assert deleted(engine) == {"t1": None, "t2": None, "t3": LATER}


def test_use_is_read_again_from_two_days_before_the_last(
    engine: Engine, company: Engine, application_engine: Engine, mapping: ApplicationMapping
) -> None:
    copy(engine, application_engine, mapping, NOW)
    run(company, "insert into counts values ('t1', '2026-11-22', 20), ('t1', '2026-11-10', 9)")
    assert copy(engine, application_engine, mapping, LATER).use == 4
    run(company, "update counts set heads = 50 where code = 't1' and on_day < '2026-11-22'")
    assert copy(engine, application_engine, mapping, LATER).use == 2  # the 20th and the 22nd
    found = {day.day: figure for (_, day), figure in used(engine).items()}
    assert found == {18: 10, 19: 11, 20: 50, 22: 20}


def test_without_since_all_use_is_read(engine: Engine, company: Engine, application_engine: Engine) -> None:
    whole = ApplicationMapping(accounts=ACCOUNTS, use=USE.partition(" where ")[0])
    copy(engine, application_engine, whole, NOW)
    run(company, "insert into counts values ('t2', '2025-01-01', 1)")
    assert copy(engine, application_engine, whole, LATER).use == 4


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "insert into counts values ('t1', '2026-11-20', 13)",
            "APPLICATION_USE_SQL gives account_id t1 and day 2026-11-20 twice: one row for each is expected.",
        ),
        (
            "insert into counts values (null, '2026-11-20', 13)",
            "APPLICATION_USE_SQL gives a row without account_id: filter such rows out.",
        ),
    ],
)
def test_a_fault_changes_nothing(
    engine: Engine,
    company: Engine,
    application_engine: Engine,
    mapping: ApplicationMapping,
    statement: str,
    sentence: str,
) -> None:
    copy(engine, application_engine, mapping, NOW)
    run(company, "delete from teams where code = 't2'", statement)
    with pytest.raises(MappingError) as caught:
        copy(engine, application_engine, mapping, LATER)
    assert str(caught.value) == sentence
    assert deleted(engine) == {"t1": None, "t2": None}


def test_an_account_given_twice_is_named(engine: Engine, application_engine: Engine) -> None:
    doubled = ApplicationMapping(
        accounts=f"{ACCOUNTS} cross join (select 1 union all select 2) as pair", use=USE
    )
    with pytest.raises(MappingError, match="APPLICATION_ACCOUNTS_SQL gives account_id t1 twice"):
        copy(engine, application_engine, doubled, NOW)


def test_more_rows_than_a_batch(
    engine: Engine,
    company: Engine,
    application_engine: Engine,
    mapping: ApplicationMapping,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teams = ", ".join(f"('m{number}')" for number in range(20))
    run(company, f"insert into teams (code) values {teams}")
    monkeypatch.setattr(reading, "BATCH", 7)
    assert copy(engine, application_engine, mapping, NOW) == Copied(accounts=22, gone=0, use=3)


def test_an_unreachable_database_leaves_the_copy_as_it_was(
    engine: Engine, application_engine: Engine, mapping: ApplicationMapping
) -> None:
    copy(engine, application_engine, mapping, NOW)
    nowhere = open_engine("sqlite:////nowhere/company.db", read_only=True)
    with pytest.raises(UnreachableError, match="unable to open database file"):
        copy(engine, nowhere, mapping, LATER)
    nowhere.dispose()
    assert deleted(engine) == {"t1": None, "t2": None}


def test_live_add_ons_take_the_place_of_those_before(
    engine: Engine, company: Engine, application_engine: Engine, mapping: ApplicationMapping
) -> None:
    run(company, "create table features (code text, feature text, since timestamp)")
    run(company, "insert into features values ('t1', 'sso', '2026-11-01 00:00:00'), ('t1', 'sla', null)")
    sql = "select code as account_id, feature as addon, since as live_since from features"
    with_addons = mapping.model_copy(update={"addons": sql})
    assert copy(engine, application_engine, with_addons, NOW).addons == 2
    run(company, "delete from features where feature = 'sso'")
    assert copy(engine, application_engine, with_addons, LATER).addons == 1
    with engine.connect() as connection:
        assert connection.execute(select(account_addon.c.addon, account_addon.c.live_since)).all() == [
            ("sla", None)
        ]
    assert copy(engine, application_engine, mapping, LATER).addons == 0


def test_an_add_on_that_comes_twice_is_named(
    engine: Engine, application_engine: Engine, mapping: ApplicationMapping
) -> None:
    sql = "select code as account_id, 'sso' as addon, null as live_since from counts where code = 't1'"
    with pytest.raises(MappingError, match="APPLICATION_ADDONS_SQL gives account_id t1 and addon sso twice"):
        copy(engine, application_engine, mapping.model_copy(update={"addons": sql}), NOW)

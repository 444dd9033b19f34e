"""Whoever is limited to their own customers: no table and no frame shows anything of another's."""

import inspect
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import JSON, Connection, Date, Engine, Table, insert, select, text, update
from sqlalchemy.types import TypeEngine

from data import frames
from data.clock import month_of
from data.database import open_engine
from data.hidden_fields import HIDDEN, KINDS
from data.own_customers import PUBLIC, hidden, open_limited, rule
from data.rollups.storing import MEASURES
from data.sign_in_settings import Own
from data.tables import application, ledger, metadata, mirror
from data.tables.types import UTCDateTime
from tests.data.test_migrations import WORDS
from tests.pages.business import NOW, fill_for_filters

OURS, THEIRS = 1, 2  # the numbers of Ada's customer and of Grace's
NAMES = {OURS: "Ada", THEIRS: "Grace"}
OF_KINDS = {"customer_standing", "search_owner", "search_term"}
OF_THE_WHOLE = {"account_conversion", "account_plan", "evidence_change", "renewal_forecast", "sign_in"}


def _value(kind: TypeEngine[Any], number: int) -> Any:
    if isinstance(kind, UTCDateTime):
        return NOW + timedelta(days=number)
    if isinstance(kind, Date):
        return date(2026, 1, number)
    return {"customer_id": str(number)} if isinstance(kind, JSON) else kind.python_type(number)


def _row(table: Table, number: int) -> dict[str, Any]:
    """A row whose every column is of a number, so that it belongs to all other rows of it."""
    row = {column.name: _value(column.type, number) for column in table.c}
    row |= {name: word for (of, name), word in WORDS.items() if of == table.name}
    if table.name in OF_KINDS:
        row["kind"] = "customer"
    return row | ({"account_manager": NAMES[number]} if "account_manager" in row else {})


def _fill(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        rows = [_row(table, number) for number in NAMES]
        if table in MEASURES and "audience_id" in table.c:
            rows.append(rows[0] | {"audience_id": 0} | dict.fromkeys(MEASURES[table], OURS + THEIRS))
        connection.execute(insert(table), rows)


def _shown(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def test_every_table_shows_what_is_of_their_customers_and_nothing_else(engine: Engine) -> None:
    with engine.begin() as connection:
        _fill(connection)
    limited = open_limited(engine.url.render_as_string(hide_password=False), Own(" ADA"), KINDS)
    gone = {column for columns in HIDDEN.values() for column in columns}
    with limited.connect() as connection:
        for table in metadata.sorted_tables:
            shown, mine = _shown(connection, table), _row(table, OURS)
            for column in gone & set(table.c):
                assert {row[column.name] for row in shown} == {None if column.nullable else ""}, column
                mine[column.name] = shown[0][column.name]
            if table in PUBLIC:
                assert len(shown) == len(NAMES), table.name
            elif rule(table) is hidden(table):
                assert shown == [], table.name
            elif "audience_id" in table.c and table in MEASURES:
                assert sorted(row["audience_id"] for row in shown) == [0, OURS], table.name
                assert all(row | {"audience_id": OURS} == mine for row in shown), table.name
            else:
                assert shown == [mine], table.name
    limited.dispose()


def test_what_is_about_everybody_is_not_shown() -> None:
    assert {table.name for table in metadata.sorted_tables if rule(table) is hidden(table)} >= OF_THE_WHOLE


def test_a_name_that_nobody_has_shows_nobody(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        _fill(connection)
    for manager in ("", "' or 1=1 --", "Ada\\'"):
        limited = open_limited(str(sqlite_engine.url), Own(manager))
        with limited.connect() as connection:
            for table in metadata.sorted_tables:
                shown = [] if table in PUBLIC else _shown(connection, table)
                assert all(row["object_id"] is row["data"] is None for row in shown), table.name
        limited.dispose()


def test_nothing_can_be_written_through_it(engine: Engine) -> None:
    limited = open_limited(engine.url.render_as_string(hide_password=False), Own("Ada"))
    with pytest.raises(Exception, match=r"view|read-only|readonly"), limited.begin() as connection:
        connection.execute(insert(ledger.audience).values(id=9, account_manager="Ada"))
    with pytest.raises(Exception, match=r"read-only|readonly"), limited.begin() as connection:
        connection.execute(text("create table more (id int)"))
    limited.dispose()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A business whose customers are Ada's, Grace's, or nobody's."""
    file = tmp_path_factory.mktemp("own") / "dashboard.db"
    fill_for_filters(f"sqlite:///{file}")
    return file


GIVEN: Mapping[str, Any] = {
    "at": NOW,
    "now": NOW,
    "since": NOW - timedelta(days=200),
    "closed_since": NOW - timedelta(days=200),
    "known_at": NOW,
    "until": NOW + timedelta(days=300),
    "month": month_of(NOW),
    "months": [month_of(NOW - timedelta(days=30 * back)) for back in range(12)],
    "first": "2025-12",
    "last": month_of(NOW),
    "span": 12,
    "cohort": "2026-01",
    "text": "a",
    "ats": [NOW],
    "currency": "usd",
    "sources": ["new"],
    "targets": ["new"],
    "setup_id": "none",
    "table": "customer",
    "accounts": ("acc_1", "acc_2", "acc_3", "acc_4"),
    "prices": (),
    "names": (),
    "held": (),
}
OTHERWISE: Mapping[tuple[str, str], Any] = {
    ("renewals_of_periods", "first"): NOW,
    ("behind_lifetime_value", "month"): "2025-10",  # it reads every month before
    ("retention", "until"): month_of(NOW),
    ("subscribers_by_size", "until"): month_of(NOW),
}
FRAMES: Mapping[str, Callable[..., Any]] = {
    name: each for name in frames.__all__ if inspect.isfunction(each := getattr(frames, name))
}


def _asked(name: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """What a frame has to be asked with; about: ids of somebody's."""
    taken = list(inspect.signature(FRAMES[name]).parameters.values())[1:]
    parameters = [each for each in taken if each.kind is not each.VAR_KEYWORD]
    needed = [each.name for each in parameters if each.default is each.empty]
    optional = {"customer_id"} & {each.name for each in parameters}
    known = {**GIVEN, **about}
    return {each: OTHERWISE.get((name, each), known.get(each)) for each in (*needed, *optional)}


def _about(engine: Engine, manager: str | None) -> dict[str, Any]:
    """A customer of an account manager with what is theirs."""
    with engine.connect() as connection:
        of = [application.account.c.account_manager == manager]
        account = connection.execute(select(application.account).where(*of).order_by("account_id")).first()
        assert account is not None
        invoice = connection.scalar(
            text("select id from invoice where customer_id = :of"), {"of": account.stripe_customer_id}
        )
        subscriptions = connection.scalars(
            text("select id from subscription where customer_id = :of"), {"of": account.stripe_customer_id}
        ).all()
    customer = account.stripe_customer_id
    days = [(customer, NOW.date() - timedelta(days=back)) for back in range(3)]
    ids = {"customer_id": customer, "owner_id": customer, "key": customer, "subscriptions": subscriptions}
    return ids | {"account_id": account.account_id, "invoice_id": invoice or "none", "days": days}


def _words(found: Any) -> str:
    return found.to_csv() if isinstance(found, pd.DataFrame) else repr(found)


@pytest.fixture
def limits(filled: Path) -> Iterator[tuple[Engine, Engine]]:
    """An engine that shows all, and Ada's."""
    every, limited = (
        open_engine(f"sqlite:///{filled}", read_only=True),
        open_limited(f"sqlite:///{filled}", Own("Ada"), KINDS),
    )
    yield every, limited
    every.dispose()
    limited.dispose()


def test_no_frame_shows_anything_of_another(limits: tuple[Engine, Engine]) -> None:
    every, limited = limits
    with limited.connect() as connection:
        ours = set(connection.scalars(text("select id from customer")))
    with every.connect() as connection:
        told = connection.execute(text("select id, name, email from customer")).all()
        objects = connection.execute(
            text("select id, customer_id from invoice union all select id, customer_id from subscription")
        ).all()
    mine = {word for row in told if row.id in ours for word in row}
    secret = {str(word) for row in told if row.id not in ours for word in row} - mine
    secret |= {row.id for row in objects if row.customer_id not in ours}
    secret |= {row.email for row in told}
    assert len(ours) > 15
    assert len(secret) > 200
    abouts = [_about(every, "Grace"), _about(every, "Ada")]
    seen = 0
    for name in FRAMES:
        ids = abouts[0].keys() & _asked(name, abouts[0]).keys()
        for about in abouts if ids else abouts[:1]:
            words = _words(FRAMES[name](limited, **_asked(name, about)))
            leaked = [word for word in secret if word in words]
            assert not leaked, (name, leaked[:3])
            seen += any(word in words for word in ours)
    assert seen > 30
    mails = [row.email for row in told if row.id in ours and row.email]
    assert all(FRAMES["find"](limited, mail).empty for mail in mails)
    assert len(FRAMES["find"](every, mails[0])) == 1
    assert set(FRAMES["find"](limited, next(row.name for row in told if row.id in ours))["id"]) <= ours


def test_events_are_shown_without_what_is_hidden(engine: Engine) -> None:
    told = {"id": "1", "email": "a@b.c", "cancellation_details": {"comment": "rude", "feedback": "other"}}
    with engine.begin() as connection:
        row = _row(mirror.event, OURS) | {"data": {"object": told, "previous_attributes": {"email": "x@y.z"}}}
        connection.execute(insert(mirror.event).values(row))
    limited = open_limited(engine.url.render_as_string(hide_password=False), None, KINDS)
    with limited.connect() as connection:
        assert connection.scalar(select(mirror.event.c.data)) == {
            "object": {"id": "1", "cancellation_details": {"feedback": "other"}},
            "previous_attributes": {},
        }
    limited.dispose()


def test_whoever_has_all_customers_sees_what_everybody_sees(filled: Path, tmp_path: Path) -> None:
    shutil.copy(filled, tmp_path / "one.db")
    url = f"sqlite:///{tmp_path / 'one.db'}"
    engine = open_engine(url)
    with engine.begin() as connection:
        for table in (ledger.audience, application.account):
            connection.execute(update(table).values(account_manager="Ada"))
    limited = open_limited(url, Own("Ada"))
    about = _about(engine, "Ada")
    for name in FRAMES.keys() - {"evidence_changes", "renewal_forecasts"}:
        asked = _asked(name, about)
        whole, own = FRAMES[name](engine, **asked), FRAMES[name](limited, **asked)
        if isinstance(whole, pd.DataFrame):
            assert_frame_equal(own, whole, obj=name)
        else:
            assert repr(own) == repr(whole), name
    engine.dispose()
    limited.dispose()

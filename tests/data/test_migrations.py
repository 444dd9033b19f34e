"""The migrations make the tables that the code believes in."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from data.database import open_engine
from data.migrations import NewerDatabaseError, migrate, pending
from data.tables import metadata


def test_migrated_tables_equal_the_code(database_url: str) -> None:
    engine = open_engine(database_url)
    assert migrate(engine)
    assert pending(engine) == []
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    assert migrate(engine) == []
    engine.dispose()


def test_a_newer_database_is_refused(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="9999"):
        migrate(engine)
    engine.dispose()

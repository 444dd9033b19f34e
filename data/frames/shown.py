"""Whether an engine shows a row; one that is limited to an account manager shows theirs."""

from sqlalchemy import Engine, select

from data.tables import metadata


def is_shown(engine: Engine, table: str, key: str) -> bool:
    """Whether the row of a table with that primary key is there for the engine."""
    (column,) = metadata.tables[table].primary_key
    with engine.connect() as connection:
        return connection.execute(select(column).where(column == key)).first() is not None

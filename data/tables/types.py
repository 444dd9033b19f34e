"""Column types shared by all tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, ForeignKey, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite stores it without a zone and gives it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        value = value if value.tzinfo is UTC else value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Amount = BigInteger
"""Integer minor units of the row's currency."""


def key(name: str = "id") -> Column[Any]:
    """A Stripe id as the primary key."""
    return Column(name, Text, primary_key=True)


def ref(name: str, *, index: bool = False) -> Column[Any]:
    """A Stripe id that points elsewhere; not enforced, since a key may not read everything."""
    return Column(name, Text, index=index)


def instant(name: str, *, index: bool = False, nullable: bool = True) -> Column[Any]:
    """An instant in UTC."""
    return Column(name, UTCDateTime, index=index, nullable=nullable)


def serial(name: str = "id") -> Column[Any]:
    """A row number of our own."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def own_key(name: str, target: str) -> Column[Any]:
    """An enforced foreign key between our own tables."""
    return Column(name, ForeignKey(target, ondelete="CASCADE"), nullable=False, index=True)


def seen() -> tuple[Column[Any], Column[Any]]:
    """When the information in a mirror row was true at Stripe, and when the object was found deleted."""
    return instant("observed_at", nullable=False), instant("deleted_at")

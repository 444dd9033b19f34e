"""Days and months in SQL, the same in SQLite and PostgreSQL; all of them UTC."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Date, Engine, Integer, Text, cast, func, type_coerce


def day_of(engine: Engine, at: ColumnElement[datetime]) -> ColumnElement[date]:
    """The day of an instant."""
    if engine.dialect.name == "sqlite":
        return type_coerce(func.date(at), Date)
    return cast(func.timezone("UTC", at), Date)


def month_of_day(engine: Engine | Connection, day: ColumnElement[date]) -> ColumnElement[str]:
    """The month of a day, as "YYYY-MM"."""
    if engine.dialect.name == "sqlite":
        return func.strftime("%Y-%m", day, type_=Text)
    return func.to_char(day, "YYYY-MM", type_=Text)


def days_between(engine: Engine, first: ColumnElement[date], last: ColumnElement[date]) -> ColumnElement[int]:
    """The days from one day to another."""
    if engine.dialect.name == "sqlite":
        return cast(func.julianday(last) - func.julianday(first), Integer)
    return cast(last - first, Integer)

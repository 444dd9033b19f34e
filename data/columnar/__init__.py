"""Timelines of many subscriptions at once, by column.

The mirror's rows go through a few SQL statements (DuckDB), each partitioned by subscription, so that they
could run on any engine that knows windows. They take the subscriptions whose evidence agrees with itself. The
others, whose evidence leaves something open, are followed one by one (`data.history`); both give the same.
"""

from data.columnar.building import TOGETHER, parted, past, plain

__all__ = ["TOGETHER", "parted", "past", "plain"]

"""Movements and rollups a second time, as plain SQL: what the columns of `data.runs` must agree with."""

from datetime import datetime

import duckdb
import pyarrow as pa
from sqlalchemy import Table

from data.bulk import schema_of
from data.movements import KINDS, SCHEMA, counted
from data.rollups import EVERYBODY, MEASURES, Part
from tests.data.movement_queries import CHANGES, KIND_OF_DAY, MOVEMENTS, TRANSFERS
from tests.data.rollup_queries import HELD, MOVED, MOVERS, PORTFOLIOS, SUMS

MACROS = """
set timezone = 'UTC';
create macro share_of(amount, weight, whole) as cast(cast(amount as hugeint) * weight // whole as bigint);
create macro rest_of(amount, weight, whole) as cast(cast(amount as hugeint) * weight % whole as bigint);
create macro listed(name, mark) as string_agg(distinct name, mark order by name);
create macro month_text(number) as strftime(date '1970-01-01' + to_months(cast(number as int)), '%Y-%m');
"""
WORDS = {
    "audience_id": "audience",
    "month": "month_text(month)",
    "cohort": "month_text(cohort)",
    "portfolio": "portfolio.name",
    "held_before": "held_before.name",
    "held_after": "held_after.name",
}
"""How columns are written that the sums have as numbers."""
NUMBERS = {
    "currency": "money",
    "plan": "cell",
    "interval": "cell",
    "held_before": "before",
    "held_after": "after",
}
"""How the sums call columns of the tables."""
JOINS = {
    "currency": "join money using (money)",
    "plan": "join cell using (cell)",
    "portfolio": "join portfolio using (portfolio)",
    "held_before": "join portfolio as held_before on held_before.portfolio = net.before",
    "held_after": "join portfolio as held_after on held_after.portfolio = net.after",
}
"""Where the words are found."""


def movements(segments: pa.Table, now: datetime) -> pa.Table:
    """What `data.movements.movements` gives."""
    with duckdb.connect() as engine:
        engine.execute(MACROS)
        engine.register("segments", counted(segments, now))
        engine.execute("""
            create table cell as
            select currency, plan, "interval",
                row_number() over (order by currency, plan, "interval") as cell,
                dense_rank() over (order by currency) as money
            from (select distinct currency, plan, "interval" from segments);
            create table word as select evidence, row_number() over (order by evidence) - 1 as place
            from (select distinct evidence from segments);
            create table counted as
            select customer_id as holder, cell, money, begun, ended, arr, 1::bigint << place as bit
            from segments join cell using (currency, plan, "interval") join word using (evidence)
        """)
        for step in (CHANGES, KIND_OF_DAY, TRANSFERS):
            engine.execute(step)
        kinds = ", ".join(f"'{kind}'" for kind in KINDS)
        query = f"""
            select holder as customer_id, day, currency, plan, "interval", ([{kinds}])[kind + 1] as kind,
                delta as delta_arr, (select string_agg(evidence, '; ' order by place) from word
                    where words & (1::bigint << place) <> 0) as evidence
            from ({MOVEMENTS}) as found join cell using (cell) order by holder, day, found.cell, found.kind
        """
        return engine.sql(query).to_arrow_table().cast(SCHEMA)


def rollups(*parts: tuple[Part, int]) -> dict[Table, pa.Table]:
    """What parts add to every rollup with sign 1, and take away with -1."""
    with duckdb.connect() as engine:
        engine.execute(MACROS)
        queries = []
        for place, (part, sign) in enumerate(parts):
            engine.register(f"movements_{place}", part.movements)
            engine.register(f"belonging_{place}", part.belonging)
            queries.append(f"""
                select *, audience_id as audience, {sign} as sign,
                    datediff('month', date '1970-01-01', date '1970-01-01' + day::int) as month
                from movements_{place} join belonging_{place} using (customer_id)
            """)
        engine.execute(f"create table given as {' union all '.join(queries)}")
        engine.execute("""
            create table money as
            select currency, row_number() over (order by currency) as money
            from (select distinct currency from given) union all select '', 0;
            create table cell as select plan, "interval", name, row_number() over (order by name) as cell
            from (select distinct plan, "interval", plan || ':' || "interval" as name from given);
            create table moving as
            select dense_rank() over (order by customer_id, sign) as holder, money, cell, delta_arr as delta,
                sign, audience, month, day, kind
            from given join money using (currency) join cell using (plan, "interval")
        """)
        for step in (MOVED, MOVERS, HELD, PORTFOLIOS):
            engine.execute(step)
        return {
            table: engine.sql(_named(table, query)).to_arrow_table().cast(schema_of(table))
            for table, query in SUMS.items()
        }


def _named(table: Table, query: str) -> str:
    """The rows of a rollup from the query of its parts: everybody's too, in words, in the table's order."""
    names, measures = [column.name for column in table.columns], MEASURES[table]
    numbers = dict.fromkeys(NUMBERS.get(name, name) for name in names[1 : -len(measures)])
    sums = [f"cast(sum({name}) as bigint) as {name}" for name in measures]
    something = " or ".join(f"sum({name}) <> 0" for name in measures)
    everybody = [f"{EVERYBODY} as audience", *numbers, *sums]
    words = [f'{WORDS.get(name, name)} as "{name}"' for name in names]
    joins = dict.fromkeys(JOINS[name] for name in names if name in JOINS)
    return f"""
        with part as ({query}), net as (
            select {", ".join(["audience", *numbers, *sums])} from part
            group by {", ".join(["audience", *numbers])} having {something}
            union all
            select {", ".join(everybody)} from part group by {", ".join(numbers)} having {something}
        )
        select {", ".join(words)} from net {" ".join(joins)}
    """

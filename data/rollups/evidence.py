"""What the run rate rests on, by month: from the timeline itself, over everybody."""

from datetime import datetime

import pyarrow as pa

from data.movements import counted
from data.rollups.numbers import months, signed
from data.rollups.storing import Rollups
from data.tables import ledger
from data.tabular import stepped

CHANGES = """
with side as (
    select begun as month, currency, evidence, sign * arr as arr from segments
    union all
    select ended, currency, evidence, -sign * arr from segments where ended is not null
)
select month_text(month), currency, evidence, cast(sum(arr) as bigint)
from side group by month, currency, evidence having sum(arr) <> 0
"""


def evidence_changes(*parts: tuple[pa.Table, int, datetime]) -> Rollups:
    """Run rate that began less what ended, by evidence; parts are segments, a sign, and until when."""
    rows = []
    for segments, sign, until in parts:
        found = counted(segments, until)
        spans = {name: months(found[name]) for name in ("begun", "ended")}
        kept = {name: found[name] for name in ("currency", "evidence", "arr")}
        rows.append(signed(pa.table(kept | spans), sign))
    with stepped({"segments": pa.concat_tables(rows)}) as database:
        return {ledger.evidence_change: database.rows(CHANGES)}

"""What the run rate rests on, by month: from the timeline itself, over everybody."""

from datetime import datetime

import pyarrow as pa

from data.bulk import schema_of
from data.movements import counted
from data.numbering import numbered
from data.rollups.numbers import months, signed
from data.rollups.storing import Rollups
from data.tables import ledger
from data.tabular import stepped

CHANGES = """
with side as (
    select begun as month, word, sign * arr as arr from segments
    union all
    select ended, word, -sign * arr from segments where ended is not null
), summed as (
    select month, word, cast(sum(arr) as bigint) as arr from side group by month, word having sum(arr) <> 0
)
select month_text(month) as month, currency, evidence, arr as delta_arr from summed join words using (word)
"""


def evidence_changes(*parts: tuple[pa.Table, int, datetime]) -> Rollups:
    """Run rate that began less what ended, by evidence; parts are segments, a sign, and until when."""
    rows = []
    for segments, sign, until in parts:
        found = counted(segments, until)
        spans = {name: months(found[name]) for name in ("begun", "ended")}
        kept = {name: found[name] for name in ("currency", "evidence", "arr")}
        rows.append(signed(pa.table(kept | spans), sign))
    counting = pa.concat_tables(rows)
    words = numbered(counting, ["currency", "evidence"])
    given = {
        "segments": counting.drop_columns(["currency", "evidence"]).append_column("word", words.numbers),
        "words": words.names.append_column("word", pa.array(range(len(words.names)))),
    }
    with stepped(given) as database:
        return {ledger.evidence_change: database.table(CHANGES, schema_of(ledger.evidence_change))}

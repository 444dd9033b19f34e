"""What the run rate rests on, by month: from the timeline itself, over everybody."""

from datetime import datetime

import numpy as np
import pyarrow as pa
from pyarrow import compute

from data.bulk import schema_of
from data.movements import counted
from data.numbering import numbered
from data.rollups.numbers import month_texts, months, signed
from data.rollups.storing import Rollups
from data.runs import column, summed, together
from data.tables import ledger


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
    arr = column(counting["arr"]) * column(counting["sign"])
    ending = np.asarray(compute.is_valid(counting["ended"]))
    word, ended = column(words.numbers), column(counting["ended"].drop_null())
    began = {"month": column(counting["begun"]), "word": word, "delta_arr": arr}
    left = {"month": ended, "word": word[ending], "delta_arr": -arr[ending]}
    found = summed(together(began, left), ["month", "word"], ["delta_arr"])
    named = {name: words.names[name].take(pa.array(found["word"])) for name in words.names.column_names}
    numbers = {"month": month_texts(found["month"]), "delta_arr": pa.array(found["delta_arr"])}
    schema = schema_of(ledger.evidence_change)
    return {ledger.evidence_change: pa.table(named | numbers).select(schema.names).cast(schema)}

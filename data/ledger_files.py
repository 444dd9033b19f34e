"""The ledger without a database: from a mirror in Parquet files to timeline, movements and rollups in others.

The definition is that of a rebuild, statement by statement, and so are the rows.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Table

from data.columnar import TOGETHER, parted
from data.columnar.folder import AUDIENCES, Folder
from data.ledger import dated, summed
from data.movements import movements
from data.rollups import added
from data.tables import ledger
from data.tables.history import unknown_history

MANY = ("subscription_id", "subscription_item_id", "customer_id")


def build(source: Path, target: Path, now: datetime) -> None:
    """Write the ledger as of now of the mirror in one folder to another, a file a table.

    The source is as `folder.copied` writes it.
    """
    with Folder(source) as mirror, ThreadPoolExecutor(TOGETHER) as beside:
        parts, unknowns = parted(mirror, None)
        moving = [beside.submit(movements, each, now) for each in parts]
        belonging = parquet.read_table(source / f"{AUDIENCES.name}.parquet")
        summing = summed(beside, parts, moving, belonging, now)
        _write(target, unknown_history, unknowns)
        _write(target, ledger.timeline, pa.concat_tables(parts))
        _write(target, ledger.movement, dated(pa.concat_tables([each.result() for each in moving])))
        for table, rows in added([each.result() for each in summing]).items():
            _write(target, table, rows)


def _write(folder: Path, table: Table, rows: pa.Table) -> None:
    """Write a table; only texts that come again and again are worth a dictionary."""
    texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
    few = [name for name in texts if name not in MANY]
    parquet.write_table(rows, folder / f"{table.name}.parquet", use_dictionary=few)

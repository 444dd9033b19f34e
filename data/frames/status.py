"""How old the data is, what went wrong last, and which resources could not be read."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import INSTANT, made
from data.tables import operations

VERSION, RUN, STATE = operations.data_version.c, operations.sync_run.c, operations.resource_state.c
Rows = tuple[tuple[Any, ...], ...]
RESOURCES = {"resource": "string", "state": "string", "error": "string", "read_at": INSTANT}


@dataclass(frozen=True)
class DataStatus:
    """What a page prints about its data; None is not known yet."""

    version: int | None
    committed_at: datetime | None
    data_at: datetime | None  # Stripe's clock: the data is as of this instant
    last_success_at: datetime | None
    last_error: str | None  # of the latest sync, in words; None when it went well
    resources: pd.DataFrame  # resource, state, error, read_at


NEWEST = select(VERSION.version, VERSION.committed_at, VERSION.data_at)
NEWEST = NEWEST.order_by(VERSION.version.desc()).limit(1)
FINISHED = select(RUN.state, RUN.error).where(RUN.finished_at.is_not(None)).order_by(RUN.id.desc()).limit(1)
DONE = select(RUN.finished_at).where(RUN.state == "done").order_by(RUN.id.desc()).limit(1)
READ = select(STATE.resource, STATE.state, STATE.error, STATE.read_at).order_by(STATE.resource)


def data_status(engine: Engine) -> DataStatus:
    """The state of the data as of its latest version; the same object for as long as nothing is new."""
    with engine.connect() as connection:
        found = [tuple(map(tuple, connection.execute(query))) for query in (NEWEST, FINISHED, DONE, READ)]
    return _status(*found)


@lru_cache(maxsize=16)
def _status(newest: Rows, finished: Rows, done: Rows, resources: Rows) -> DataStatus:
    version, committed_at, data_at = next(iter(newest), (None, None, None))
    state, error = next(iter(finished), (None, None))
    return DataStatus(
        version=version,
        committed_at=committed_at,
        data_at=data_at,
        last_success_at=done[0][0] if done else None,
        last_error=error if state == "failed" else None,
        resources=made(resources, RESOURCES),
    )

"""How old the data is, what went wrong last, and which resources could not be read."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import pandas as pd
from sqlalchemy import Engine, literal, select, true

from data.frames.reading import INSTANT, made
from data.tables import operations

VERSION, RUN, STATE = operations.data_version.c, operations.sync_run.c, operations.resource_state.c
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


_NEWEST = select(VERSION.version, VERSION.committed_at, VERSION.data_at)
NEWEST = _NEWEST.order_by(VERSION.version.desc()).limit(1).subquery()
_FINISHED = select(RUN.state, RUN.error).where(RUN.finished_at.is_not(None))
FINISHED = _FINISHED.order_by(RUN.id.desc()).limit(1).subquery()
DONE = select(RUN.finished_at).where(RUN.state == "done").order_by(RUN.id.desc()).limit(1).subquery()
_ONE = select(literal(1).label("one")).subquery()  # a row also where there is no version, or no run
_JOINED = _ONE.outerjoin(NEWEST, true()).outerjoin(FINISHED, true()).outerjoin(DONE, true())
WHOLE = select(*NEWEST.c, *FINISHED.c, *DONE.c).select_from(_JOINED)
READ = select(STATE.resource, STATE.state, STATE.error, STATE.read_at).order_by(STATE.resource)


def data_status(engine: Engine) -> DataStatus:
    """The state of the data as of its latest version; the same object for as long as nothing is new."""
    with engine.connect() as connection:
        whole = tuple(connection.execute(WHOLE).one())
        return _status(whole, tuple(map(tuple, connection.execute(READ))))


@lru_cache(maxsize=16)
def _status(whole: tuple[Any, ...], resources: tuple[tuple[Any, ...], ...]) -> DataStatus:
    version, committed_at, data_at, state, error, done = whole
    return DataStatus(
        version=version,
        committed_at=committed_at,
        data_at=data_at,
        last_success_at=done,
        last_error=error if state == "failed" else None,
        resources=made(resources, RESOURCES),
    )

"""How old the data is, what went wrong last, and which resources could not be read."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, select

from data.frames.reading import read
from data.tables import operations


@dataclass(frozen=True)
class DataStatus:
    """What a page prints about its data; None is not known yet."""

    version: int | None
    committed_at: datetime | None
    data_at: datetime | None  # Stripe's clock: the data is as of this instant
    last_success_at: datetime | None
    last_error: str | None  # of the latest sync, in words; None when it went well
    resources: pd.DataFrame  # resource, state, error, read_at


def data_status(engine: Engine) -> DataStatus:
    """The state of the data as of its latest version."""
    version, run, state = operations.data_version.c, operations.sync_run.c, operations.resource_state.c
    newest = select(version.version, version.committed_at, version.data_at)
    newest = newest.order_by(version.version.desc()).limit(1)
    finished = select(run.state, run.error, run.finished_at).where(run.finished_at.is_not(None))
    done = select(run.finished_at).where(run.state == "done")
    with engine.connect() as connection:
        found = connection.execute(newest).first()
        last = connection.execute(finished.order_by(run.id.desc()).limit(1)).first()
        success = connection.execute(done.order_by(run.id.desc()).limit(1)).scalar()
    query = select(state.resource, state.state, state.error, state.read_at).order_by(state.resource)
    return DataStatus(
        version=found.version if found else None,
        committed_at=found.committed_at if found else None,
        data_at=found.data_at if found else None,
        last_success_at=success,
        last_error=last.error if last and last.state == "failed" else None,
        resources=read(engine, query),
    )

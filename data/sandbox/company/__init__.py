"""A company's application database to match a sandbox account: workspaces, what they bought and used.

Its tables and columns are named as a company would name them, not as we do; the default mapping of
data.application reads them. It disagrees with Stripe in the few places that `disagreements` lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy import Connection

from data.database import open_engine
from data.sandbox.company.disagreements import disagree
from data.sandbox.company.free import free_workspaces
from data.sandbox.company.tables import metadata, seat_usage, workspace_billing, workspaces
from data.sandbox.company.usage import usage_of
from data.sandbox.company.workspaces import Workspace, workspaces_of
from data.sandbox.store import Store


@dataclass(frozen=True)
class Company:
    """What was made: counts, and the workspace ids of each disagreement with Stripe."""

    accounts: int
    use: int
    disagreements: dict[str, tuple[str, ...]]


def build(store: Store, url: str, seed: int = 7, now: int | None = None) -> Company:
    """Write the application database at a URL, in place of one that is there.

    now: epoch seconds up to which there is use, the store's clock by default. The same seed and account give
    the same database.
    """
    random = Random(seed)
    until = datetime.fromtimestamp(store.now if now is None else now, UTC)
    paying = workspaces_of(store, random)
    found = paying + free_workspaces(random, until, len(paying), after=len(paying))
    found, disagreements = disagree(found, store, random, until)
    use = [row for each in found for row in usage_of(each, random, until.date())]
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            _write(connection, found, use)
    finally:
        engine.dispose()
    return Company(len(found), len(use), disagreements)


def _write(connection: Connection, found: Sequence[Workspace], use: Sequence[dict[str, Any]]) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)
    rows = {
        workspaces: [each.row() for each in found],
        workspace_billing: [each.billing_row() for each in found if each.tier is not None],
        seat_usage: use,
    }
    for table, values in rows.items():
        if values:
            connection.execute(table.insert(), values)

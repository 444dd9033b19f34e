"""The small business with a customer who owes for long."""

from datetime import timedelta

from sqlalchemy import text

from data.database import open_engine
from tests.pages.business import NOW

NUMBER, AMOUNT, DAYS = "LATE-1", 123_456, 100
OVERDUE = """
    update invoice set status = 'open', closed_at = null, paid_at = null, amount_paid = 0,
        amount_due = :amount, amount_remaining = :amount, total = :amount, number = :number,
        finalized_at = :at, falls_due_at = :at
    where id = (select id from invoice where status = 'paid' and currency = 'usd' and total > 0 limit 1)
"""


def make_late(url: str) -> None:
    """Make one paid invoice one that is open for 100 days."""
    engine = open_engine(url)
    at = (NOW - timedelta(days=DAYS)).replace(tzinfo=None)
    with engine.begin() as connection:
        connection.execute(text(OVERDUE), {"amount": AMOUNT, "number": NUMBER, "at": at})
    engine.dispose()

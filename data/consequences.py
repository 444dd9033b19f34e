"""What actions bring about in our own tables, in the transactions in which they begin and are closed.

By the command's name: what has to hold for it to begin, and what is so once it is done.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data.addons import claims
from data.quotes import joining as quote_joining
from data.quotes import offers as quote_offers
from data.quotes.offers import Begun

Allows = Callable[[Connection, Begun], None]
Follows = Callable[[Connection, Begun, Sequence[str | None], dict[str, Any] | None, datetime], None]
ALLOWS: Mapping[str, Allows] = {
    "WriteQuote": quote_offers.may_be_written,
    "SendQuote": quote_offers.may_be_sent,
    "ReplaceQuote": quote_offers.may_be_sent,
    "AcceptQuote": quote_offers.may_be_accepted,
    "PrepareJoining": quote_offers.may_be_sent,
    "JoinSubscription": quote_joining.may_be_joined,
    "CreditDowntime": claims.may_be_credited,
}
"""Raise data.writing.NotChangedError where it must not begin, in words."""
FOLLOWS: Mapping[str, Follows] = {
    "WriteQuote": quote_offers.written,
    "SendQuote": quote_offers.sent,
    "ReplaceQuote": quote_offers.sent,
    "AcceptQuote": quote_offers.accepted,
    "JoinSubscription": quote_offers.accepted,
    "CancelQuote": quote_offers.cancelled,
    "PlanRamp": quote_offers.ramped,
}
"""Given what the steps made, and the object as it is after. It has happened: these never say no."""


def allow(connection: Connection, begun: Begun) -> None:
    """Go on, or raise NotChangedError."""
    if look := ALLOWS.get(str(begun.command.get("type"))):
        look(connection, begun)


def follow(
    connection: Connection,
    begun: Begun,
    made: Sequence[str | None],
    after: dict[str, Any] | None,
    at: datetime,
) -> None:
    """Write down what is so now."""
    if write := FOLLOWS.get(str(begun.command.get("type"))):
        write(connection, begun, made, after, at)

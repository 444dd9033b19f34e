"""Which Stripe account a database mirrors: two accounts never mix."""

from typing import Any

from sqlalchemy import Connection, Engine, select

from data.gateway import BadAnswer, Forbidden, Gateway, NotFound, Refused, ServerTrouble
from data.resources import RESOURCES
from data.sync.state import read_state, write_state

Json = dict[str, Any]


class OtherAccountError(Exception):
    """The key belongs to another account than the one in the database; the message is a sentence."""


def identify(gateway: Gateway) -> Json:
    """The account behind the key: its id, or where that may not be read, a fingerprint of key and address."""
    try:
        return {"id": str(gateway.get("/v1/account")["id"])}
    except (Forbidden, NotFound, Refused, ServerTrouble, BadAnswer, KeyError):
        return {"fingerprint": gateway.fingerprint}


def claim(engine: Engine, gateway: Gateway) -> None:
    """Make this the database's account, or see that it already is. Raises OtherAccountError."""
    account = identify(gateway)
    with engine.connect() as connection:
        known = read_state(connection, "account")
        samples = _samples(connection)
    if known and known != account:
        same_kind = known.keys() == account.keys() == {"id"}
        if same_kind or (samples and not _knows_any(gateway, samples)):
            raise OtherAccountError(
                f"This database mirrors another Stripe account ({_name(known)}) than the one the key opens "
                f"({_name(account)}): choose another DATABASE_URL for it, or the other account's key."
            )
    with engine.begin() as connection:
        write_state(connection, "account", account)


def _name(account: Json) -> str:
    return str(account.get("id") or "one whose id its key may not read")


def _samples(connection: Connection) -> list[tuple[str, str]]:
    """A few objects of the mirrored account, as (resource, id)."""
    found = []
    for name in ("customers", "subscriptions", "products"):
        table = RESOURCES[name].table
        alive = select(table.c.id).where(table.c.deleted_at.is_(None))
        found += [(name, key) for key in connection.execute(alive.limit(2)).scalars()]
    return found


def _knows_any(gateway: Gateway, samples: list[tuple[str, str]]) -> bool:
    """Whether the account behind the key has one of the objects; a new key for the same account has."""
    for name, key in samples:
        try:
            gateway.get(RESOURCES[name].path_of(key))
        except (Forbidden, NotFound, Refused):
            continue
        return True
    return False

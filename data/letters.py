"""Mail to our own people, written in the transaction of what it tells of, so that no page waits for a server.

A letter goes out at least once; who is told what is decided when it is written.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from data.clock import now
from data.config import Settings
from data.own_customers import quotes_of
from data.sign_in_settings import ADMIN
from data.tables import mirror
from data.tables.letters import DEAD, SENT, WAITING, letter
from data.tables.quotes import sales_quote, sales_quote_version
from data.tables.sign_ins import sign_in
from data.writing import publish, reading, transaction

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
TRIES = 20
"""Then a letter is dead: with these waits, after about 14 hours."""
CLAIMED = timedelta(minutes=5)
"""How long one process has letters to itself; afterwards another takes them."""
MOST = 10  # claimed together: so many can be tried before the claim ends
REMEMBERED = timedelta(days=90)
"""Who has not signed in for so long is told nothing."""
UNREAD = "The database did not say whom to tell."
one = letter.c


@dataclass(frozen=True)
class Letter:
    """What one person is told, as plain text."""

    recipient: str
    subject: str
    text: str


@dataclass(frozen=True)
class Claimed(Letter):
    """A letter that this process is to send now."""

    number: int
    attempts: int
    until: datetime  # when the claim ends


@dataclass(frozen=True)
class Told:
    """How far a letter of a quote is: waiting, sent or dead, since when, and what went wrong last."""

    recipient: str
    state: str
    at: datetime
    error: str | None


def recipients(
    source: str | Engine, settings: Settings, quote_id: str, role: str, besides: Collection[str]
) -> list[str]:
    """The addresses of who may decide on a quote in a role; where nobody has it, of administrators.

    Known are those whom the settings name and who signed in lately. Raises NotChangedError.
    """
    without = {each.strip().casefold() for each in besides}
    with reading(source, UNREAD) as connection:
        roles = _roles(connection, settings)
        for wanted in (role, ADMIN):
            found = sorted(
                person
                for person, has in roles.items()
                if has == wanted
                and person not in without
                and _sees(connection, settings, person, has, quote_id)
            )
            if found:
                return found
    return []


def _roles(connection: Connection, settings: Settings) -> dict[str, str]:
    """The role of each known person, by address in lower case."""
    last = (
        select(sign_in.c.person, func.max(sign_in.c.issued_at).label("issued_at"))
        .where(sign_in.c.seen_at > now() - REMEMBERED)
        .group_by(sign_in.c.person)
        .subquery()
    )
    same = (sign_in.c.person == last.c.person) & (sign_in.c.issued_at == last.c.issued_at)
    query = select(sign_in.c.person, sign_in.c.role).join(last, same)
    signed_in = {person.casefold(): role for person, role in connection.execute(query).all()}
    return {each: role for each, role in {**signed_in, **settings.role_emails}.items() if is_address(each)}


def is_address(person: str) -> bool:
    """Whether somebody can be written to by the name that they have here."""
    name, at, domain = person.partition("@")
    plain = person.isprintable() and not set(person) & set(' ,;:<>()[]"\\')
    return bool(name and at and "." in domain and "@" not in domain and plain)


def _sees(connection: Connection, settings: Settings, person: str, role: str, quote_id: str) -> bool:
    """Whether a person sees a quote; who sees only their own customers may not."""
    own = settings.own_of(person, role)
    if own is None:
        return True
    return connection.scalar(select(func.count()).where(quotes_of(own).subquery().c.id == quote_id)) != 0


def called(source: str | Engine | Connection, quote_id: str) -> str:
    """For whom a quote is, as a person would say it. Raises NotChangedError."""
    if not isinstance(source, Connection):
        with reading(source, UNREAD) as connection:
            return called(connection, quote_id)
    quote, version, customer = sales_quote.c, sales_quote_version.c, mirror.customer.c
    same = (version.quote_id == quote.id) & (version.version == quote.version)
    who = version.fields["customer_id"].as_string()
    query = (
        select(customer.name, who, version.fields["prospect"].as_string())
        .select_from(
            sales_quote.join(sales_quote_version, same).outerjoin(mirror.customer, customer.id == who)
        )
        .where(quote.id == quote_id)
    )
    found = source.execute(query).first() or ()
    return next((" ".join(each.split()) for each in found if each and each.strip()), "nobody yet")


def write(connection: Connection, quote_id: str, of: int | str, letters: Iterable[Letter]) -> None:
    """Write letters about a quote's move (its number) or of a reminder in the transaction of what they tell.

    Of the same there is one to a person.
    """
    at, add = now(), (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(letter)
    common = {"quote_id": quote_id, "state": WAITING, "attempts": 0, "next_at": at, "created_at": at}
    rows = [{**vars(each), **common, "key": f"{quote_id}:{of}:{each.recipient}"} for each in letters]
    if rows:
        connection.execute(add.on_conflict_do_nothing(index_elements=["key"]), rows)


def claim(url: str) -> list[Claimed]:
    """Take what is to be sent now, the oldest first, so that nobody else does. Raises NotChangedError."""
    at = now()
    until, taken = at + CLAIMED, []
    query = (
        select(one.number, one.next_at).where(one.state == WAITING, one.next_at <= at).order_by(one.number)
    )
    columns = (one.recipient, one.subject, one.text, one.number, one.attempts)
    with transaction(url) as connection:
        for number, next_at in connection.execute(query.limit(MOST)).all():
            mine = (one.number == number, one.state == WAITING, one.next_at == next_at)
            take = update(letter).where(*mine).values(next_at=until).returning(*columns)
            taken += [Claimed(**row, until=until) for row in connection.execute(take).mappings()]
    return taken


def settle(url: str, sent: Claimed, trouble: str | None) -> None:
    """Write down that a letter was handed over, or why not: then it is tried later, and in the end no more.

    Raises NotChangedError.
    """
    tries, at = sent.attempts + 1, now()
    state = SENT if trouble is None else DEAD if tries >= TRIES else WAITING
    wait = min(FIRST_WAIT * 2 ** min(sent.attempts, 20), LONGEST_WAIT)
    values = {"state": state, "error": trouble, "attempts": tries, "next_at": at + wait}
    with transaction(url) as connection:
        mine = (one.number == sent.number, one.state == WAITING, one.next_at == sent.until)
        settled = {} if state == WAITING else {"settled_at": at}
        changed = connection.execute(update(letter).where(*mine).values(**values, **settled)).rowcount
        if changed and (state != WAITING or sent.attempts == 0):
            publish(connection, "letter")


def of_quote(source: str | Engine, quote_id: str, since: datetime) -> Sequence[Told]:
    """The letters about a quote that were written since an instant. Raises NotChangedError."""
    at = func.coalesce(one.settled_at, one.created_at).label("at")
    query = select(one.recipient, one.state, at, one.error).where(
        one.quote_id == quote_id, one.created_at >= since
    )
    with reading(source, UNREAD) as connection:
        return [Told(**row) for row in connection.execute(query.order_by(one.number)).mappings()]

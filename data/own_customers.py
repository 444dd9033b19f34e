"""What somebody sees who may not see all: views before the tables, in their connection.

Each table of the database is hidden behind a temporary view of its name, which has the rows of the customers
of one account manager and no others, without fields that are not for the person (data.hidden_fields); every
query of the connection then reads the view, whatever it asks for
(sqlite.org/lang_naming.html; postgresql.org/docs/current/runtime-config-client.html, search_path). What is
kept as a total of everybody is theirs alone there. What has no rule here is not shown.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Dialect,
    Engine,
    Select,
    Table,
    and_,
    case,
    cast,
    event,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from data import hidden_fields
from data.database import open_engine
from data.rollups.storing import EVERYBODY, MEASURES
from data.sign_in_settings import Own
from data.tables import (
    addons,
    application,
    currencies,
    customers,
    due,
    findings,
    ledger,
    metadata,
    mirror,
    offers,
    operations,
    quotes,
    renewals,
    search,
)

Rows = Select[Any] | CompoundSelect[Any]
Rule = Callable[[Own], Rows]
"""The rows of a table that somebody sees."""

PUBLIC = frozenset(
    {
        currencies.exchange_rate,
        mirror.coupon,
        mirror.price,
        mirror.product,
        operations.data_version,
        operations.resource_state,
        operations.sync_run,
        operations.sync_state,
        search.search_variant,
    }
)
"""Tables that are about no customer; search_variant holds words of which search_term says whose they are."""

WHOLE = frozenset({ledger.timeline, ledger.movement, due.contract_due, due.renewal_due, due.renewal_past})
"""Tables that are mostly read from end to end: a list of the customers, made once, is quicker there."""


def open_limited(url: str, own: Own | None, hidden: frozenset[str] = frozenset()) -> Engine:
    """A read-only engine that shows somebody's customers (None: all), without hidden fields.

    Its execution option "hidden" names these, "limited" says whether rows are left out.
    """
    engine = open_engine(url, read_only=True, pool_size=5 if own is None else 1)

    @event.listens_for(engine, "connect")
    def _hide(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in _statements(engine.dialect, cursor, own, hidden):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    engine.update_execution_options(hidden=hidden, limited=own is not None)
    return engine


def _statements(dialect: Dialect, cursor: Any, own: Own | None, hidden: frozenset[str]) -> Iterator[str]:
    """What makes the views. A read-only connection may make them, having been told that it writes."""
    if dialect.name == "sqlite":
        yield "pragma query_only = off"
        yield "pragma temp_store = memory"
        yield from views(dialect, "main", own, hidden)
        yield "pragma query_only = on"
    else:
        yield "set transaction read write"
        cursor.execute("select current_schema()")
        yield from views(dialect, cursor.fetchone()[0], own, hidden)


@lru_cache(maxsize=64)
def views(dialect: Dialect, schema: str, own: Own | None, hidden: frozenset[str]) -> tuple[str, ...]:
    """The statements that put views before the tables of a schema."""
    shown = {table: _shown(table, own, hidden, dialect.name) for table in metadata.sorted_tables}
    return tuple(
        f'create temporary view "{table.name}" as {_written(rows, dialect, schema)}'
        for table, rows in shown.items()
        if rows is not None
    )


def _shown(table: Table, own: Own | None, hidden: frozenset[str], dialect: str) -> Rows | None:
    """What is seen of a table; None: all of it."""
    rows = None if own is None else rule(table)(own)
    if not hidden or not hidden_fields.touches(table, hidden):
        return rows
    return hidden_fields.without(select(table) if rows is None else rows, table, hidden, dialect)


def _written(rows: Rows, dialect: Dialect, schema: str) -> str:
    """A query with its values in it, about the tables of a schema and not the views before them."""
    written = rows.compile(
        dialect=dialect,
        schema_translate_map={None: schema},
        render_schema_translate=True,
        compile_kwargs={"literal_binds": True},
    )
    return str(written)


@cache
def rule(table: Table) -> Rule:
    """Which rows of a table are shown: of itself, of its customer, or of the row that it belongs to."""
    if table in PUBLIC:
        return lambda _: select(table)
    if table in RULES:
        return RULES[table]
    if "audience_id" in table.c and table in MEASURES:
        return lambda own: _rolled_up(table, own)
    if "customer_id" in table.c:
        if table in WHOLE:
            return lambda own: select(table).where(table.c.customer_id.in_(customers_of(own)))
        return lambda own: select(table).where(_theirs(table.c.customer_id, own))
    parent = next((key for key in table.foreign_keys if _tells(key.column.table)), None)
    if parent is not None:
        return lambda own: _through(parent.parent, parent.column, own)
    return hidden(table)


def _tells(table: Table) -> bool:
    """Whether the rows of a table are somebody's."""
    return table not in PUBLIC and rule(table) is not hidden(table)


@cache
def hidden(table: Table) -> Rule:
    """Nothing of a table."""
    return lambda _: select(table).where(false())


def _is(column: ColumnElement[Any], own: Own) -> ColumnElement[bool]:
    return func.lower(func.trim(column)) == func.lower(func.trim(literal(own.manager)))


def customers_of(own: Own) -> Select[Any]:
    """The Stripe customers of an account manager: those whose audience has that name."""
    mine = select(ledger.audience.c.id).where(_is(ledger.audience.c.account_manager, own))
    belonging = ledger.customer_audience.c
    return select(belonging.customer_id).where(belonging.audience_id.in_(mine))


def _theirs(customer: ColumnElement[Any], own: Own) -> ColumnElement[bool]:
    """Whether a customer is the account manager's: looked up row by row, since lists are read in their order
    and end early, where SQLite would make a list of all of the manager's customers first.
    """
    mine = select(ledger.audience.c.id).where(_is(ledger.audience.c.account_manager, own))
    belonging = ledger.customer_audience.alias("belonging").c  # the view may be of this very table
    return exists().where(belonging.customer_id == customer, belonging.audience_id.in_(mine))


def _account_is(key: ColumnElement[Any], own: Own) -> ColumnElement[bool]:
    """Whether an account is, in the same way."""
    account = application.account.alias("their_account").c
    alone = and_(account.stripe_customer_id.is_(None), _is(account.account_manager, own))
    return exists().where(account.account_id == key, or_(_theirs(account.stripe_customer_id, own), alone))


def _through(column: ColumnElement[Any], key: ColumnElement[Any], own: Own) -> Select[Any]:
    """Rows that belong to rows of another table that are shown."""
    shown = rule(key.table)(own).subquery()
    table: Any = column.table
    return select(table).where(exists().where(shown.c[key.name] == column))


def _rolled_up(table: Table, own: Own) -> CompoundSelect[Any]:
    """The rows of the manager's audiences, and their sums in place of those of everybody."""
    mine = table.c.audience_id.in_(
        select(ledger.audience.c.id).where(_is(ledger.audience.c.account_manager, own))
    )
    measures = MEASURES[table]
    keys = [column for column in table.c if column.name not in (*measures, "audience_id")]
    columns = [
        literal(EVERYBODY).label("audience_id")
        if column.name == "audience_id"
        else cast(func.sum(column), column.type).label(column.name)
        if column.name in measures
        else column
        for column in table.c
    ]
    return union_all(select(table).where(mine), select(*columns).where(mine).group_by(*keys))


def _parts(table: Table, column: str, of: Table) -> Rule:
    """Rows whose column names a row of another table that is shown."""
    return lambda own: _through(table.c[column], of.c.id, own)


def _kinds(table: Table) -> Rule:
    """Rows about customers or accounts, as their kind says."""

    def rows(own: Own) -> Rows:
        is_theirs = case(
            (table.c.kind == "customer", _theirs(table.c.id, own)),
            (table.c.kind == "account", _account_is(table.c.id, own)),
            else_=false(),
        )
        return select(table).where(is_theirs)

    return rows


def _events(own: Own) -> Rows:
    """Events of the customers and what is theirs; of the oldest of all that there was one, and when."""
    table = mirror.event
    theirs = customers_of(own)
    owning = (mirror.subscription, mirror.invoice)
    objects = [theirs, *(select(each.c.id).where(each.c.customer_id.in_(theirs)) for each in owning)]
    oldest = select(table).order_by(table.c.created_at).limit(1).subquery().c
    bare = (
        oldest[name] if name in ("id", "created_at", "observed_at") else cast(null(), column.type).label(name)
        for name, column in table.c.items()
    )
    mine = union_all(*objects)
    other = func.coalesce(oldest.object_id, "").not_in(mine)
    return union_all(select(table).where(table.c.object_id.in_(mine)), select(*bare).where(other))


def _findings(own: Own) -> Rows:
    table = findings.finding
    return select(table).where(or_(_theirs(table.c.customer_id, own), _account_is(table.c.account_id, own)))


def quotes_of(own: Own) -> Select[Any]:
    """The quotes that are for one of the customers now, or for nobody yet and begun by oneself."""
    quote, version = quotes.sales_quote.c, quotes.sales_quote_version.c
    customer = func.coalesce(version.fields["customer_id"].as_string(), "")
    newest = and_(version.quote_id == quote.id, version.version == quote.version)
    ours = and_(customer == "", func.lower(quote.created_by).in_([each.lower() for each in own.people]))
    shown = or_(customer.in_(customers_of(own)), ours)
    return select(quote.id).join(quotes.sales_quote_version, newest).where(shown)


def _quotes(own: Own) -> Rows:
    return select(quotes.sales_quote).where(quotes.sales_quote.c.id.in_(quotes_of(own)))


def _audience(own: Own) -> Rows:
    return select(ledger.audience).where(_is(ledger.audience.c.account_manager, own))


def _belonging(own: Own) -> Rows:
    mine = select(ledger.audience.c.id).where(_is(ledger.audience.c.account_manager, own))
    return select(ledger.customer_audience).where(ledger.customer_audience.c.audience_id.in_(mine))


def _account(own: Own) -> Rows:
    account = application.account.c
    alone = and_(account.stripe_customer_id.is_(None), _is(account.account_manager, own))
    return select(application.account).where(or_(_theirs(account.stripe_customer_id, own), alone))


def _of_account(table: Table) -> Rule:
    return lambda own: select(table).where(_account_is(table.c.account_id, own))


def _customer(own: Own) -> Rows:
    return select(mirror.customer).where(_theirs(mirror.customer.c.id, own))


def _notes(own: Own) -> Rows:
    table = customers.customer_note
    return select(table).where(or_(_theirs(table.c.owner_id, own), _account_is(table.c.owner_id, own)))


RULES: Mapping[Table, Rule] = {
    ledger.audience: _audience,
    ledger.customer_audience: _belonging,
    mirror.customer: _customer,
    mirror.event: _events,
    mirror.invoice_line: _parts(mirror.invoice_line, "invoice_id", mirror.invoice),
    mirror.invoice_payment: _parts(mirror.invoice_payment, "invoice_id", mirror.invoice),
    mirror.refund: _parts(mirror.refund, "charge_id", mirror.charge),
    mirror.subscription_item: _parts(mirror.subscription_item, "subscription_id", mirror.subscription),
    mirror.promotion_code: lambda own: select(mirror.promotion_code).where(
        or_(
            mirror.promotion_code.c.customer_id.is_(None),
            mirror.promotion_code.c.customer_id.in_(customers_of(own)),
        )
    ),
    application.account: _account,
    application.account_use: _of_account(application.account_use),
    application.account_addon: _of_account(application.account_addon),
    customers.customer_note: _notes,
    customers.customer_standing: _kinds(customers.customer_standing),
    search.search_owner: _kinds(search.search_owner),
    search.search_term: _kinds(search.search_term),
    findings.finding: _findings,
    findings.finding_note: lambda own: _through(
        findings.finding_note.c.finding, findings.finding.c.finding, own
    ),
    renewals.renewal_note: _parts(renewals.renewal_note, "subscription_id", mirror.subscription),
    quotes.sales_quote: _quotes,
    offers.quote_document: _parts(offers.quote_document, "offer_id", offers.quote_offer),
    offers.quote_link: _parts(offers.quote_link, "offer_id", offers.quote_offer),
    addons.addon_event: _parts(addons.addon_event, "setup_id", addons.addon_setup),
}
"""Tables whose rows say otherwise whose they are."""

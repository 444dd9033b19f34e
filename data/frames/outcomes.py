"""What became of renewals that fell due: run rate before and after, from the ledger's timeline.

Due dates of the past are the ends of periods that were invoiced, and the ends of contracts. Inside a contract
no period end is a due date.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, or_, select

from data import contracts
from data.clock import from_epoch
from data.frames.reading import INSTANT, made, read
from data.frames.renewals import contract_end
from data.frames.settled import NEVER, Due, Flags, Held, Ints, joined, micros, own, with_successors
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger, mirror

invoice, line, price = mirror.invoice.c, mirror.invoice_line.c, mirror.price.c
schedule, quote, subscription = mirror.subscription_schedule.c, mirror.quote.c, mirror.subscription.c
segment = ledger.timeline.c

BILLED = ("open", "paid", "uncollectible")
WINDOW = timedelta(days=30)
"""The outcome is what happened within this time of the due date, and inside the periods around it."""
SLACK = timedelta(days=1)
DAY = SLACK // timedelta(microseconds=1)


def outcomes(engine: Engine, since: datetime, now: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Renewals that fell due from since until now (exclusive), the latest first.

    subscription_id, customer_id, customer_name, currency, interval, due_at, governs, product_ids (joined by
    "|"), before, after (run rate a year, minor units), settled_at: before is that of at most 30 days before,
    after that of settled_at, at most 30 days later; where this is still to come, that of now. What a customer
    took up instead in another subscription counts as after. Left out: what held nothing before.
    """
    lines = _lines(engine, since, now, audiences)
    holders = _subscriptions(engine, audiences)
    with engine.connect() as connection:
        terms = _contracts(connection, now)
    due = _due(
        _placed(lines, _intervals(engine), holders),
        terms.assign(subscription=holders.index.get_indexer(pd.Index(terms["subscription_id"]))),
        now,
    )
    return _measured(due, holders, _held(engine, since - WINDOW), now)


def _lines(engine: Engine, since: datetime, now: datetime, audiences: Audiences) -> pd.DataFrame:
    """Periods that were invoiced: subscription_id, subscription_item_id, price_id, begun_at, due_at."""
    # Few are neither open nor paid: looking each line's invoice up costs five times as much.
    unbilled = select(invoice.id).where(or_(invoice.status.is_(None), invoice.status.not_in(BILLED)))
    query = (
        select(
            line.subscription_id,
            line.subscription_item_id,
            line.price_id,
            line.period_start.label("begun_at"),
            line.period_end.label("due_at"),
        )
        .where(line.period_end >= since, line.period_start < now, line.deleted_at.is_(None))
        .where(or_(line.proration.is_(None), line.proration.is_(False)), line.period_end > line.period_start)
        .where(line.invoice_id.not_in(unbilled))
    )
    if audiences is not None:
        theirs = select(subscription.id).where(of_audiences(subscription.customer_id, audiences))
        query = query.where(line.subscription_id.in_(theirs))
    return read(engine, query)


def _intervals(engine: Engine) -> "pd.Series[str]":
    """The interval in which each price of a committed amount is billed, by its id."""
    query = select(price.id, price.recurring_interval, price.recurring_interval_count)
    rows = read(
        engine, query.where(price.recurring_interval.is_not(None), price.recurring_usage_type != "metered")
    )
    count = rows["recurring_interval_count"].fillna(1).astype(str)
    texts = count.str.cat(rows["recurring_interval"]).astype("string")
    return texts.set_axis(pd.Index(rows["id"]))


def _subscriptions(engine: Engine, audiences: Audiences) -> pd.DataFrame:
    """customer_id, customer_name and currency by the id of the subscription, in order of the ids."""
    query = (
        select(
            subscription.id,
            subscription.customer_id,
            mirror.customer.c.name.label("customer_name"),
            subscription.currency,
        )
        .join(mirror.customer, mirror.customer.c.id == subscription.customer_id, isouter=True)
        .where(of_audiences(subscription.customer_id, audiences))
    )
    return read(engine, query).set_index("id").sort_index()


def _placed(lines: pd.DataFrame, intervals: "pd.Series[str]", holders: pd.DataFrame) -> pd.DataFrame:
    """Lines of recurring items of known subscriptions; subscription and item are whole numbers."""
    names = pd.Categorical(intervals).categories
    by_price = pd.Categorical(intervals).codes.astype("int64")
    price_place = _places(lines["price_id"], pd.Index(intervals.index))
    holder = _places(lines["subscription_id"], holders.index)
    good = (price_place >= 0) & (holder >= 0)
    return pd.DataFrame(
        {
            "subscription": holder[good],
            "item": pd.factorize(lines["subscription_item_id"])[0][good],
            "interval": pd.Categorical.from_codes(by_price[price_place[good]], names),
            "begun_at": lines["begun_at"][good].array,
            "due_at": lines["due_at"][good].array,
        }
    )


def _places(names: "pd.Series[str]", among: "pd.Index[str]") -> Ints:
    """The place of each name among others; -1 where it is none of them."""
    codes, distinct = pd.factorize(names)
    places = among.get_indexer(pd.Index(distinct))
    return np.where(codes < 0, -1, places[codes] if len(places) else -1).astype("int64")


def _contracts(connection: Connection, now: datetime) -> pd.DataFrame:
    """Terms of contracts, running and over: subscription_id, begun_at, due_at, governs."""
    rows = [*_by_schedule(connection), *_by_quote(connection, now)]
    dtypes = {"subscription_id": "string", "begun_at": INSTANT, "due_at": INSTANT, "governs": "string"}
    return made(rows, dtypes).dropna().reset_index(drop=True)


def _by_schedule(connection: Connection) -> Iterable[tuple[Any, ...]]:
    query = select(
        schedule.subscription_id,
        schedule.released_subscription_id,
        schedule.end_behavior,
        schedule.phases,
        schedule.released_at,
    ).where(schedule.status.in_(("active", "completed", "released")))
    for row in connection.execute(query):
        end = contract_end(row.end_behavior, row.phases)
        if end is not None and (row.released_at is None or row.released_at > end - SLACK):
            name = row.subscription_id or row.released_subscription_id
            yield name, from_epoch(row.phases[0].get("start")), end, "schedule"


def _by_quote(connection: Connection, now: datetime) -> Iterable[tuple[Any, ...]]:
    """Each term of an accepted quote, one after the other where it renews itself."""
    query = (
        select(quote.subscription_id, quote.metadata, quote.accepted_at, subscription.start_at)
        .add_columns(subscription.metadata.label("said"))
        .join(mirror.subscription, subscription.id == quote.subscription_id)
        .where(quote.status == "accepted")
    )
    for row in connection.execute(query):
        agreed = contracts.terms(row.metadata).or_else(contracts.terms(row.said))
        begun = agreed.start or max(filter(None, (row.accepted_at, row.start_at)), default=None)
        if agreed.months is None or begun is None:
            continue
        running = contracts.Terms(agreed.months, auto_renews=agreed.auto_renews).end(begun, now)
        start = begun
        for number in range(1, contracts.LONGEST):
            end = contracts.add_months(begun, number * agreed.months)
            yield row.subscription_id, start, end, "quote"
            if running is None or end >= running:
                break
            start = end


def _due(lines: pd.DataFrame, terms: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Due dates before now, a row for each subscription, interval and instant, in the order in which these
    began; a period inside a contract is none.
    """
    lines = lines.loc[~_superseded(lines) & (lines["due_at"] < now).to_numpy()]
    place, interval = lines["subscription"].to_numpy(), lines["interval"].cat.codes.to_numpy()
    begun, ended = micros(lines["begun_at"]), micros(lines["due_at"])
    order = np.lexsort((begun, ended, interval, place))
    same = [np.diff(each[order]) == 0 for each in (place, interval, ended)]
    first = np.concatenate([np.ones(min(1, len(order)), bool), ~np.logical_and.reduce(same)])
    kept = order[first]
    lines = lines.iloc[kept[np.argsort(begun[kept], kind="stable")]].reset_index(drop=True)
    governs = np.full(len(lines), "period", dtype=object)
    bound = lines.loc[lines["subscription"].isin(terms["subscription"])]
    inside = bound.reset_index().merge(terms, on="subscription", suffixes=("", "_term"))
    covered = (inside["due_at"] > inside["begun_at_term"]) & (
        inside["due_at"] < inside["due_at_term"] - SLACK
    )
    ends = abs(inside["due_at"] - inside["due_at_term"]) <= SLACK
    governs[inside.loc[ends, "index"]] = inside.loc[ends, "governs"]
    lines["governs"] = pd.Series(governs, dtype="string")
    return lines.loc[~lines.index.isin(inside.loc[covered, "index"])].reset_index(drop=True)


def _superseded(lines: pd.DataFrame) -> Flags:
    """Periods in which the same item began another one: it never ended as it was meant to."""
    item, begun, ended = lines["item"].to_numpy(), micros(lines["begun_at"]), micros(lines["due_at"])
    order = np.lexsort((ended, begun, item))
    this, following = order[:-1], order[1:]
    found = np.zeros(len(lines), bool)
    found[this] = (
        (item[this] == item[following])
        & (item[this] >= 0)
        & (begun[following] > begun[this])
        & (begun[following] < ended[this] - DAY)
    )
    return found


def _held(engine: Engine, since: datetime) -> pd.DataFrame:
    """What was held from an instant on."""
    query = select(
        segment.customer_id,
        segment.subscription_id,
        segment.product_id,
        segment.currency,
        segment.arr,
        segment.from_at,
        segment.to_at,
    ).where(segment.counted, segment.arr > 0, or_(segment.to_at.is_(None), segment.to_at > since))
    return read(engine, query.order_by(segment.id))


def _measured(due: pd.DataFrame, holders: pd.DataFrame, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The run rate before and after each due date; see `outcomes`."""
    earliest, latest = due["due_at"] - WINDOW, due["due_at"] + WINDOW
    following = _following(due)
    settled = latest.where(latest < following, following) - timedelta(seconds=1)
    groups = _Groups(holders)
    place = due["subscription"].to_numpy()
    wanted = Due(
        groups.of(holders["customer_id"], holders["currency"])[place],
        place,
        micros(earliest.where(earliest > due["begun_at"], due["begun_at"])),
        micros(settled.where(settled < now, pd.Timestamp(now))),
    )
    products, names = pd.factorize(rows["product_id"])
    held = Held(
        groups.of(rows["customer_id"], rows["currency"]),
        _named(rows["subscription_id"], holders.index),
        products,
        rows["arr"].to_numpy("int64"),
        micros(rows["from_at"]),
        np.where(rows["to_at"].isna(), NEVER, micros(rows["to_at"])),
    )
    held = held.take(held.group >= 0)
    before, after, found = own(wanted, held)
    frame = pd.DataFrame({name: holders[name].array.take(place) for name in holders})
    frame = frame.assign(
        interval=due["interval"].astype("string"),
        due_at=due["due_at"],
        governs=due["governs"],
        product_ids=joined(found, list(names), len(due)),
        before=pd.array(before, "Int64"),
        after=pd.array(with_successors(wanted, held, before, after), "Int64"),
        settled_at=settled,
    )
    frame.insert(0, "subscription_id", holders.index.array.take(place))
    order = np.lexsort((due["interval"].cat.codes, place, -micros(due["due_at"])))
    return frame.iloc[order[before[order] > 0]].reset_index(drop=True)


class _Groups:
    """A whole number for each customer and currency of some subscriptions."""

    def __init__(self, holders: pd.DataFrame) -> None:
        self._customers = pd.Index(holders["customer_id"].dropna().unique())
        self._currencies = pd.Index(holders["currency"].dropna().unique())

    def of(self, customers: "pd.Series[str]", currencies: "pd.Series[str]") -> Ints:
        """The number of each customer in each currency; -1 for what is not among them."""
        customer, currency = _places(customers, self._customers), _places(currencies, self._currencies)
        number = customer * len(self._currencies) + currency
        return np.where((customer < 0) | (currency < 0), -1, number)


def _named(names: "pd.Series[str]", among: "pd.Index[str]") -> Ints:
    """As _places, but what is none of them is counted on after them."""
    places = _places(names, among)
    return np.where(places < 0, len(among) + 1 + pd.factorize(names)[0], places)


def _following(due: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """When the period after each due date ends in its turn."""
    ends = pd.Series(pd.NaT, index=due.index, dtype=INSTANT)
    for interval, rows in due.groupby("interval", observed=True):
        unit = str(interval).lstrip("0123456789")
        count = int(str(interval).removesuffix(unit) or 1)
        step: dict[str, Any] = {f"{unit}s": count}
        ends.loc[rows.index] = rows["due_at"] + pd.DateOffset(**step)
    return ends

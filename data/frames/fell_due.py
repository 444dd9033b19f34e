"""What became of renewals that fell due, worked out: run rate before and after, from the ledger's timeline.

Due dates of the past are the ends of periods that were invoiced, and the ends of contracts. Inside a contract
no period end is a due date.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, or_, select, true

from data import contracts
from data.clock import from_epoch
from data.frames.reading import INSTANT, made, read
from data.frames.renewals import contract_end
from data.frames.settled import NEVER, Due, Flags, Held, Ints, joined, micros, own, with_successors
from data.tables import ledger, mirror
from data.valuation import PER_YEAR

invoice, line, price = mirror.invoice.c, mirror.invoice_line.c, mirror.price.c
schedule, quote, subscription = mirror.subscription_schedule.c, mirror.quote.c, mirror.subscription.c
segment = ledger.timeline.c

BILLED = ("open", "paid", "uncollectible")
WINDOW = timedelta(days=30)
"""The outcome is what happened within this time of the due date, and inside the periods around it."""
SLACK = timedelta(days=1)
DAY = SLACK // timedelta(microseconds=1)
Whose = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""The condition on a customer's id that says of whom."""


def everybody(customer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """No condition."""
    return true()


def worked_out(connection: Connection, now: datetime, whose: Whose = everybody) -> pd.DataFrame:
    """Renewals of some customers that fell due before now, the latest first, and those still to come.

    subscription_id, customer_id, currency, interval, due_at, governs, product_ids (joined by "|"), before,
    after (run rate a year, minor units), settled_at: before is that of at most 30 days before, after that of
    settled_at, at most 30 days later; where this is still to come, that of now. What a customer took up
    instead in another subscription counts as after. Left out: what held nothing before. What is still to
    come has subscription_id, customer_id and due_at alone.
    """
    holders = _subscriptions(connection, whose)
    lines = _placed(_lines(connection, whose), _intervals(connection), holders)
    terms = _contracts(connection, now, whose)
    due = _due(
        lines, terms.assign(subscription=holders.index.get_indexer(pd.Index(terms["subscription_id"]))), now
    )
    fell = _measured(due, holders, _held(connection, whose), now)
    coming = lines.loc[lines["due_at"] >= now, ["subscription", "due_at"]].drop_duplicates()
    ahead = (
        fell.iloc[:0]
        .reindex(range(len(coming)))
        .assign(
            subscription_id=holders.index.array.take(coming["subscription"]),
            customer_id=holders["customer_id"].array.take(coming["subscription"]),
            due_at=coming["due_at"].array,
        )
    )
    return pd.concat([each for each in (fell, ahead) if len(each)] or [fell], ignore_index=True)


def _lines(connection: Connection, whose: Whose) -> pd.DataFrame:
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
        .where(line.subscription_id.in_(_ids(whose)), line.deleted_at.is_(None))
        .where(or_(line.proration.is_(None), line.proration.is_(False)), line.period_end > line.period_start)
        .where(line.invoice_id.not_in(unbilled.where(whose(invoice.customer_id))))
    )
    return read(connection, query)


def _ids(whose: Whose) -> Select[Any]:
    return select(subscription.id).where(whose(subscription.customer_id))


def _intervals(connection: Connection) -> "pd.Series[str]":
    """The interval in which each price of a committed amount is billed, by its id."""
    query = select(price.id, price.recurring_interval, price.recurring_interval_count)
    rows = read(
        connection,
        query.where(price.recurring_interval.is_not(None), price.recurring_usage_type != "metered"),
    )
    count = rows["recurring_interval_count"].fillna(1).astype(str)
    texts = count.str.cat(rows["recurring_interval"]).astype("string")
    return texts.set_axis(pd.Index(rows["id"]))


def _subscriptions(connection: Connection, whose: Whose) -> pd.DataFrame:
    """customer_id and currency by the id of the subscription, in order of the ids."""
    columns = (subscription.id, subscription.customer_id, subscription.currency)
    return (
        read(connection, select(*columns).where(whose(subscription.customer_id))).set_index("id").sort_index()
    )


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


def _contracts(connection: Connection, now: datetime, whose: Whose) -> pd.DataFrame:
    """Terms of contracts, running and over: subscription_id, begun_at, due_at, governs."""
    rows = [*_by_schedule(connection, whose), *_by_quote(connection, now, whose)]
    dtypes = {"subscription_id": "string", "begun_at": INSTANT, "due_at": INSTANT, "governs": "string"}
    return made(rows, dtypes).dropna().reset_index(drop=True)


def _by_schedule(connection: Connection, whose: Whose) -> Iterable[tuple[Any, ...]]:
    query = select(
        schedule.subscription_id,
        schedule.released_subscription_id,
        schedule.end_behavior,
        schedule.phases,
        schedule.released_at,
    ).where(schedule.status.in_(("active", "completed", "released")))
    named = (schedule.subscription_id, schedule.released_subscription_id)
    query = query.where(or_(*(column.in_(_ids(whose)) for column in named)))
    for row in connection.execute(query):
        end = contract_end(row.end_behavior, row.phases)
        if end is not None and (row.released_at is None or row.released_at > end - SLACK):
            name = row.subscription_id or row.released_subscription_id
            yield name, from_epoch(row.phases[0].get("start")), end, "schedule"


def _by_quote(connection: Connection, now: datetime, whose: Whose) -> Iterable[tuple[Any, ...]]:
    """Each term of an accepted quote, one after the other where it renews itself."""
    query = (
        select(quote.subscription_id, quote.metadata, quote.accepted_at, subscription.start_at)
        .add_columns(subscription.metadata.label("said"))
        .join(mirror.subscription, subscription.id == quote.subscription_id)
        .where(quote.status == "accepted", whose(subscription.customer_id))
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


def _held(connection: Connection, whose: Whose) -> pd.DataFrame:
    """What was held."""
    query = select(
        segment.customer_id,
        segment.subscription_id,
        segment.product_id,
        segment.currency,
        segment.arr,
        segment.from_at,
        segment.to_at,
    ).where(segment.counted, segment.arr > 0, whose(segment.customer_id))
    return read(connection, query.order_by(segment.id))


def _measured(due: pd.DataFrame, holders: pd.DataFrame, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The run rate before and after each due date; see `outcomes`."""
    earliest, latest = due["due_at"] - WINDOW, due["due_at"] + WINDOW
    following = _following(due)
    settled = latest.where(following.isna() | (latest < following), following) - timedelta(seconds=1)
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
    """When the period after each due date ends in its turn; NaT for an interval that nobody knows."""
    ends = pd.Series(pd.NaT, index=due.index, dtype=INSTANT)
    for interval, rows in due.groupby("interval", observed=True):
        unit = str(interval).lstrip("0123456789")
        if unit not in PER_YEAR:
            continue
        count = int(str(interval).removesuffix(unit) or 1)
        step: dict[str, Any] = {f"{unit}s": count}
        ends.loc[rows.index] = rows["due_at"] + pd.DateOffset(**step)
    return ends

"""What became of renewals that fell due: run rate before and after, from the ledger's timeline.

Due dates of the past are the ends of periods that were invoiced, and the ends of contracts. Inside a contract
no period end is a due date.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, or_, select

from data import contracts
from data.clock import from_epoch
from data.frames.reading import INSTANT, made, read
from data.frames.renewals import contract_end
from data.frames.shared import Audiences, of_audiences
from data.tables import ledger, mirror

invoice, line, price = mirror.invoice.c, mirror.invoice_line.c, mirror.price.c
schedule, quote, subscription = mirror.subscription_schedule.c, mirror.quote.c, mirror.subscription.c
segment = ledger.timeline.c

WINDOW = timedelta(days=30)
"""The outcome is what happened within this time of the due date, and inside the periods around it."""
SLACK = timedelta(days=1)
COLUMNS = [
    "subscription_id",
    "customer_id",
    "customer_name",
    "currency",
    "interval",
    "due_at",
    "begun_at",
    "governs",
]


def outcomes(engine: Engine, since: datetime, now: datetime, *, audiences: Audiences = None) -> pd.DataFrame:
    """Renewals that fell due from since until now (exclusive), the latest first.

    subscription_id, customer_id, customer_name, currency, interval, due_at, governs, product_ids (joined by
    "|"), before, after (run rate a year, minor units), settled_at: before is that of at most 30 days before,
    after that of settled_at, at most 30 days later; where this is still to come, that of now. What a customer
    took up instead in another subscription counts as after. Left out: what held nothing before.
    """
    lines = _lines(engine, since, now, audiences)
    with engine.connect() as connection:
        terms = _contracts(connection, now)
    due = _due(lines, terms, since, now)
    held = _held(engine, due, since - WINDOW)
    return _measured(due, held, now)


def _lines(engine: Engine, since: datetime, now: datetime, audiences: Audiences) -> pd.DataFrame:
    """Invoiced periods of recurring items that ended, with the interval they were billed in."""
    query = (
        select(
            line.subscription_id,
            line.subscription_item_id,
            subscription.customer_id,
            mirror.customer.c.name.label("customer_name"),
            subscription.currency,
            price.recurring_interval,
            price.recurring_interval_count,
            line.period_start.label("begun_at"),
            line.period_end.label("due_at"),
        )
        .join(mirror.invoice, invoice.id == line.invoice_id)
        .join(mirror.price, price.id == line.price_id)
        .join(mirror.subscription, subscription.id == line.subscription_id)
        .join(mirror.customer, mirror.customer.c.id == subscription.customer_id, isouter=True)
        .where(line.period_end >= since, line.period_end < now, line.deleted_at.is_(None))
        .where(or_(line.proration.is_(None), line.proration.is_(False)), line.period_end > line.period_start)
        .where(invoice.status.in_(("open", "paid", "uncollectible")))
        .where(price.recurring_interval.is_not(None), price.recurring_usage_type != "metered")
        .where(of_audiences(subscription.customer_id, audiences))
    )
    rows = read(engine, query)
    count = rows["recurring_interval_count"].fillna(1).astype(str)
    rows["interval"] = count.str.cat(rows["recurring_interval"]).astype("string")
    return rows


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


def _due(lines: pd.DataFrame, terms: pd.DataFrame, since: datetime, now: datetime) -> pd.DataFrame:
    """Due dates, a row for each subscription, interval and instant; a period inside a contract is none."""
    lines = lines.loc[~_superseded(lines)]
    lines = lines.sort_values("begun_at").drop_duplicates(["subscription_id", "interval", "due_at"])
    inside = lines.reset_index().merge(terms, on="subscription_id", suffixes=("", "_term"))
    covered = (inside["due_at"] > inside["begun_at_term"]) & (
        inside["due_at"] < inside["due_at_term"] - SLACK
    )
    ends = abs(inside["due_at"] - inside["due_at_term"]) <= SLACK
    governs = pd.Series("period", index=lines.index, dtype="string")
    governs.loc[inside.loc[ends, "index"]] = inside.loc[ends, "governs"].to_numpy()
    frame = lines.assign(governs=governs)
    frame = frame.loc[~frame.index.isin(inside.loc[covered, "index"]), COLUMNS]
    return frame.reset_index(drop=True)


def _superseded(lines: pd.DataFrame) -> "pd.Series[bool]":
    """Periods in which the same item began another one: it never ended as it was meant to."""
    ordered = lines.sort_values(["subscription_item_id", "begun_at", "due_at"])
    following = ordered.groupby("subscription_item_id")["begun_at"].shift(-1)
    cut = (following > ordered["begun_at"]) & (following < ordered["due_at"] - SLACK)
    return cut.reindex(lines.index).fillna(False).astype(bool)


def _held(engine: Engine, due: pd.DataFrame, since: datetime) -> pd.DataFrame:
    """What the customers of these renewals held from an instant on."""
    query = select(
        segment.customer_id,
        segment.subscription_id.label("holder"),
        segment.product_id,
        segment.currency,
        segment.arr,
        segment.from_at,
        segment.to_at,
    ).where(segment.counted, segment.arr > 0, or_(segment.to_at.is_(None), segment.to_at > since))
    rows = read(engine, query.order_by(segment.id))
    rows = rows.loc[rows["customer_id"].isin(set(due["customer_id"]))]
    return rows.assign(to_at=rows["to_at"].fillna(pd.Timestamp.max.floor("us").tz_localize("UTC")))


def _measured(due: pd.DataFrame, held: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The run rate before and after each due date; see `outcomes`."""
    earliest, latest = due["due_at"] - WINDOW, due["due_at"] + WINDOW
    following = _following(due)
    due = due.assign(
        place=range(len(due)),
        first_at=earliest.where(earliest > due["begun_at"], due["begun_at"]),
        settled_at=latest.where(latest < following, following) - timedelta(seconds=1),
    )
    seen_at = due["settled_at"].where(due["settled_at"] < now, now)
    pairs = due.assign(seen_at=seen_at).merge(held, on=["customer_id", "currency"])
    own = pairs["holder"] == pairs["subscription_id"]
    then = (pairs["from_at"] <= pairs["first_at"]) & (pairs["to_at"] > pairs["first_at"])
    later = (pairs["from_at"] <= pairs["seen_at"]) & (pairs["to_at"] > pairs["seen_at"])
    before = pairs.loc[own & then].groupby("place")["arr"].sum()
    after = pairs.loc[own & later].groupby("place")["arr"].sum()
    products = _joined(pairs.loc[own & then, ["place", "product_id"]])
    others = pairs.loc[~own].assign(then=then, later=later)
    frame = due.assign(
        before=due["place"].map(before).fillna(0).astype("Int64"),
        after=due["place"].map(after).fillna(0).astype("Int64"),
        product_ids=due["place"].map(products).astype("string"),
    )
    frame = frame.loc[frame["before"] > 0]
    frame["after"] = _with_successors(frame, others)
    order = ["due_at", "subscription_id", "interval"]
    return frame.sort_values(order, ascending=[False, True, True], ignore_index=True)[
        [*COLUMNS[:6], "governs", "product_ids", "before", "after", "settled_at"]
    ]


def _joined(held: pd.DataFrame) -> dict[int, str]:
    """The products of each place, each once, joined by "|"."""
    found: dict[int, dict[str, None]] = {}
    for place, product in zip(held["place"].tolist(), held["product_id"].tolist(), strict=True):
        if isinstance(product, str):
            found.setdefault(place, {})[product] = None
    return {place: "|".join(names) for place, names in found.items()}


def _following(due: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """When the period after each due date ends in its turn."""
    ends = pd.Series(pd.NaT, index=due.index, dtype=INSTANT)
    for interval, rows in due.groupby("interval"):
        unit = str(interval).lstrip("0123456789")
        count = int(str(interval).removesuffix(unit) or 1)
        step: dict[str, Any] = {f"{unit}s": count}
        ends.loc[rows.index] = rows["due_at"] + pd.DateOffset(**step)
    return ends


def _with_successors(frame: pd.DataFrame, others: pd.DataFrame) -> "pd.Series[int]":
    """`after` with what another subscription of the customer, which began meanwhile, took over: at most
    as much as is missing, and by the first renewal that misses it.
    """
    after = {int(place): int(arr) for place, arr in zip(frame["place"], frame["after"], strict=True)}
    begun = others.groupby(["place", "holder"]).agg(then=("then", "any")).reset_index()
    fresh = others.loc[others["later"]].merge(
        begun.loc[~begun["then"], ["place", "holder"]], on=["place", "holder"]
    )
    left: dict[tuple[str, Any], int] = {}
    before = {int(place): int(arr) for place, arr in zip(frame["place"], frame["before"], strict=True)}
    for place in sorted(set(fresh["place"]) & set(before)):
        rows = fresh.loc[fresh["place"] == place]
        for holder, arr, begun_at in rows[["holder", "arr", "from_at"]].itertuples(index=False):
            key = (str(holder), begun_at)
            gap = before[place] - after[place]
            taken = max(0, min(gap, left.get(key, int(arr))))
            left[key] = left.get(key, int(arr)) - taken
            after[place] += taken
    return frame["place"].map(after).astype("Int64")
